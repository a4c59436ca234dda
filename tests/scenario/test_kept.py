"""Favourites and what was played: local and external as one list, in every client's spelling."""
from __future__ import annotations

import time
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, Item, is_external
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

from .conftest import World
from .test_items import external

Start = Callable[..., Sidetrack]

MUSIC = "Audio,MusicAlbum,MusicArtist"
LOCAL_SONGS = ("Copper Sun", "Neon Lanterns", "Slow Tide", "Snow on Strings")


def every(client: Client, types: str, **query: Any) -> list[Item]:
    """All of Jellyfin's own."""
    return client.get("/Items", {"userId": client.user_id, "includeItemTypes": types,
                                 "recursive": True, **query}).json()["Items"]


def favourites(client: Client, types: str = "Audio", **query: Any) -> dict[str, Any]:
    return client.get(f"/Users/{client.user_id}/Items", {
        "Filters": "IsFavorite", "IncludeItemTypes": types, "Recursive": True, **query}).json()


def names(answer: dict[str, Any]) -> list[str]:
    return [item["Name"].removesuffix(" (preview)") for item in answer["Items"]]


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    """bob, who keeps nothing but what the test gives a heart."""
    bob = world.finamp("bob")
    yield bob
    for item in favourites(bob, MUSIC + ",Playlist")["Items"]:
        bob.send("DELETE", f"/UserFavoriteItems/{item['Id']}")
    for item in every(bob, "Audio", sortBy="DatePlayed", sortOrder="Descending"):
        bob.send("DELETE", f"/UserPlayedItems/{item['Id']}")


@pytest.fixture
def songs(client: Client) -> list[Item]:
    """Four local and a few external songs with hearts, all of them of one album's length."""
    local = [item for item in every(client, "Audio") if item["Name"] in LOCAL_SONGS]
    outside = [item for item in client.search("light", Limit=50)["Items"] if is_external(item)][:9]
    assert len(local) == 4 and len(outside) > 4
    for item in local + outside:
        assert client.post(f"/UserFavoriteItems/{item['Id']}").status == 200
    return local + outside


def test_local_and_external_hearts_are_one_list_by_name(client: Client, songs: list[Item]) -> None:
    answer = favourites(client, SortBy="Name")
    assert answer["TotalRecordCount"] == len(songs)
    assert {item["Id"] for item in answer["Items"]} == {item["Id"] for item in songs}
    assert names(answer) == sorted(names(answer), key=str.lower)
    kinds = [is_external(item) for item in answer["Items"]]
    assert kinds != sorted(kinds) and kinds != sorted(kinds, reverse=True), "they are mixed"
    assert all(item["UserData"]["IsFavorite"] for item in answer["Items"])
    backwards = favourites(client, SortBy="Name", SortOrder="Descending")
    assert names(backwards) == names(answer)[::-1]


@pytest.mark.parametrize("order", [
    {}, {"SortBy": "SortName"}, {"SortBy": "Name", "SortOrder": "Descending"}, {"SortBy": "DateCreated,SortName"},
    {"SortBy": "DatePlayed,SortName", "SortOrder": "Descending"}, {"SortBy": "PlayCount"},
    {"SortBy": "Album,ParentIndexNumber,IndexNumber"}, {"SortBy": "AlbumArtist,Album,SortName"},
    {"SortBy": "ProductionYear,PremiereDate,SortName"}, {"SortBy": "Runtime"}, {"SortBy": "CommunityRating"},
], ids=lambda order: order.get("SortBy", "none"))
@pytest.mark.parametrize("limit", [1, 3, 5])
def test_pages_neither_overlap_nor_leave_out(client: Client, songs: list[Item], order: dict[str, str],
                                             limit: int) -> None:
    whole = [item["Id"] for item in favourites(client, **order)["Items"]]
    assert sorted(whole) == sorted(item["Id"] for item in songs)
    paged: list[str] = []
    for start in range(0, len(songs) + limit, limit):
        page = favourites(client, **order, StartIndex=start, Limit=limit)
        assert (page["StartIndex"], page["TotalRecordCount"]) == (start, len(songs))
        assert len(page["Items"]) == max(0, min(limit, len(songs) - start))
        paged += [item["Id"] for item in page["Items"]]
    assert paged == whole
    for start in (len(songs) - 1, 2, 0, 4):
        page = favourites(client, **order, StartIndex=start, Limit=limit)
        assert [item["Id"] for item in page["Items"]] == whole[start:start + limit]


def test_by_chance_every_page_has_its_share(client: Client, songs: list[Item]) -> None:
    whole = favourites(client, SortBy="Random")
    assert sorted(item["Id"] for item in whole["Items"]) == sorted(item["Id"] for item in songs)
    orders = {tuple(names(favourites(client, SortBy="Random"))) for _ in range(5)}
    assert len(orders) > 1, "each time anew"
    first = favourites(client, SortBy="Random", Limit=4)
    rest = favourites(client, SortBy="Random", StartIndex=4)
    assert (len(first["Items"]), len(rest["Items"])) == (4, len(songs) - 4)
    outside = [item["Id"] for item in first["Items"] + rest["Items"] if is_external(item)]
    assert len(outside) == len(set(outside)) == len(songs) - 4, "each of ours once"


SPELLINGS: dict[str, Callable[[Client], tuple[str, dict[str, Any]]]] = {
    "finamp": lambda client: (f"/Users/{client.user_id}/Items", {
        "Filters": "IsFavorite", "IncludeItemTypes": "Audio", "Recursive": True, "SortBy": "SortName",
        "SortOrder": "Ascending", "Fields": "parentId,indexNumber,childCount", "StartIndex": 0, "Limit": 100}),
    "feishin": lambda client: (f"/users/{client.user_id}/items", {
        "Filters": "IsFavorite", "IncludeItemTypes": "Audio", "Recursive": True, "IsFavorite": True,
        "Fields": "Genres, DateCreated, MediaSources, ParentId", "SortBy": "Album,SortName", "Limit": 300,
        "StartIndex": 0, "EnableTotalRecordCount": True}),
    "jellify": lambda client: ("/Items", {
        "isFavorite": True, "includeItemTypes": "Audio", "recursive": True, "sortBy": "SortName",
        "userId": client.user_id, "limit": 50, "startIndex": 0}),
    "web": lambda client: ("/Items", {
        "filters": "IsFavorite", "includeItemTypes": "Audio", "recursive": True, "userId": client.user_id,
        "enableTotalRecordCount": False, "limit": 100, "fields": "PrimaryImageAspectRatio",
        "imageTypeLimit": 1, "collapseBoxSetItems": False, "mediaTypes": "Audio"}),
}


@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_each_client_sees_them_in_its_own_spelling(client: Client, songs: list[Item], spelling: str) -> None:
    path, query = SPELLINGS[spelling](client)
    found = client.get(path, query).json()
    assert sorted(item["Id"] for item in found["Items"]) == sorted(item["Id"] for item in songs)
    assert found["TotalRecordCount"] == len(songs)


def test_albums_artists_and_playlists_have_hearts_too(client: Client) -> None:
    outside = {"MusicAlbum": external(2, 302127), "MusicArtist": external(3, 27), "Playlist": external(4, 440001)}
    for item in outside.values():
        client.post(f"/UserFavoriteItems/{item}")
    artist = every(client, "MusicArtist")[0]["Id"]
    client.post(f"/UserFavoriteItems/{artist}")
    for kind in ("MusicAlbum", "Playlist"):
        assert [item["Id"] for item in favourites(client, kind)["Items"]] == [outside[kind]]
    for path in ("/Artists", "/Artists/AlbumArtists"):
        found = client.get(path, {"userId": client.user_id, "isFavorite": True}).json()
        assert {item["Id"] for item in found["Items"]} == {outside["MusicArtist"], artist}
        assert found["TotalRecordCount"] == 2
    assert len(favourites(client, MUSIC + ",Playlist")["Items"]) == 4
    assert favourites(client, "Movie,Series")["Items"] == []


def test_a_music_library_has_them_and_an_album_of_it_has_not(client: Client, songs: list[Item]) -> None:
    library = client.get("/UserViews", {"userId": client.user_id}).json()["Items"][0]["Id"]
    assert len(favourites(client, ParentId=library)["Items"]) == len(songs)
    assert len(favourites(client, ParentId=library, StartIndex=2, Limit=2)["Items"]) == 2
    album = next(item for item in songs if item["Name"] == "Copper Sun")["AlbumId"]
    for _ in range(2):
        assert {"Copper Sun", "Neon Lanterns"} == set(names(favourites(client, ParentId=album)))


def test_an_artist_narrows_them(client: Client, songs: list[Item]) -> None:
    outside = next(item for item in songs if is_external(item))
    artist = outside["ArtistItems"][0]["Id"]
    expected = {item["Id"] for item in songs if artist in [entry["Id"] for entry in item["ArtistItems"]]}
    for name in ("ArtistIds", "AlbumArtistIds", "ParentId"):
        assert {item["Id"] for item in favourites(client, **{name: artist})["Items"]} == expected
    own = next(item for item in songs if item["Name"] == "Slow Tide")["ArtistItems"][0]["Id"]
    assert names(favourites(client, ArtistIds=own)) == ["Slow Tide"]


def test_a_heart_taken_back_is_gone_from_the_next_list(client: Client, songs: list[Item]) -> None:
    favourites(client, Limit=3)
    gone = next(item for item in songs if is_external(item))["Id"]
    client.send("DELETE", f"/UserFavoriteItems/{gone}")
    left = favourites(client, Limit=3)
    assert left["TotalRecordCount"] == len(songs) - 1
    local = next(item for item in songs if not is_external(item))["Id"]
    client.send("DELETE", f"/UserFavoriteItems/{local}")
    assert favourites(client, Limit=3)["TotalRecordCount"] == len(songs) - 2
    assert gone not in [item["Id"] for item in favourites(client)["Items"]]


def test_what_was_played_last_comes_first(client: Client, songs: list[Item]) -> None:
    played = songs[::2]
    for day, item in enumerate(played, 1):
        client.post(f"/UserPlayedItems/{item['Id']}", query={"datePlayed": f"2026-02-{day:02}T10:00:00.0000000Z"})
    recent = {"SortBy": "DatePlayed", "SortOrder": "Descending", "IncludeItemTypes": "Audio", "Recursive": True,
              "userId": client.user_id, "Limit": len(played)}
    wanted = [item["Id"] for item in reversed(played)]
    assert [item["Id"] for item in client.get("/Items", recent).json()["Items"]] == wanted
    assert [item["Id"] for item in client.get("/Items", {**recent, "EnableUserData": False}).json()["Items"]] == wanted
    filtered = client.get("/Items", {**recent, "Filters": "IsPlayed", "Limit": 100}).json()
    assert ([item["Id"] for item in filtered["Items"]], filtered["TotalRecordCount"]) == (wanted, len(wanted))
    unplayed = favourites(client, Filters="IsFavorite,IsUnplayed")
    assert {item["Id"] for item in unplayed["Items"]} == {item["Id"] for item in songs[1::2]}


def test_what_was_played_most_comes_first(client: Client, songs: list[Item]) -> None:
    played = songs[::3]
    for times, item in enumerate(played, 2):
        for day in range(1, times + 1):
            client.post(f"/UserPlayedItems/{item['Id']}", query={"datePlayed": f"2026-02-{day:02}T10:00:00.0000000Z"})
    most = client.get("/Items", {"sortBy": "PlayCount", "sortOrder": "Descending", "includeItemTypes": "Audio",
                                 "recursive": True, "limit": len(played), "userId": client.user_id}).json()
    assert [item["Id"] for item in most["Items"]] == [item["Id"] for item in reversed(played)]
    assert [item["UserData"]["PlayCount"] for item in most["Items"]] == list(range(len(played) + 1, 1, -1))


def test_local_items_stay_byte_for_byte(world: World, client: Client, songs: list[Item]) -> None:
    direct = favourites(world.direct(client), Fields="Genres,DateCreated,MediaSources")["Items"]
    merged = {item["Id"]: item for item in favourites(client, Fields="Genres,DateCreated,MediaSources")["Items"]}
    assert len(direct) == 4
    assert all(merged[item["Id"]] == item for item in direct)


def test_nobody_sees_anothers(world: World, client: Client, songs: list[Item]) -> None:
    alice, admin = world.finamp("alice"), world.finamp("admin")
    assert not [item for item in favourites(alice)["Items"] if is_external(item)]
    assert alice.get(f"/Users/{client.user_id}/Items", {"Filters": "IsFavorite", "IncludeItemTypes": "Audio",
                                                        "Recursive": True}).status == 403
    looked = admin.get(f"/Users/{client.user_id}/Items", {"Filters": "IsFavorite", "IncludeItemTypes": "Audio",
                                                          "Recursive": True}).json()["Items"]
    assert not [item for item in looked if is_external(item)], "an administrator's view is Jellyfin's"


def test_who_may_no_longer_have_external_music_sees_none(
        world: World, start_sidetrack: Start) -> None:
    first = start_sidetrack()
    client = world.finamp("bob").through(first.url)
    song = external(1, 3135556)
    client.post(f"/UserFavoriteItems/{song}")
    assert [item["Id"] for item in favourites(client)["Items"]] == [song]
    first.finish()
    client = client.through(start_sidetrack({"SIDETRACK_EXTERNAL_USERS": "alice"}).url)
    assert favourites(client) == favourites(world.direct(client))
    assert client.post(f"/UserFavoriteItems/{song}").status == 404
    assert client.get(f"/UserItems/{song}/UserData").status == 404


@pytest.mark.parametrize("query", [
    {"Filters": "IsFavorite", "Genres": "Folk"}, {"Filters": "IsFavorite", "SearchTerm": "light"},
    {"Filters": "IsFavorite", "Years": "2019"}, {"Filters": "IsUnplayed"}, {"Filters": "IsResumable"},
    {"Filters": "IsFavorite", "NameStartsWith": "S"}, {"IsFavorite": False}, {"SortBy": "SortName"},
    {"Filters": "IsFavorite", "IncludeItemTypes": "Movie"},
], ids=str)
def test_what_is_jellyfins_to_answer_is_left_to_it(world: World, client: Client, songs: list[Item],
                                                   query: dict[str, Any]) -> None:
    asked = {"IncludeItemTypes": "Audio", "Recursive": True, **query}
    if "SearchTerm" not in query:
        assert client.get("/Items", asked).json() == world.direct(client).get("/Items", asked).json()
    else:
        assert not [item for item in client.get("/Items", asked).json()["Items"] if is_external(item)]


def test_they_are_shown_weeks_later_while_the_provider_is_away(
        world: World, start_sidetrack: Start) -> None:
    first = start_sidetrack()
    client = world.finamp("bob").through(first.url)
    shown = client.item(external(1, 3135556))
    client.post(f"/UserFavoriteItems/{shown['Id']}")
    first.kill()
    second = start_sidetrack()
    world.deezer.fault(status=500)
    second.advance(21 * 24 * 3600 * 1000)
    again = favourites(client.through(second.url))["Items"]
    assert [item["Id"] for item in again] == [shown["Id"]]
    for member in ("Name", "Album", "AlbumId", "ArtistItems", "ImageTags", "ProductionYear", "IndexNumber"):
        assert again[0][member] == shown[member], member


def test_a_page_of_many_comes_soon(world: World, start_sidetrack: Start, tmp_path: Any) -> None:
    """10,000 hearts: written past us, since it is the reading that counts."""
    import json
    import sqlite3
    first = start_sidetrack()
    client = world.finamp("bob").through(first.url)
    client.post(f"/UserFavoriteItems/{external(1, 3135556)}")
    first.finish()
    with sqlite3.connect(f"{tmp_path}/sidetrack.db") as database:
        snapshot = json.loads(database.execute("SELECT snapshot FROM external_media").fetchone()[0])
        row = database.execute("SELECT * FROM user_items").fetchone()
        columns = [entry[1] for entry in database.execute("PRAGMA table_info(user_items)")]
        at = columns.index("item_id")
        for number in range(1, 10_000):
            item = external(1, 9_000_000 + number)
            database.execute(f"INSERT INTO user_items VALUES ({','.join('?' * len(row))})",
                             row[:at] + (item,) + row[at + 1:])
            database.execute("INSERT INTO external_media VALUES (?, 1, ?)",
                             (item, json.dumps({**snapshot, "id": item, "title": f"Song {number}"})))
    client = client.through(start_sidetrack().url)
    began = time.monotonic()
    page = favourites(client, SortBy="Name", Limit=100)
    first_s = time.monotonic() - began
    assert (len(page["Items"]), page["TotalRecordCount"]) == (100, 10_000)
    began = time.monotonic()
    page = favourites(client, SortBy="Name", Limit=100, StartIndex=5000)
    next_s = time.monotonic() - began
    assert len({item["Id"] for item in page["Items"]}) == 100
    began = time.monotonic()
    assert len(favourites(client, SortBy="Name")["Items"]) == 10_000
    whole_s = time.monotonic() - began
    print(f"first page {first_s:.3f} s, next {next_s:.3f} s, all 10,000 {whole_s:.3f} s")
    assert first_s < 5 and next_s < 1 and whole_s < 20
