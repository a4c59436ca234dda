"""What nobody sends by accident: extreme numbers, old token forms, withdrawn tokens."""
from __future__ import annotations

import time

import pytest

from tests.support.client import Client, FinampLike, is_external

from .conftest import World

SONG_LIMIT = 50
BIG_NUMBERS = (2**31 - 1, 2**31, 2**63 - 1)
OLD_FORMS = ({"Authorization": 'Emby Token="{token}"'}, {"X-Emby-Token": "{token}"},
             {"X-MediaBrowser-Token": "{token}"},
             {"X-Emby-Authorization": 'MediaBrowser Token="{token}"'})


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


@pytest.mark.parametrize("total", (2**31 - 1, 2**62, -5))
def test_a_total_that_jellyfin_does_not_have_costs_no_time(world: World, total: int) -> None:
    client = world.finamp()
    world.jellyfin.fault(route="searchterm", body=f'{{"Items":[],"TotalRecordCount":{total}}}')
    began = time.monotonic()
    for page in ({}, {"Limit": 2**31 - 1}, {"StartIndex": 10, "Limit": 10}):
        assert client.get("/Items", {"SearchTerm": f"total {total}", "Recursive": True, **page}).status == 200
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("form", OLD_FORMS, ids=lambda form: next(iter(form.values()))[:12])
def test_a_token_form_that_jellyfin_refuses_reports_nothing(world: World, form: dict[str, str]) -> None:
    """Though the same token, in a form Jellyfin takes, has just been confirmed."""
    client = world.finamp()
    song = external_song(client)
    headers = {name: value.format(token=client.token) for name, value in form.items()}
    old = Client(world.sidetrack.url, client.device_id)
    assert Client.send(old, "GET", "/Users/Me", headers={"Authorization": "", **headers}).status == 401
    answer = Client.send(old, "POST", "/Sessions/Playing", headers={"Authorization": "", **headers},
                         json={"ItemId": song["Id"], "PositionTicks": 0})
    assert answer.status == 401
    assert world.playing(client) is None


def test_a_token_withdrawn_behind_our_back_opens_nothing_once_jellyfin_says_401(world: World) -> None:
    client = world.finamp()
    song = external_song(client)
    assert client.get(f"/Items/{song['Id']}").status == 200
    assert world.direct(client).post("/Sessions/Logout").status == 204
    assert client.get("/Users/Me").status == 401
    assert client.get(f"/Items/{song['Id']}").status == 401
    assert client.get(f"/Items/{song['Id']}/File").status == 401
    assert client.report("", song, 0).status == 401
