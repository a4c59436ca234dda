"""Deezer is asked no more than needed, and what it says is stated exactly."""
from __future__ import annotations

import concurrent.futures
from typing import Any

from tests.support.client import FinampLike, is_external
from tests.support.waiting import wait_for

from .conftest import World

SONG = "657874011100000000000000002fd844"
UNHEARD = "657874011100000000000000002fd842"
KEEPERS_ALBUM = f"657874011200{770001:020x}"


def external_hits(client: FinampLike, term: str, types: str = "Audio") -> list[dict[str, Any]]:
    def hits() -> list[dict[str, Any]]:
        return [item for item in client.search(term, types, Limit=50)["Items"] if is_external(item)]
    return wait_for(hits, 5, f"external hits for {term}")


def questions(world: World) -> int:
    return world.deezer.control("GET", "counters").get("api", 0)


def test_covers_of_a_search_cost_no_questions(world: World) -> None:
    client = world.finamp()
    shown = [item for item in external_hits(client, "lantern") if "Primary" in item["ImageTags"]]
    assert len(shown) > 5
    before = questions(world)
    for item in shown:
        for entry in (item["Id"], item["AlbumId"]):
            assert client.get(f"/Items/{entry}/Images/Primary", {"fillWidth": 300}).status == 200
    assert questions(world) == before


def test_a_hundred_searches_stay_below_the_quota(world: World) -> None:
    client = world.finamp()
    before = world.deezer.control("GET", "counters").get("over_quota", 0)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: client.search(f"lantern {n}", Limit=10), range(100)))
    assert all("Items" in answer for answer in answers)
    assert world.deezer.control("GET", "counters").get("over_quota", 0) == before


def test_many_who_ask_the_same_at_once_ask_once(world: World) -> None:
    client = world.finamp()
    before = questions(world)
    world.deezer.fault(fault="slow", ms=300)

    def tracks(_: int) -> list[str]:
        answer = client.get("/Items", {"parentId": KEEPERS_ALBUM, "userId": client.user_id}).json()
        return [item["Id"] for item in answer["Items"]]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        lists = list(pool.map(tracks, range(12)))
    assert len(lists[0]) == 14 and all(entry == lists[0] for entry in lists)
    assert questions(world) - before <= 2  # the album and its tracks


def test_the_size_stated_is_the_size_sent(world: World) -> None:
    client = world.finamp()
    length = int(client.send("HEAD", client.stream_path(SONG)).header("Content-Length"))
    source = client.playback_info(SONG)["MediaSources"][0]
    assert source["Size"] == length == len(client.get(client.stream_path(SONG)).body)
    assert client.item(SONG)["MediaSources"][0]["Size"] == length


def test_a_size_that_cannot_be_had_is_left_out(world: World) -> None:
    client = world.finamp()
    client.item(UNHEARD)
    world.deezer.fault(fault="blackhole", route="preview")
    source = client.playback_info(UNHEARD)["MediaSources"][0]
    assert source["Id"] == UNHEARD and "Size" not in source
