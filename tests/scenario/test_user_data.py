"""Hearts, plays and ratings of external music: kept, told, and nobody else's business."""
from __future__ import annotations

import pathlib
import sqlite3
import uuid
from typing import Any, Callable

import pytest

from tests.support.client import Client
from tests.support.http import send
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

from .conftest import World
from .test_items import ALBUM, ARTIST, NOBODY, PLAYLIST, SONG

Start = Callable[..., Sidetrack]
UNTOUCHED = {"PlaybackPositionTicks": 0, "PlayCount": 0, "IsFavorite": False, "Played": False}
NEW, OLD = "new", "old"  # 12.0's spelling, and the one below /Users/{user}


def path(client: Client, what: str, item: str, spelling: str = NEW) -> str:
    old = {"favourite": "FavoriteItems/{}", "played": "PlayedItems/{}", "rating": "Items/{}/Rating",
           "data": "Items/{}/UserData"}[what].format(item)
    new = {"favourite": "/UserFavoriteItems/{}", "played": "/UserPlayedItems/{}",
           "rating": "/UserItems/{}/Rating", "data": "/UserItems/{}/UserData"}[what].format(item)
    return f"/Users/{client.user_id}/{old}" if spelling == OLD else new


def told(item: str, **changed: Any) -> dict[str, Any]:
    return {**UNTOUCHED, "Key": item, "ItemId": item, **changed}


def user_data(client: Client, item: str) -> dict[str, Any]:
    return client.get(path(client, "data", item)).json()


@pytest.fixture
def client(world: World) -> Client:
    """Nothing has been done yet by bob."""
    bob = world.finamp("bob")
    for item in (SONG, ALBUM, ARTIST, PLAYLIST):
        for what in ("favourite", "played", "rating"):
            assert bob.send("DELETE", path(bob, what, item)).status == 200
    return bob


@pytest.mark.parametrize("spelling", [NEW, OLD])
@pytest.mark.parametrize("item", [SONG, ALBUM, ARTIST, PLAYLIST], ids=["song", "album", "artist", "playlist"])
def test_a_heart_is_given_shown_and_taken_back(client: Client, item: str, spelling: str) -> None:
    given = client.post(path(client, "favourite", item, spelling))
    assert (given.status, given.json()) == (200, told(item, IsFavorite=True))
    assert given.headers["Content-Type"].startswith("application/json")
    assert client.item(item)["UserData"] == told(item, IsFavorite=True)
    assert user_data(client, item) == told(item, IsFavorite=True)
    taken = client.send("DELETE", path(client, "favourite", item, spelling))
    assert (taken.status, taken.json()) == (200, told(item))
    assert client.item(item)["UserData"] == told(item)


@pytest.mark.parametrize("spell", [str.upper, lambda entry: str(uuid.UUID(entry)),
                                   lambda entry: "ext-deezer-song-3135556"], ids=["upper", "dashed", "ext"])
def test_paths_and_ids_may_be_spelled_in_many_ways(client: Client, spell: Callable[[str], str]) -> None:
    assert client.post(f"/userfavoriteitems/{spell(SONG)}").json() == told(SONG, IsFavorite=True)
    assert client.post(f"/USERS/{uuid.UUID(client.user_id)}/playedItems/{spell(SONG)}",
                       query={"DATEPLAYED": "20260102030405"}).json() == told(
        SONG, IsFavorite=True, Played=True, PlayCount=1, LastPlayedDate="2026-01-02T03:04:05.0000000Z")


@pytest.mark.parametrize("spelling", [NEW, OLD])
def test_marking_played_counts_as_jellyfin_counts(client: Client, spelling: str) -> None:
    where = path(client, "played", SONG, spelling)
    first = client.post(where).json()
    assert (first["Played"], first["PlayCount"]) == (True, 1) and first["LastPlayedDate"]
    assert client.post(where).json() == first, "without a date it is not one more"
    dated = client.post(where, query={"datePlayed": "2026-01-02T03:04:05Z"}).json()
    assert (dated["PlayCount"], dated["LastPlayedDate"]) == (2, "2026-01-02T03:04:05.0000000Z")
    assert client.send("DELETE", where).json() == told(SONG)
    assert client.post(where, query={"datePlayed": "yesterday"}).status == 400


@pytest.mark.parametrize("folder", [ALBUM, PLAYLIST], ids=["album", "playlist"])
def test_marking_a_folder_marks_its_songs(client: Client, folder: str) -> None:
    def songs() -> list[dict[str, Any]]:
        return [item["UserData"] for item in client.get("/Items", {"ParentId": folder}).json()["Items"]]
    assert client.post(path(client, "played", folder)).json() == told(folder), "as Jellyfin answers"
    assert len(songs()) > 1 and all((data["Played"], data["PlayCount"]) == (True, 1) for data in songs())
    assert client.item(folder)["UserData"] == told(folder)
    assert client.send("DELETE", path(client, "played", folder, OLD)).json() == told(folder)
    assert not any(data["Played"] or data["PlayCount"] for data in songs())


@pytest.mark.parametrize("spelling", [NEW, OLD])
def test_a_thumb_is_kept(client: Client, spelling: str) -> None:
    where = path(client, "rating", SONG, spelling)
    up = client.post(where, query={"likes": "true"}).json()
    assert (up["Likes"], up["Rating"]) == (True, 10)
    assert client.post(where, query={"Likes": "False"}).json()["Likes"] is False
    assert "Likes" not in client.send("DELETE", where).json()


@pytest.mark.parametrize("spelling", [NEW, OLD])
def test_user_data_may_be_set_member_by_member(client: Client, spelling: str) -> None:
    where = path(client, "data", SONG, spelling)
    assert client.post(where, {"PlayCount": 4, "isFavorite": True}).json() == told(
        SONG, PlayCount=4, IsFavorite=True)
    assert client.post(where, {"Played": True, "Rating": 7.5}).json() == told(
        SONG, PlayCount=4, IsFavorite=True, Played=True, Rating=7.5, Likes=True)
    assert client.get(where).json()["PlayCount"] == 4
    assert client.post(where, {"Rating": 11}).status == 400
    assert client.post(where, {"PlayCount": "many"}).status == 400
    client.post(where, {"PlayCount": 0, "Played": False, "IsFavorite": False})


def test_lists_searches_and_children_say_it_too(client: Client) -> None:
    client.post(path(client, "favourite", SONG))
    client.post(path(client, "favourite", ALBUM))
    found = {item["Id"]: item for item in client.search("harder better", "Audio,MusicAlbum", Limit=50)["Items"]}
    assert found[SONG]["UserData"]["IsFavorite"]
    listed = client.get("/Items", {"Ids": f"{SONG},{ALBUM}"}).json()["Items"]
    assert [item["UserData"]["IsFavorite"] for item in listed] == [True, True]
    children = client.get("/Items", {"ParentId": ALBUM}).json()["Items"]
    assert {item["Id"] for item in children if item["UserData"]["IsFavorite"]} == {SONG}
    assert len(children) > 1


def test_local_items_are_left_to_jellyfin(world: World, client: Client) -> None:
    local = client.get("/Items", {"includeItemTypes": "Audio", "recursive": True, "limit": 1}).json()["Items"][0]["Id"]
    seen = len(world.jellyfin.requests(f"/UserFavoriteItems/{local}"))
    assert client.post(path(client, "favourite", local)).json()["IsFavorite"]
    assert client.send("DELETE", path(client, "favourite", local)).status == 200
    assert len(world.jellyfin.requests(f"/UserFavoriteItems/{local}")) == seen + 2
    assert not world.jellyfin.requests(f"/UserFavoriteItems/{SONG}")


# Who may


def test_a_user_neither_sees_nor_changes_anothers(world: World, client: Client) -> None:
    alice = world.finamp("alice")
    client.post(path(client, "favourite", SONG))
    assert alice.item(SONG)["UserData"] == told(SONG)
    for method, what in (("POST", "favourite"), ("DELETE", "favourite"), ("POST", "played"),
                         ("DELETE", "played"), ("POST", "rating"), ("GET", "data"), ("POST", "data")):
        for where, query in ((path(client, what, SONG, OLD), {}),
                             (path(client, what, SONG, NEW), {"userId": client.user_id})):
            answer = alice.send(method, where, query=query, json={} if what == "data" else None)
            assert (answer.status, answer.text) == (403, "Error processing request."), (method, where)
    assert user_data(client, SONG) == told(SONG, IsFavorite=True)


def test_an_administrator_may(world: World, client: Client) -> None:
    admin = world.finamp("admin")
    assert admin.post(path(client, "favourite", SONG, OLD)).json()["IsFavorite"]
    assert user_data(client, SONG)["IsFavorite"]
    assert not user_data(admin, SONG)["IsFavorite"]


def test_a_token_is_needed(world: World, client: Client) -> None:
    for token in ("", "MediaBrowser Token=nonsense"):
        for method, what in (("POST", "favourite"), ("DELETE", "played"), ("GET", "data"), ("POST", "data")):
            answer = send(world.sidetrack.url, method, path(client, what, SONG), headers={"Authorization": token})
            assert answer.status == 401, (method, what)


def test_what_nobody_knows_cannot_be_kept(client: Client) -> None:
    assert client.post(path(client, "favourite", NOBODY)).status == 404
    assert client.post(path(client, "played", NOBODY)).status == 404
    assert user_data(client, NOBODY) == told(NOBODY)


def test_what_was_kept_before_can_be_changed_while_the_provider_is_away(
        world: World, client: Client, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client.through(first.url).post(path(client, "favourite", PLAYLIST))
    first.finish()
    client = client.through(start_sidetrack().url)  # which remembers no answer of the provider's
    world.deezer.fault(status=500)
    assert client.send("DELETE", path(client, "favourite", PLAYLIST)).json() == told(PLAYLIST)
    assert client.post(path(client, "favourite", PLAYLIST)).json() == told(PLAYLIST, IsFavorite=True)
    assert client.post(path(client, "favourite", ALBUM)).status in (502, 503), "nobody could show it later"
    assert user_data(client, ALBUM) == told(ALBUM)


# The other tab


def test_other_tabs_see_the_heart(world: World, client: Client) -> None:
    tab, other, stranger = world.web("bob"), world.web("bob"), world.web("alice")
    sockets = [entry.open_socket() for entry in (tab, other, stranger)]
    for socket in sockets:
        socket.receive_type("ForceKeepAlive")
    client.post(path(client, "favourite", SONG))
    for socket in sockets[:2]:
        message = socket.receive_type("UserDataChanged")
        assert message["Data"] == {"UserId": client.user_id, "UserDataList": [told(SONG, IsFavorite=True)]}
    assert sockets[2].gets_nothing("UserDataChanged")
    for socket in sockets:
        socket.close()


# What lasts


def test_what_was_answered_survives_kill_9(
        world: World, start_sidetrack: Start) -> None:
    first = start_sidetrack()
    client = world.finamp("bob").through(first.url)
    client.post(path(client, "favourite", SONG))
    client.post(path(client, "played", SONG), query={"datePlayed": "2026-01-02T03:04:05Z"})
    client.post(path(client, "rating", ALBUM), query={"likes": "true"})
    first.kill()
    second = start_sidetrack()
    client = client.through(second.url)
    assert client.item(SONG)["UserData"] == told(
        SONG, IsFavorite=True, Played=True, PlayCount=1, LastPlayedDate="2026-01-02T03:04:05.0000000Z")
    assert client.item(ALBUM)["UserData"] == told(ALBUM, Rating=10, Likes=True)


def test_what_cannot_be_kept_is_an_error(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    instance = start_sidetrack()
    client = world.finamp("bob").through(instance.url)
    client.post(path(client, "favourite", SONG))
    with sqlite3.connect(f"{tmp_path}/sidetrack.db", timeout=10) as database:
        database.execute("ALTER TABLE user_items RENAME TO away")
    answer = client.post(path(client, "favourite", ALBUM))
    assert (answer.status, "store_failed" in answer.text) == (500, True)
    assert not client.item(ALBUM)["UserData"]["IsFavorite"]
    assert client.item(SONG)["UserData"]["IsFavorite"], "what is known is shown"
    with sqlite3.connect(f"{tmp_path}/sidetrack.db", timeout=10) as database:
        database.execute("ALTER TABLE away RENAME TO user_items")
    wait_for(lambda: client.post(path(client, "favourite", ALBUM)).status == 200, 5, "it goes on")


# Played


def play(world: World, client: Client, item: str, seconds: int, **stop: Any) -> None:
    """Starts it, hears it for so long, stops."""
    client.start(item)
    world.advance(seconds * 1000)
    client.stop(item, stop.pop("position_s", seconds), **stop)


def has_count(client: Client, item: str, count: int) -> Callable[[], bool]:
    return lambda: user_data(client, item)["PlayCount"] == count


def test_half_of_it_counts_as_played_once(world: World, client: Client) -> None:
    play(world, client, SONG, 16)  # a preview of 30 s
    wait_for(has_count(client, SONG, 1), 5, "it is counted")
    data = user_data(client, SONG)
    assert data["Played"] and data["PlaybackPositionTicks"] == 0
    assert client.item(SONG)["UserData"] == data
    client.start(SONG)
    for second in (10, 20, 29):
        world.advance(10_000)
        client.progress(SONG, second)
    client.stop(SONG, 30)
    wait_for(has_count(client, SONG, 2), 5, "one more for one more play")
    assert user_data(client, SONG)["LastPlayedDate"] > data["LastPlayedDate"]


def test_less_than_half_does_not_count_wherever_it_ended(world: World, client: Client) -> None:
    other = client.search("cold light", Limit=50)["Items"]
    other = next(item["Id"] for item in other if item["Id"].startswith("65787401"))
    play(world, client, SONG, 5)
    play(world, client, SONG, 5, position_s=30)  # by seeking to the end
    client.start(SONG)
    client.progress(SONG, 5, paused=True)
    world.advance(60_000)
    client.stop(SONG, 5)
    play(world, client, other, 20)  # told in order, so what came before has been considered
    wait_for(lambda: user_data(client, other)["PlayCount"] > 0, 5, "this one counts")
    assert user_data(client, SONG) == told(SONG)
    client.send("DELETE", path(client, "played", other))


def test_other_tabs_hear_of_a_play(world: World, client: Client) -> None:
    socket = world.web("bob").open_socket()
    socket.receive_type("ForceKeepAlive")
    client.start(SONG)
    world.advance(20_000)
    client.stop(SONG, 20)
    message = socket.receive_type("UserDataChanged")
    assert message["Data"]["UserDataList"][0]["PlayCount"] == 1
    socket.close()


def test_a_play_over_a_restart_counts_once(world: World, start_sidetrack: Start) -> None:
    first = start_sidetrack()
    client = world.finamp("bob").through(first.url)
    client.start(SONG)
    first.advance(16_000)
    client.progress(SONG, 16)
    wait_for(has_count(client, SONG, 1), 5, "it is counted")
    first.kill()
    second = start_sidetrack()
    client = client.through(second.url)
    second.advance(5_000)
    client.progress(SONG, 21)
    client.stop(SONG, 22)
    wait_for(lambda: world.playing(client) is None, 5, "it is over")
    assert user_data(client, SONG)["PlayCount"] == 1
