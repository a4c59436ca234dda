"""Playlists: what an entry is called, who may edit, and what a request that adds nothing says."""
from __future__ import annotations

import time
import uuid
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike

from .conftest import Server

UNKNOWN = "1" * 32
Playlist = Callable[..., str]


@pytest.fixture
def playlist(client: FinampLike) -> Iterator[Playlist]:
    """Makes playlists, and deletes them after the test."""
    made: list[str] = []

    def make(ids: list[str], **more: Any) -> str:
        answer = client.post("/Playlists", {"Name": f"Contract {uuid.uuid4().hex}", "Ids": ids, "IsPublic": False,
                                            "UserId": client.user_id, "MediaType": "Audio", **more})
        made.append(answer.json()["Id"])
        return made[-1]
    yield make
    for playlist_id in made:  # one that is deleted while Jellyfin makes its picture comes back
        for _ in range(20):
            client.send("DELETE", f"/Items/{playlist_id}")
            time.sleep(0.2)
            if client.get(f"/Playlists/{playlist_id}").status == 404:
                break


@pytest.fixture
def other(server: Server) -> Iterator[FinampLike]:
    other = server.client("other")
    yield other
    other.post("/Sessions/Logout")


def entries(client: Client, playlist_id: str, **query: Any) -> list[str]:
    listed = client.get(f"/Playlists/{playlist_id}/Items", query).json()["Items"]
    assert [item["PlaylistItemId"] for item in listed] == [item["Id"] for item in listed]
    return [item["PlaylistItemId"] for item in listed]


def ids_of(songs: list[dict[str, Any]]) -> tuple[str, str, str]:
    return songs[0]["Id"], songs[1]["Id"], songs[2]["Id"]


def nothing(client: Client, playlist_id: str) -> int:
    """An addition of no songs: how edits of ours ask Jellyfin for leave."""
    return client.post(f"/Playlists/{playlist_id}/Items?ids=").status


def test_an_entry_is_called_by_its_item_and_may_be_there_twice(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    a, b, _ = ids_of(songs)
    made = playlist([a, b, a])
    assert entries(client, made) == [a, b, a]
    assert client.get(f"/Playlists/{made}").json()["ItemIds"] == [a, b, a]
    assert client.send("DELETE", f"/Playlists/{made}/Items?entryIds={a}").status == 204
    assert entries(client, made) == [b]


def test_a_list_is_paged_and_a_limit_of_none_is_none(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    a, b, c = ids_of(songs)
    made = playlist([a, b, c])
    assert entries(client, made, startIndex=1, limit=1) == [b]
    answer = client.get(f"/Playlists/{made}/Items", {"limit": 0}).json()
    assert (answer["Items"], answer["TotalRecordCount"]) == ([], 3)
    answer = client.get(f"/Playlists/{made}/Items", {"startIndex": 9}).json()
    assert (answer["Items"], answer["TotalRecordCount"], answer["StartIndex"]) == ([], 3, 9)


def test_the_items_of_a_playlist_are_in_order_and_each_once(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    a, b, c = ids_of(songs)
    made = playlist([c, a, b, c])
    for query in ({}, {"limit": 0}):
        answer = client.get("/Items", {"userId": client.user_id, "parentId": made, **query}).json()
        assert ([item["Id"] for item in answer["Items"]], answer["TotalRecordCount"]) == ([c, a, b], 3)


@pytest.mark.parametrize("entry, index, after", [(0, 2, "BCA"), (2, 0, "CAB"), (1, 2, "ACB"), (1, 1, "ABC")])
def test_an_entry_moves_to_the_place_it_has_then(client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]],
                                                 entry: int, index: int, after: str) -> None:
    named = dict(zip("ABC", ids_of(songs)))
    made = playlist(list(named.values()))
    path = f"/Playlists/{made}/Items/{ids_of(songs)[entry]}/Move/{index}"
    assert client.post(path).status == 204
    assert entries(client, made) == [named[letter] for letter in after]


def test_songs_are_added_at_a_position_or_at_the_end(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    a, b, c = ids_of(songs)
    made = playlist([a, b])
    assert client.post(f"/Playlists/{made}/Items?ids={c}&position=1").status == 204
    assert entries(client, made) == [a, c, b]
    assert client.post(f"/Playlists/{made}/Items?ids={UNKNOWN},{c}").status == 204
    assert entries(client, made) == [a, c, b, c]


def test_an_album_is_added_song_by_song(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    made = playlist([])
    assert entries(client, made) == []
    album = songs[0]["AlbumId"]
    assert client.post(f"/Playlists/{made}/Items?ids={album}").status == 204
    assert set(entries(client, made)) == {song["Id"] for song in songs if song["AlbumId"] == album}


def test_ids_replace_the_list_and_their_absence_does_not(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    a, b, c = ids_of(songs)
    made = playlist([a, b])
    for body, after in (({"Ids": [c, a]}, [c, a]), ({"ids": f"{b},{c}"}, [b, c]),
                        ({"Name": "Renamed"}, [b, c]), ({"Ids": []}, [])):
        assert client.post(f"/Playlists/{made}", body).status == 204
        assert entries(client, made) == after


def test_adding_nothing_changes_nothing_and_says_whether_one_may(
        client: FinampLike, playlist: Playlist, songs: list[dict[str, Any]]) -> None:
    made = playlist(list(ids_of(songs)))
    assert nothing(client, made) == 204
    assert entries(client, made) == list(ids_of(songs))
    assert nothing(client, UNKNOWN) == 404
    assert client.send("POST", f"/Playlists/{made}/Items?ids=", headers={"Authorization": ""}).status == 401


@pytest.mark.needs_other
def test_who_may_see_and_who_may_edit(client: FinampLike, other: FinampLike, playlist: Playlist,
                                      songs: list[dict[str, Any]]) -> None:
    made = playlist([songs[0]["Id"]])
    seen = []
    for change in ({}, {"Users": [{"UserId": other.user_id, "CanEdit": False}]},
                   {"Users": [{"UserId": other.user_id, "CanEdit": True}]}, {"Users": [], "IsPublic": True}):
        assert client.post(f"/Playlists/{made}", change).status == 204
        seen.append((other.get(f"/Playlists/{made}").status, other.get(f"/Playlists/{made}/Items").status,
                     nothing(other, made), other.get(f"/Playlists/{made}/Users").status))
    assert seen == [(404, 404, 404, 404), (200, 200, 403, 403), (200, 200, 204, 403), (200, 200, 403, 403)]
    assert client.get(f"/Playlists/{made}/Users").status == 200


def test_a_playlist_of_the_same_name_may_have_the_id_of_a_deleted_one(client: FinampLike, playlist: Playlist) -> None:
    """What we keep of the deleted one must not come back with it."""
    name = f"Contract {uuid.uuid4().hex}"
    made = playlist([], Name=name)
    for _ in range(40):
        client.send("DELETE", f"/Items/{made}")
        time.sleep(0.2)
        if client.get(f"/Playlists/{made}/Items").status == 404:
            break
    assert playlist([], Name=name) == made
