"""Pictures of external items: sizes, headers, one fetch for all, and strangers who ask too much."""
from __future__ import annotations

import concurrent.futures
import struct

import pytest

from tests.support import prometheus
from tests.support.client import FinampLike

from .conftest import World


def external(kind: int, number: int) -> str:
    return f"657874011{kind}00{number:020x}"


ALBUM, FACELESS, NOBODY = external(2, 770010), external(3, 9006), external(2, 999)
PATH = f"/Items/{ALBUM}/Images/Primary"


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def images(world: World) -> int:
    return world.deezer.control("GET", "counters").get("image", 0)


def questions(world: World) -> int:
    return world.deezer.control("GET", "counters").get("api", 0)


def side(body: bytes) -> int:
    """The width of a PNG."""
    assert body.startswith(b"\x89PNG")
    return struct.unpack(">I", body[16:20])[0]


@pytest.mark.parametrize("query, expected", [
    ("", 1000), ("?maxWidth=50", 56), ("?maxwidth=57", 250), ("?fillWidth=200&fillHeight=340", 500),
    ("?maxWidth=300&maxHeight=240", 250), ("?width=900", 1000), ("?quality=1&format=webp&blur=3", 1000),
    ("?maxHeight=nonsense", 1000), ("?maxHeight=2000000000", 1000),
])
def test_the_size_is_the_nearest_that_is_not_smaller(client: FinampLike, query: str, expected: int) -> None:
    assert side(client.get(PATH + query).body) == expected


def test_headers_are_jellyfins(client: FinampLike) -> None:
    tagged = client.get(PATH, {"tag": "abc", "maxWidth": 100})
    assert tagged.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert tagged.header("ETag") == '"abc"'
    assert tagged.header("Vary") == "Accept" and tagged.header("Content-Disposition") == "attachment"
    plain = client.get(PATH, {"maxWidth": 100})
    assert plain.header("Cache-Control") == "public" and plain.header("ETag") is None
    head = client.send("HEAD", PATH, query={"maxWidth": 100})
    assert head.body == b"" and head.header("Content-Length") == str(len(plain.body))
    fresh = client.get(PATH, {"tag": "abc"}, headers={"Cache-Control": "no-cache", "If-None-Match": '"abc"'})
    assert fresh.status == 200 and "no-store" in fresh.header("Cache-Control")


def test_what_a_client_has_is_not_sent_again(world: World, client: FinampLike) -> None:
    first = client.get(PATH, {"tag": "abc", "maxWidth": 100})
    before = images(world)
    for headers in ({"If-None-Match": first.header("ETag")}, {"If-None-Match": f'"x", {first.header("ETag")}'},
                    {"If-Modified-Since": first.header("Last-Modified")}):
        answer = client.get(PATH, {"tag": "abc", "maxWidth": 100}, headers=headers)
        assert (answer.status, answer.body) == (304, b""), headers
    for headers in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "Tue, 02 Jan 2001 03:04:05 GMT"},
                    {"If-None-Match": '"other"', "If-Modified-Since": first.header("Last-Modified")}):
        assert client.get(PATH, {"tag": "abc", "maxWidth": 100}, headers=headers).status == 200, headers
    assert images(world) == before


@pytest.mark.parametrize("path, status", [
    ("Images/Primary/0", 200), ("Images/primary", 200), ("Images/Primary/1", 404), ("Images/Primary/x", 400),
    ("Images/Primary?imageIndex=0", 200), ("Images/Primary?imageIndex=3", 404), ("Images/Backdrop", 404),
    ("Images/Logo/0", 404), ("Images/Thumb", 404),
])
def test_one_picture_is_all_there_is(client: FinampLike, path: str, status: int) -> None:
    assert client.get(f"/Items/{ALBUM}/{path}").status == status


def test_no_picture_is_404(client: FinampLike) -> None:
    for entry in (FACELESS, NOBODY):
        assert client.get(f"/Items/{entry}/Images/Primary").status == 404


def test_clients_of_one_picture_share_one_fetch(world: World, client: FinampLike) -> None:
    path = f"/Items/{external(2, 770020)}/Images/Primary"
    client.get(f"/Items/{external(2, 770020)}")
    world.deezer.fault(route="/images/", delay_ms=500, times=1)
    before = images(world)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: client.get(path), range(12)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert client.get(path).status == 200
    assert images(world) == before + 1
    counted = prometheus.parse(world.sidetrack.send("GET", "/metrics").text)
    assert counted["sidetrack_artwork_bytes"].value() > 0
    assert counted["sidetrack_artwork_answers_total"].value(**{"from": "provider"}) > 0


@pytest.mark.parametrize("album, fault, status", [
    (770001, {"status": 404}, 404), (770002, {"status": 403}, 404), (770003, {"status": 500}, 502),
    (770020, {"status": 503}, 503), (770030, {"body": "<html>Please log in to this network</html>"}, 502),
    (770040, {"garbage": True}, 502), (770050, {"reset": True}, 502), (302127, {"abort": True}, 502),
])
def test_a_cdn_in_trouble(world: World, client: FinampLike, album: int, fault: dict[str, object],
                          status: int) -> None:
    path = f"/Items/{external(2, album)}/Images/Primary?maxWidth=500"
    client.get(f"/Items/{external(2, album)}")
    world.deezer.fault(route="/images/", **fault)
    answer = client.get(path)
    assert answer.status == status
    assert b"<html" not in answer.body
    world.deezer.clear_faults()
    world.advance(301_000)  # that there is none is remembered for five minutes
    assert client.get(path).status == 200, "it works again by itself"


def test_strangers_leave_the_provider_to_those_who_are_known(world: World, client: FinampLike) -> None:
    """Invented ids, each of which would cost a question."""
    before = questions(world)
    paths = [f"/Items/{external(2, 5_000_000 + number)}/Images/Primary" for number in range(120)]
    wrong = {"Authorization": 'MediaBrowser Token="0123456789abcdef0123456789abcdef"'}
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        flood = [pool.submit(world.sidetrack.send, "GET", path, headers=wrong if number % 2 else {})
                 for number, path in enumerate(paths)]
        assert client.get(f"/Items/{external(3, 9002)}").status == 200, "somebody known is served meanwhile"
        statuses = {future.result().status for future in flood}
    assert statuses <= {404, 503} and 503 in statuses
    assert questions(world) - before <= 25
    # Somebody known may ask as before.
    assert client.get(f"/Items/{external(2, 770002)}/Images/Primary").status == 200
