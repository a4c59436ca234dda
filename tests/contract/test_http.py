"""Bytes, ranges, pictures, compression, redirects: what the relay has to carry."""
from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import FinampLike
from tests.support.http import send

from .conftest import Server

Song = dict[str, Any]


@pytest.fixture
def path(songs: list[Song]) -> str:
    return f"/Audio/{songs[0]['Id']}/stream?static=true"


@pytest.fixture
def size(client: FinampLike, path: str) -> int:
    return int(client.send("HEAD", path).header("Content-Length") or 0)


def test_a_whole_file(client: FinampLike, path: str, size: int) -> None:
    answer = client.get(path)
    assert (answer.status, len(answer.body)) == (200, size)
    assert answer.header("Accept-Ranges") == "bytes"
    assert (answer.header("Content-Type") or "").startswith("audio/")
    assert answer.header("Content-Encoding") is None


@pytest.mark.parametrize("wanted, first, last", [("bytes=0-99", 0, 99), ("bytes=100-199", 100, 199),
                                                 ("bytes=-50", -50, -1), ("bytes=1000-", 1000, -1)])
def test_a_range(client: FinampLike, path: str, size: int, wanted: str, first: int, last: int) -> None:
    first, last = first % size, last % size
    for method in ("GET", "HEAD"):
        answer = client.send(method, path, headers={"Range": wanted})
        assert answer.status == 206
        assert answer.header("Content-Range") == f"bytes {first}-{last}/{size}"
        assert answer.header("Content-Length") == str(last - first + 1)


def test_a_range_is_a_part_of_the_whole(client: FinampLike, path: str) -> None:
    whole = client.get(path).body
    assert client.get(path, headers={"Range": "bytes=500-599"}).body == whole[500:600]


def test_a_range_past_the_end_is_416(client: FinampLike, path: str, size: int) -> None:
    answer = client.get(path, headers={"Range": f"bytes={size}-"})
    assert (answer.status, answer.header("Content-Range")) == (416, f"bytes */{size}")


def test_several_ranges_get_the_whole(client: FinampLike, path: str, size: int) -> None:
    answer = client.get(path, headers={"Range": "bytes=0-1,4-5"})
    assert (answer.status, len(answer.body)) == (200, size)


def test_if_range_with_the_date(client: FinampLike, path: str) -> None:
    date = client.send("HEAD", path).header("Last-Modified") or ""
    headers = {"Range": "bytes=0-9", "If-Range": date}
    assert client.get(path, headers=headers).status == 206
    headers["If-Range"] = "Mon, 01 Jan 1990 00:00:00 GMT"
    assert client.get(path, headers=headers).status == 200


def test_a_static_stream_needs_no_token(server: Server, path: str) -> None:
    assert send(server.url, "GET", path, headers={"Range": "bytes=0-9"}).status == 206


@pytest.mark.parametrize("form", ["/Audio/{}/universal", "/Items/{}/File", "/Items/{}/Download",
                                  "/Items/{}/PlaybackInfo", "/Items/{}"])
def test_everything_else_needs_one(server: Server, songs: list[Song], form: str) -> None:
    assert send(server.url, "GET", form.format(songs[0]["Id"])).status == 401


@pytest.mark.parametrize("form", ["/Audio/{}/universal?Container=opus,mp3,aac,m4a,flac,wav,ogg",
                                  "/Audio/{}/stream?static=true", "/Items/{}/File", "/Items/{}/Download"])
def test_the_ways_to_a_file_give_the_same(client: FinampLike, songs: list[Song], path: str, form: str) -> None:
    assert client.get(form.format(songs[0]["Id"])).body == client.get(path).body


def test_json_may_be_compressed_and_is_chunked(client: FinampLike) -> None:
    query = {"userId": client.user_id, "recursive": True, "includeItemTypes": "Audio"}
    answer = client.get("/Items", query, headers={"Accept-Encoding": "gzip"})
    assert answer.header("Content-Encoding") == "gzip"
    assert answer.header("Transfer-Encoding") == "chunked"
    assert "Accept-Encoding" in (answer.header("Vary") or "")
    plain = client.get("/Items", query, headers={"Accept-Encoding": "identity"})
    assert plain.header("Content-Encoding") is None
    assert plain.json() == answer.json()


def test_head_is_not_for_json(client: FinampLike) -> None:
    assert client.send("HEAD", "/Items").status == 405


def test_pictures(server: Server, client: FinampLike, songs: list[Song]) -> None:
    album = client.item(songs[0]["AlbumId"])
    path = f"/Items/{album['Id']}/Images/Primary?fillWidth=60&tag=any-tag"
    answer = send(server.url, "GET", path)
    assert answer.status == 200 and (answer.header("Content-Type") or "").startswith("image/")
    assert answer.header("ETag") == '"any-tag"', "the tag comes back unchecked"
    cache = (answer.header("Cache-Control") or "").replace(" ", "")
    assert "public" in cache and "max-age=31536000" in cache
    assert send(server.url, "HEAD", path).status == 200
    again = send(server.url, "GET", path, headers={"If-None-Match": '"any-tag"'})
    assert (again.status, again.body) == (304, b"")


def test_the_roots(server: Server) -> None:
    root = send(server.url, "GET", "/")
    assert (root.status, root.header("Location")) == (302, "web/")


def test_health(server: Server) -> None:
    answer = send(server.url, "GET", "/health")
    assert (answer.status, answer.text) == (200, "Healthy")


def test_public_info(server: Server, client: FinampLike) -> None:
    info = send(server.url, "GET", "/System/Info/Public").json()
    assert info["Id"] == client.server_id
    assert {"LocalAddress", "ServerName", "Version", "ProductName", "StartupWizardCompleted"} <= set(info)


def test_behind_a_proxy_it_does_not_know_everybody_is_local(client: FinampLike) -> None:
    answer = client.get("/System/Endpoint", headers={"X-Forwarded-For": "203.0.113.9"}).json()
    assert answer["IsLocal"] is True


def test_from_a_proxy_it_does_not_know_web_redirects_to_the_host_it_was_asked_at(server: Server) -> None:
    """What session/trust_check reads: a known proxy's X-Forwarded-* would show here."""
    answer = send(server.url, "GET", "/web", headers={
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "check.invalid"})
    if answer.status != 404:  # a server without its web client
        assert (answer.status // 100, answer.header("Location")) == (3, f"{server.url}/web/")


def test_cors(server: Server) -> None:
    origin = {"Origin": "http://example.org"}
    assert send(server.url, "GET", "/System/Info/Public", headers=origin).header(
        "Access-Control-Allow-Origin") == "*"
    preflight = send(server.url, "OPTIONS", "/Items", headers={
        **origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"})
    assert preflight.status == 204


def test_a_body_over_thirty_million_bytes_is_refused(client: FinampLike) -> None:
    padding = b'{"Name":"' + b"x" * 30_500_000 + b'"}'
    try:
        answer = client.send("POST", "/Sessions/Capabilities/Full", body=padding,
                             headers={"Content-Type": "application/json"})
    except (BrokenPipeError, ConnectionResetError):
        return  # it hung up on us in the middle, which is a refusal as well
    assert answer.status in (413, 500)
