"""Lists by external parents: every way to name them, sorted and paged; mixed with local ones."""
from __future__ import annotations

from typing import Any

import pytest

from tests.support import openapi
from tests.support.client import FinampLike, is_external

from .conftest import World


def external(kind: int, number: int) -> str:
    return f"657874011{kind}00{number:020x}"


KEEPERS, YEARS, PAPER, LAMPLIGHT = external(3, 9001), external(2, 770001), external(2, 770002), external(2, 770003)
PLAYLIST = external(4, 440001)


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def listed(client: FinampLike, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/Items", {"userId": client.user_id, **query}).json()
    openapi.check_result(answer)
    return answer["Items"]


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["Id"] for item in items]


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["Name"] for item in items]


def local_album(client: FinampLike) -> dict[str, Any]:
    return client.get("/Items", {"includeItemTypes": "MusicAlbum", "recursive": True, "limit": 1}).json()["Items"][0]


def test_albums_of_an_artist_sort_by_year_and_name(client: FinampLike) -> None:
    def albums(**query: Any) -> list[str]:
        return ids(listed(client, AlbumArtistIds=KEEPERS, IncludeItemTypes="MusicAlbum", **query))
    assert albums(SortBy="ProductionYear,SortName") == [YEARS, PAPER, LAMPLIGHT]
    assert albums(SortBy="ProductionYear", SortOrder="Descending") == [LAMPLIGHT, PAPER, YEARS]
    assert albums(sortBy="SortName") == [LAMPLIGHT, YEARS, PAPER]
    assert sorted(albums()) == sorted([YEARS, PAPER, LAMPLIGHT])
    assert albums(SortBy="SortName", StartIndex=1, Limit=1) == [YEARS]
    assert albums(SortBy="SortName", ExcludeItemIds=YEARS) == [LAMPLIGHT, PAPER]


def test_pages_of_a_random_order_do_not_overlap(client: FinampLike) -> None:
    pages = [ids(listed(client, ParentId=PLAYLIST, SortBy="Random", StartIndex=start, Limit=10))
             for start in (0, 10, 20)]
    assert len(set(sum(pages, []))) == 30


def test_songs_of_an_album_keep_their_order(client: FinampLike) -> None:
    songs = listed(client, ParentId=YEARS)
    assert [(song["ParentIndexNumber"], song["IndexNumber"]) for song in songs] == [
        (1 if number <= 10 else 2, number) for number in range(1, 15)]
    assert ids(listed(client, ParentId=YEARS, SortBy="ParentIndexNumber,IndexNumber,SortName")) == ids(songs)
    by_name = names(listed(client, AlbumIds=YEARS, SortBy="Name"))
    assert by_name == sorted(by_name, key=str.lower)


def test_several_parents_follow_each_other(client: FinampLike) -> None:
    songs = ids(listed(client, AlbumIds=[PAPER, LAMPLIGHT], IncludeItemTypes="Audio"))
    assert songs == ids(listed(client, ParentId=PAPER)) + ids(listed(client, ParentId=LAMPLIGHT))
    both = client.get(f"/Items?albumIds={PAPER}&AlbumIds={LAMPLIGHT}").json()
    assert ids(both["Items"]) == songs
    kinds = {item["Type"] for item in listed(client, ArtistIds=KEEPERS, IncludeItemTypes="MusicAlbum,Audio")}
    assert kinds == {"MusicAlbum", "Audio"}


def test_lists_of_local_and_external_parents(client: FinampLike) -> None:
    local = local_album(client)
    own = ids(listed(client, AlbumIds=local["Id"], IncludeItemTypes="Audio", Recursive=True))
    assert own and not any(map(is_external, own))
    both = ids(listed(client, AlbumIds=[LAMPLIGHT, local["Id"]], IncludeItemTypes="Audio", Recursive=True))
    assert both == own + ids(listed(client, ParentId=LAMPLIGHT))
    page = client.get("/Items", {"albumIds": [LAMPLIGHT, local["Id"]], "includeItemTypes": "Audio",
                                 "recursive": True, "startIndex": len(own), "limit": 5}).json()
    assert ids(page["Items"]) == both[len(own):] and page["TotalRecordCount"] == len(both)


def test_who_may_have_no_external_music_gets_the_local_part(world: World, client: FinampLike) -> None:
    bob = world.finamp("bob")
    local = local_album(client)
    world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=False)
    try:
        world.advance(61_000)
        items = bob.get("/Items", {"AlbumIds": [LAMPLIGHT, local["Id"]], "IncludeItemTypes": "Audio",
                                   "Recursive": True}).json()["Items"]
        assert items and not any(map(is_external, items))
    finally:
        world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=True)


def test_an_artist_appears_on_albums_of_others_only(client: FinampLike) -> None:
    """The artist's own stand elsewhere on the page."""
    assert listed(client, ContributingArtistIds=KEEPERS, IncludeItemTypes="MusicAlbum") == []


def test_types_that_a_parent_does_not_have(client: FinampLike) -> None:
    for query in ({"ParentId": YEARS, "IncludeItemTypes": "MusicArtist"},
                  {"ArtistIds": KEEPERS, "IncludeItemTypes": "MusicVideo"},
                  {"ParentId": PLAYLIST, "MediaTypes": "Video"}):
        assert listed(client, **query) == []


def test_camel_case_of_joined_lists(client: FinampLike) -> None:
    answer = client.get("/Items", {"parentId": PAPER},
                        headers={"Accept": 'application/json; profile="CamelCase"'}).json()
    assert set(answer) == {"items", "totalRecordCount", "startIndex"} and answer["items"][0]["id"]


# What clients ask of any parent


def test_latest_of_an_artist_are_the_newest(client: FinampLike) -> None:
    for path in ("/Items/Latest", f"/Users/{client.user_id}/Items/Latest", "/items/latest"):
        albums = client.get(path, {"parentId": KEEPERS, "limit": 2}).json()
        assert ids(albums) == [LAMPLIGHT, PAPER]
    for item in albums:
        openapi.check_item(item)
    if openapi.is_available():
        openapi.Description().check("GET", "/Items/Latest", albums)


def test_filters_are_what_occurs_in_the_children(client: FinampLike) -> None:
    filters = client.get("/Items/Filters", {"ParentId": YEARS}).json()
    assert filters == {"Genres": ["Rock"], "Tags": [], "OfficialRatings": [], "Years": [2018]}
    second = client.get("/Items/Filters2", {"parentId": YEARS}).json()
    assert [genre["Name"] for genre in second["Genres"]] == ["Rock"]
    assert second["Genres"][0]["Id"] == client.item(YEARS)["GenreItems"][0]["Id"]
    if openapi.is_available():
        openapi.Description().check("GET", "/Items/Filters", filters)
        openapi.Description().check("GET", "/Items/Filters2", second)


@pytest.mark.parametrize("path", ["/Genres", "/MusicGenres", "/Studios", "/Years"])
def test_nothing_hangs_below_an_external_parent(client: FinampLike, path: str) -> None:
    answer = client.get(path, {"parentId": KEEPERS}).json()
    assert answer == {"Items": [], "TotalRecordCount": 0, "StartIndex": 0}


@pytest.mark.parametrize("path", ["/Items/Latest", "/Items/Filters", "/Genres", "/MusicGenres"])
def test_local_parents_are_jellyfins(world: World, client: FinampLike, path: str) -> None:
    album = local_album(client)["Id"]
    for query in ({}, {"parentId": album}):
        assert client.get(path, query).body == world.direct(client).get(path, query).body


@pytest.mark.parametrize("path", ["/Items/Latest", "/Items/Filters", "/Genres"])
def test_without_a_token_there_is_nothing(world: World, path: str) -> None:
    assert world.sidetrack.send("GET", f"{path}?parentId={YEARS}").status == 401
