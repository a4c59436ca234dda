"""Every answer about an external id has Jellyfin's shape, and lacks nothing clients insist on."""
from __future__ import annotations

from typing import Any

import pytest

from tests.support import openapi
from tests.support.client import FinampLike, is_external
from tests.support.waiting import wait_for

from .conftest import World

PLAYLIST = f"65787401140000000000000000{440001:06x}"
ALL_FIELDS = ("ItemCounts,PrimaryImageAspectRatio,CanDelete,MediaSourceCount,DateCreated,Genres,"
              "MediaSources,MediaStreams,ParentId,Path,ProviderIds,SortName,Studios,Tags,ChildCount,"
              "Overview,People,Etag")


@pytest.fixture(scope="module")
def description() -> openapi.Description | None:
    """None where the description is not beside the checkout: then only our own list is checked."""
    return openapi.Description() if openapi.is_available() else None


def external_of(world: World, client: FinampLike, kind: str, term: str = "lantern") -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        items = client.search(term, kind, Limit=50)["Items"]
        return next(filter(is_external, items), None)
    return wait_for(found, 5, f"an external {kind}")


def check(description: openapi.Description | None, template: str, answer: Any, method: str = "GET") -> None:
    if description is not None:
        description.check(method, template, answer)


@pytest.mark.parametrize("types", ["Audio", "MusicAlbum", "MusicArtist"])
@pytest.mark.parametrize("fields", [None, ALL_FIELDS])
def test_search_results(world: World, description: openapi.Description | None, types: str,
                        fields: str | None) -> None:
    client = world.finamp()
    external_of(world, client, types)
    answer = client.search("lantern", types, Fields=fields, Limit=50)
    assert any(map(is_external, answer["Items"]))
    openapi.check_result(answer)
    check(description, "/Items", answer)


@pytest.mark.parametrize("kind", ["Audio", "MusicAlbum", "MusicArtist"])
def test_items_in_full(world: World, description: openapi.Description | None, kind: str) -> None:
    client = world.finamp()
    item = client.item(external_of(world, client, kind)["Id"])
    assert item["Type"] == kind
    openapi.check_item(item)
    check(description, "/Items/{itemId}", item)
    assert item["ServerId"] == client.server_id
    if kind == "Audio":
        assert item["MediaSources"], "a full song says how it is played"


@pytest.mark.parametrize("relation, kind, child", [
    ("ParentId", "MusicAlbum", "Audio"), ("AlbumIds", "MusicAlbum", "Audio"),
    ("ArtistIds", "MusicArtist", "MusicAlbum"), ("AlbumArtistIds", "MusicArtist", "MusicAlbum"),
    ("ArtistIds", "MusicArtist", "Audio"),
])
def test_children(world: World, description: openapi.Description | None, relation: str, kind: str,
                  child: str) -> None:
    client = world.finamp()
    parent = external_of(world, client, kind)
    answer = client.get("/Items", {relation: parent["Id"], "includeItemTypes": child, "recursive": True,
                                   "userId": client.user_id, "fields": ALL_FIELDS}).json()
    assert answer["Items"], f"{kind} has {child} by {relation}"
    assert {item["Type"] for item in answer["Items"]} == {child}
    openapi.check_result(answer)
    check(description, "/Items", answer)


def test_lists_of_both_worlds(world: World, description: openapi.Description | None) -> None:
    client = world.finamp()
    song, artist = external_of(world, client, "Audio"), external_of(world, client, "MusicArtist")
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    for path in ("/Items", f"/Users/{client.user_id}/Items"):
        answer = client.get(path, {"ids": [song["Id"], local["Id"], artist["Id"]], "fields": ALL_FIELDS}).json()
        assert [is_external(item) for item in answer["Items"]] == [True, False, True]
        openapi.check_result(answer)
        check(description, "/Items", answer)


def test_playlists(world: World, description: openapi.Description | None) -> None:
    client = world.finamp()
    playlist = client.item(PLAYLIST)
    openapi.check_item(playlist)
    check(description, "/Items/{itemId}", playlist)
    answer = client.get(f"/Playlists/{PLAYLIST}/Items", {"fields": ALL_FIELDS}).json()
    assert answer["Items"]
    openapi.check_result(answer)
    check(description, "/Playlists/{playlistId}/Items", answer)


def test_artists(world: World, description: openapi.Description | None) -> None:
    client = world.finamp()
    external_of(world, client, "MusicArtist")
    for path in ("/Artists", "/Artists/AlbumArtists"):
        answer = client.get(path, {"searchTerm": "lantern", "userId": client.user_id}).json()
        assert any(map(is_external, answer["Items"])), path
        openapi.check_result(answer)
        check(description, path, answer)


def test_hints(world: World, description: openapi.Description | None) -> None:
    client = world.finamp()
    external_of(world, client, "Audio")

    def answer() -> dict[str, Any]:
        return client.get("/Search/Hints", {"searchTerm": "lantern", "userId": client.user_id}).json()
    wait_for(lambda: any(map(is_external, answer()["SearchHints"])), 5, "external hints")
    check(description, "/Search/Hints", answer())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_playback_info(world: World, description: openapi.Description | None, method: str) -> None:
    client = world.finamp()
    song = external_of(world, client, "Audio")
    answer = client.send(method, f"/Items/{song['Id']}/PlaybackInfo", query={"userId": client.user_id},
                         json={"DeviceProfile": {}} if method == "POST" else None).json()
    assert answer["PlaySessionId"]
    assert len(answer["MediaSources"]) == 1
    openapi.check_media_source(answer["MediaSources"][0])
    check(description, "/Items/{itemId}/PlaybackInfo", answer, method)


@pytest.mark.parametrize("template", ["/Items/{itemId}/Ancestors", "/Items/{itemId}/ThemeMedia",
                                      "/Items/{itemId}/Intros", "/MediaSegments/{itemId}",
                                      "/Items/{itemId}/Similar", "/Items/{itemId}/InstantMix"])
def test_what_hangs_on_a_song(world: World, description: openapi.Description | None, template: str) -> None:
    client = world.finamp()
    song = external_of(world, client, "Audio")
    answer = client.get(template.format(itemId=song["Id"]), {"userId": client.user_id}).json()
    check(description, template, answer)


def test_the_stand_in_itself_has_the_shape(world: World, description: openapi.Description | None) -> None:
    """Otherwise the other tests would prove little."""
    direct = world.direct(world.finamp())
    answer = direct.search("light", "Audio,MusicAlbum", Fields=ALL_FIELDS)
    openapi.check_result(answer)
    check(description, "/Items", answer)
    check(description, "/Items/{itemId}", direct.item(answer["Items"][0]["Id"]))
    check(description, "/Search/Hints", direct.get("/Search/Hints", {"searchTerm": "light"}).json())
    check(description, "/Sessions", direct.get("/Sessions").json())


@pytest.mark.parametrize("kind", ["Audio", "MusicAlbum", "MusicArtist"])
def test_what_users_do(world: World, description: openapi.Description | None, kind: str) -> None:
    client = world.finamp("bob")
    item = external_of(world, client, kind)["Id"]
    answers = [(method, template, client.send(method, template.format(itemId=item), query=query, json=body).json())
               for method, template, query, body in (
                   ("POST", "/UserFavoriteItems/{itemId}", {}, None),
                   ("POST", "/UserPlayedItems/{itemId}", {"datePlayed": "2026-01-02T03:04:05Z"}, None),
                   ("POST", "/UserItems/{itemId}/Rating", {"likes": True}, None),
                   ("POST", "/UserItems/{itemId}/UserData", {}, {"PlaybackPositionTicks": 10_000_000}),
                   ("GET", "/UserItems/{itemId}/UserData", {}, None))]
    listed = client.get("/Items", {"isFavorite": True, "includeItemTypes": kind, "recursive": True,
                                   "fields": ALL_FIELDS}).json()
    assert [entry["Id"] for entry in listed["Items"]] == [item]
    openapi.check_result(listed)
    check(description, "/Items", listed)
    if kind == "MusicArtist":
        artists = client.get("/Artists/AlbumArtists", {"isFavorite": True}).json()
        openapi.check_result(artists)
        check(description, "/Artists/AlbumArtists", artists)
    answers += [("DELETE", template, client.send("DELETE", template.format(itemId=item)).json())
                for template in ("/UserFavoriteItems/{itemId}", "/UserPlayedItems/{itemId}",
                                 "/UserItems/{itemId}/Rating")]
    for method, template, answer in answers:
        assert {"PlaybackPositionTicks", "PlayCount", "IsFavorite", "Played", "Key", "ItemId"} <= set(answer)
        assert None not in answer.values() and answer["Key"] == answer["ItemId"] == item
        check(description, template, answer, method)
