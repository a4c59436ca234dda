"""The words of external songs: from LRCLIB where the provider has none, fetched ahead, misses remembered."""
from __future__ import annotations

import concurrent.futures
from typing import Any, Iterator

import pytest

from tests.standins.deezer.catalog import Catalog
from tests.support import openapi, prometheus
from tests.support.client import FinampLike
from tests.support.processes import StandIn
from tests.support.waiting import wait_for

from .conftest import World


def song(number: int) -> str:
    return f"657874011100{number:020x}"


STRONGER, ONE_MORE, AERODYNAMIC, DIGITAL_LOVE = song(3135556), song(3135553), song(3135554), song(3135555)
UNDERTOW = song(88_000_042)


@pytest.fixture(scope="module")
def lrclib() -> Iterator[StandIn]:
    process = StandIn("lrclib")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], lrclib: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_LRCLIB": "on", "SIDETRACK_LRCLIB_URL": lrclib.url + "/"}


@pytest.fixture
def client(world: World, lrclib: StandIn) -> Iterator[FinampLike]:
    yield world.finamp()
    lrclib.clear_faults()


def calls(lrclib: StandIn) -> int:
    return sum(lrclib.control("GET", "counters").values())


def lines(answer: dict[str, Any]) -> list[str]:
    return [line["Text"] for line in answer["Lyrics"]]


def test_words_have_jellyfins_shape(client: FinampLike) -> None:
    answer = client.get(f"/Audio/{STRONGER}/Lyrics").json()
    assert lines(answer) == ["One line", "Another line", ""]
    # A preview begins anywhere in the song: times would be wrong.
    assert all("Start" not in line for line in answer["Lyrics"])
    assert client.get(f"/audio/{STRONGER}/lyrics").json() == answer
    assert client.get(f"/Items/{STRONGER}/Lyrics").json() == answer
    if openapi.is_available():
        openapi.Description().check("GET", "/Audio/{itemId}/Lyrics", answer)


def test_plain_words_and_no_words(client: FinampLike) -> None:
    assert lines(client.get(f"/Audio/{ONE_MORE}/Lyrics").json()) == ["Only plain", "words"]
    assert client.get(f"/Audio/{AERODYNAMIC}/Lyrics").status == 404


def test_the_search_finds_what_the_exact_question_does_not(client: FinampLike) -> None:
    assert lines(client.get(f"/Audio/{DIGITAL_LOVE}/Lyrics").json()) == ["the right one"]


def test_lrclib_hears_who_asks_but_not_for_whom(client: FinampLike, lrclib: StandIn) -> None:
    client.get(f"/Audio/{STRONGER}/Lyrics")
    asked = lrclib.requests("GET /api/get")
    headers = {name.lower(): value for name, value in asked[0]["headers"]}
    assert headers["user-agent"].startswith("Sidetrack/")
    text = str(asked)
    assert not any(secret in text for secret in ("alice", client.token, client.device_id))


def test_words_and_misses_are_remembered(world: World, client: FinampLike, lrclib: StandIn) -> None:
    for entry, status in ((STRONGER, 200), (AERODYNAMIC, 404)):
        client.get(f"/Audio/{entry}/Lyrics")
        before = calls(lrclib)
        assert client.get(f"/Audio/{entry}/Lyrics").status == status
        assert calls(lrclib) == before
    world.advance(301_000)
    assert client.get(f"/Audio/{AERODYNAMIC}/Lyrics").status == 404
    assert calls(lrclib) == before + 2, "after five minutes a miss is asked about anew"
    assert client.get(f"/Audio/{STRONGER}/Lyrics").status == 200
    assert calls(lrclib) == before + 2, "words are kept"


def test_those_who_ask_at_once_share_one_search(world: World, client: FinampLike, lrclib: StandIn) -> None:
    entry = song(88_000_001)
    lrclib.fault(route="/api/get", delay_ms=400, times=1)
    before = calls(lrclib)
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = {answer.status for answer in
                    pool.map(lambda _: client.get(f"/Audio/{entry}/Lyrics"), range(10))}
    assert statuses == {404}
    assert calls(lrclib) == before + 2  # the question and the search
    counted = prometheus.parse(world.sidetrack.send("GET", "/metrics").text)
    assert counted["sidetrack_lyrics_answers_total"].value(**{"from": "another_question"}) >= 9


def test_a_play_fetches_ahead(world: World, client: FinampLike, lrclib: StandIn) -> None:
    entry = song(88_000_002)
    lrclib.control("POST", "songs", track=Catalog().tracks[88_000_002].title, artist="The Lantern Keepers", album="Light Years Apart",
                   duration=187, plain="already there")
    before = calls(lrclib)
    client.start(entry)
    wait_for(lambda: calls(lrclib) > before, 5, "they are looked for before anybody asks")
    wait_for(lambda: client.item(entry)["HasLyrics"], 5, "it is known to have words")
    before = calls(lrclib)
    assert lines(client.get(f"/Audio/{entry}/Lyrics").json()) == ["already there"]
    assert calls(lrclib) == before
    client.stop(entry, 2)


@pytest.mark.parametrize("fault, status", [
    ({"status": 500}, 502), ({"status": 429}, 503), ({"body": "<html>"}, 502), ({"body": "[1"}, 502),
    ({"reset": True}, 502), ({"garbage": True}, 502),
])
def test_lrclib_in_trouble(world: World, client: FinampLike, lrclib: StandIn, fault: dict[str, Any],
                           status: int) -> None:
    world.advance(70_000)  # past the breaker
    entry = song(88_000_003)
    lrclib.fault(route="/api/", **fault)
    assert client.get(f"/Audio/{entry}/Lyrics").status == status
    world.advance(70_000)
    lrclib.clear_faults()
    assert client.get(f"/Audio/{entry}/Lyrics").status == 404, "trouble is not remembered as a miss"
    world.advance(301_000)


def test_a_lrclib_that_hangs_is_left_alone(world: World, client: FinampLike, lrclib: StandIn) -> None:
    world.advance(70_000)
    lrclib.fault(route="/api/", status=500)
    for number in range(3):
        assert client.get(f"/Audio/{song(88_000_010 + number)}/Lyrics").status == 502
    before = calls(lrclib)
    assert client.get(f"/Audio/{song(88_000_014)}/Lyrics").status == 503
    assert calls(lrclib) == before, "the breaker is open"
    # Playing goes on all the same.
    assert client.get(client.stream_path(STRONGER)).status == 200
    lrclib.clear_faults()
    world.advance(70_000)


def test_words_are_for_those_who_may_have_the_music(world: World, client: FinampLike) -> None:
    assert world.sidetrack.send("GET", f"/Audio/{STRONGER}/Lyrics").status == 401
    assert client.get(f"/Audio/{song(999)}/Lyrics").status == 404


def test_local_songs_are_jellyfins_own(world: World, client: FinampLike, lrclib: StandIn) -> None:
    local = client.get("/Items", {"includeItemTypes": "Audio", "recursive": True, "limit": 1}).json()["Items"][0]
    before = calls(lrclib)
    answer = client.get(f"/Audio/{local['Id']}/Lyrics")
    direct = world.direct(client).get(f"/Audio/{local['Id']}/Lyrics")
    assert (answer.status, answer.body) == (direct.status, direct.body)
    assert calls(lrclib) == before


def test_switched_off_nobody_is_asked(start_sidetrack: Any, world: World, lrclib: StandIn) -> None:
    process = start_sidetrack({"SIDETRACK_LRCLIB": "off"})
    wait_for(process.is_ready, 10, "ready")
    client = FinampLike(process.url, world.device_id(), "Pixel")
    client.log_in("alice")
    before = calls(lrclib)
    assert client.get(f"/Audio/{STRONGER}/Lyrics").status == 404
    assert calls(lrclib) == before
