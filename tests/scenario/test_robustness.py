"""What nobody sends by accident: extreme numbers."""
from __future__ import annotations

import pytest

from tests.support.client import FinampLike, is_external

from .conftest import World

SONG_LIMIT = 50
BIG_NUMBERS = (2**31 - 1, 2**31, 2**63 - 1)


def external_song(client: FinampLike) -> dict:
    return next(item for item in client.search("light", Limit=SONG_LIMIT)["Items"] if is_external(item))


@pytest.mark.parametrize("start", BIG_NUMBERS)
@pytest.mark.parametrize("limit", (10, 2**31 - 1, 2**63 - 1, -2**63))
def test_numbers_beyond_every_list_give_an_empty_page(world: World, start: int, limit: int) -> None:
    client = world.finamp()
    song = external_song(client)
    page = {"StartIndex": start, "Limit": limit}
    for path, query in (("/Items", {"SearchTerm": "light", "Recursive": True}),
                        ("/Items", {"Ids": song["Id"]}), ("/Items", {"ParentId": song["AlbumId"]}),
                        ("/Artists", {"SearchTerm": "light"})):
        answer = client.get(path, {**query, **page})
        assert answer.status in (200, 400), path
        assert answer.status == 400 or answer.json()["Items"] == []
    assert client.get("/Search/Hints", {"SearchTerm": "light", **page}).status in (200, 400)


def test_what_jellyfin_is_asked_for_is_a_number_it_can_hold(world: World) -> None:
    client = world.finamp()
    client.search("light", StartIndex=100, Limit=2**31 - 1)
    asked = world.jellyfin.requests("SearchTerm=light.*Limit=")[-1]["target"]
    assert int(asked.split("Limit=")[1].split("&")[0]) < 2**31


def test_a_search_without_bounds_shows_as_much_as_jellyfin_has(world: World) -> None:
    client = world.finamp()
    for number in range(600):
        world.jellyfin.control("POST", "library", artist="Mira Sol", album="Tidal Songs",
                               title=f"Crowded {number}")
    answer = client.search("crowded", Limit=1000)
    local = [item["Id"] for item in answer["Items"] if not is_external(item)]
    direct = [item["Id"] for item in world.direct(client).search("crowded", Limit=1000)["Items"]]
    assert local == direct and len(direct) == 600
