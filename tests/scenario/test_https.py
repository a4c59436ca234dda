"""Jellyfin behind TLS: everything works as without, and nobody may pose as Jellyfin."""
from __future__ import annotations

import json
import pathlib
import random
import socket
from typing import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.client import is_external
from tests.support.processes import Sidetrack, StandIn
from tests.support.raw_upstream import RawUpstream, Talk
from tests.support.tls_front import Authority, TlsFront
from tests.support.waiting import wait_for

from .conftest import World
from .test_story import find_external

MEGABYTE = 1 << 20
Start = Callable[..., Sidetrack]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def front(jellyfin: StandIn, authority: Authority) -> Iterator[TlsFront]:
    front = TlsFront(jellyfin.url, authority.certificate("DNS:localhost", "IP:127.0.0.1"))
    yield front
    front.stop()


@pytest.fixture(scope="module")
def settings(front: TlsFront, authority: Authority, deezer: StandIn,
             tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    return {"JELLYFIN_URL": front.url, "SIDETRACK_CA_FILE": str(authority.file),
            "SIDETRACK_DEEZER_URL": deezer.url, "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data"))}


@pytest.fixture
def raw(authority: Authority) -> Iterator[tuple[RawUpstream, TlsFront]]:
    """A server whose every byte the test decides about, behind TLS."""
    upstream = RawUpstream()
    front = TlsFront(upstream.url, authority.certificate("IP:127.0.0.1"), host="127.0.0.1")
    yield upstream, front
    front.stop()
    upstream.stop()


def test_a_listener_notices_nothing(world: World, front: TlsFront) -> None:
    client = world.finamp()
    song = find_external(client, "light", "Cold Light")
    answer = client.search("light", Limit=50)
    local = next(item for item in answer["Items"] if not is_external(item))
    whole = world.direct(client).get(client.stream_path(local["Id"])).body
    assert client.get(client.stream_path(local["Id"])).body == whole
    part = client.get(client.stream_path(local["Id"]), headers={"Range": f"bytes=1000-{len(whole) - 2}"})
    assert (part.status, part.body) == (206, whole[1000:-1])
    # Our own socket for the client's session is wss.
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    wait_for(lambda: world.sockets(client), 5, "Jellyfin has our socket")
    client.stop(song, 3)
    wait_for(lambda: world.playing(client) is None, 5, "and gone when it stops")
    assert front.server_names == {"localhost"}


def test_a_clients_socket_is_tunnelled(world: World) -> None:
    client = world.web()
    client.post_capabilities()
    opened = client.open_socket()
    opened.receive_type("ForceKeepAlive")
    opened.send("KeepAlive")
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    assert world.admin.post(f"/Sessions/{world.session(client)['Id']}/Playing/Pause").status == 204
    assert opened.receive_type("Playstate")["Data"]["Command"] == "Pause"
    client.stop(song, 3)
    opened.close()


def serve_ranges(content: bytes) -> Callable[[Talk], None]:
    def answer(talk: Talk) -> None:
        line = next(line for line in talk.head.split(b"\r\n") if line.lower().startswith(b"range:"))
        first, last = (int(number) for number in line.partition(b"=")[2].split(b"-"))
        part = content[first:last + 1]
        talk.say(b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
                 % (len(part), first, last, len(content)) + part)
    return answer


def test_a_range_of_a_megabyte_is_the_same_bytes(
        raw: tuple[RawUpstream, TlsFront], start_sidetrack: Start) -> None:
    upstream, front = raw
    content = random.Random(7).randbytes(3 * MEGABYTE)
    upstream.handlers["/film"] = serve_ranges(content)
    sidetrack = start_sidetrack({"JELLYFIN_URL": front.url, "SIDETRACK_WORKERS": "1"})
    for start in (0, 777_777, 2 * MEGABYTE - 1):
        answer = sidetrack.send("GET", "/film", headers={"Range": f"bytes={start}-{start + MEGABYTE - 1}"})
        assert (answer.status, answer.body) == (206, content[start:start + MEGABYTE])


def test_a_new_connection_resumes_the_session(
        raw: tuple[RawUpstream, TlsFront], start_sidetrack: Start) -> None:
    upstream, front = raw

    def once(talk: Talk) -> None:
        talk.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        talk.hang_up()
    upstream.handlers["/once"] = once
    sidetrack = start_sidetrack({"JELLYFIN_URL": front.url, "SIDETRACK_WORKERS": "1"})
    for _ in range(4):
        assert sidetrack.send("GET", "/once").body == b"ok"
    assert front.resumed >= 3


@pytest.mark.parametrize("cut", [False, True])
def test_an_answer_is_whole_only_when_tls_says_so(
        raw: tuple[RawUpstream, TlsFront], start_sidetrack: Start, cut: bool) -> None:
    upstream, front = raw

    def until_the_end(talk: Talk) -> None:
        talk.say(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50_000)
        talk.hang_up()
    upstream.handlers["/until"] = until_the_end
    front.cuts = cut
    sidetrack = start_sidetrack({"JELLYFIN_URL": front.url, "SIDETRACK_WORKERS": "1"})
    parts = urlsplit(sidetrack.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as client:
        client.sendall(b"GET /until HTTP/1.1\r\nHost: x\r\n\r\n")
        heard = bytearray()
        broke = False
        try:
            while data := client.recv(MEGABYTE):
                heard += data
                if heard.endswith(b"\r\n0\r\n\r\n"):
                    break
        except ConnectionResetError:
            broke = True
    whole = heard.count(b"x") >= 50_000 and not broke
    assert whole is not cut


def test_the_feed_polls_and_pushes_behind_tls(
        start_sidetrack: Start, world: World, front: TlsFront, authority: Authority,
        tmp_path: pathlib.Path) -> None:
    key = world.jellyfin.control("POST", "apikey", app="feed")["key"]
    other = {"name": "other", "url": front.url, "apiKey": key}
    sidetrack = start_sidetrack({"SIDETRACK_JELLYFIN_API_KEY": key, "SIDETRACK_SERVERS": json.dumps([other])})
    admin = world.admin.through(sidetrack.url)

    def states() -> list[tuple[str, str]]:
        shown = admin.get("/sidetrack/api/servers").json()["servers"]
        return [(server["state"], server["socket"]) for server in shown]

    wait_for(lambda: states() == [("up", "open")] * 2, 5, "both are up, with their sockets")
    stranger = Authority(tmp_path / "stranger")
    mistaken = start_sidetrack({"SIDETRACK_CA_FILE": str(stranger.file), "SIDETRACK_JELLYFIN_API_KEY": key,
                                "SIDETRACK_DATA": str(tmp_path / "mistaken")})
    for _ in range(3):
        mistaken.advance(10_000)
    wait_for(lambda: "event=server_down" in mistaken.stderr, 5, "nobody else gets the key")


def test_an_unknown_authority_is_believed_nothing(
        start_sidetrack: Start, front: TlsFront, tmp_path: pathlib.Path) -> None:
    other = Authority(tmp_path / "other")
    sidetrack = start_sidetrack({"SIDETRACK_CA_FILE": str(other.file)})
    answer = sidetrack.send("GET", "/System/Info/Public")
    assert answer.status == 502 and "jellyfin_unreachable" in answer.text
    ready = sidetrack.send("GET", "/sidetrack/health/ready")
    assert ready.status == 503 and '"ready":false' in ready.text.replace(" ", "")
    wait_for(lambda: "event=tls_failed" in sidetrack.stderr and "signed by no authority" in sidetrack.stderr,
             5, "the log says why")
    wait_for(lambda: "event=jellyfin_not_ready" in sidetrack.stderr, 5, "and why it is not ready")


def test_a_certificate_for_somebody_else_is_refused(
        start_sidetrack: Start, jellyfin: StandIn, authority: Authority) -> None:
    front = TlsFront(jellyfin.url, authority.certificate("DNS:elsewhere.test"))
    try:
        sidetrack = start_sidetrack({"JELLYFIN_URL": front.url})
        assert sidetrack.send("GET", "/System/Info/Public").status == 502
        wait_for(lambda: "for another host" in sidetrack.stderr, 5, "the log says why")
    finally:
        front.stop()


def test_verification_can_be_turned_off_and_that_is_said(
        start_sidetrack: Start, front: TlsFront, tmp_path: pathlib.Path) -> None:
    other = Authority(tmp_path / "other")
    sidetrack = start_sidetrack({"SIDETRACK_CA_FILE": str(other.file), "SIDETRACK_UPSTREAM_TLS_VERIFY": "off"})
    wait_for(sidetrack.is_ready, 10, "it is ready")
    assert sidetrack.send("GET", "/System/Info/Public").status == 200
    assert "level=warn event=upstream_tls_unverified" in sidetrack.stderr


def test_authorities_that_cannot_be_read_end_the_start(start_sidetrack: Start) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_CA_FILE": "/does/not/exist"}, wait=False)
    assert sidetrack.wait_exit() != 0
    assert "SIDETRACK_CA_FILE" in sidetrack.stderr
