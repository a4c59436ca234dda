"""User data: how favourites, plays and ratings are answered, counted and listed."""
from __future__ import annotations

import uuid
from typing import Any, Iterator

import pytest

from tests.support.client import FinampLike

UNKNOWN = "deadbeef" * 4
Song = dict[str, Any]


@pytest.fixture
def song(client: FinampLike, songs: list[Song]) -> Iterator[str]:
    """One without a past."""
    item = songs[0]["Id"]
    for path in (f"/UserFavoriteItems/{item}", f"/UserPlayedItems/{item}", f"/UserItems/{item}/Rating"):
        client.send("DELETE", path)
    yield item
    for path in (f"/UserFavoriteItems/{item}", f"/UserPlayedItems/{item}", f"/UserItems/{item}/Rating"):
        client.send("DELETE", path)


def favourites(client: FinampLike, **query: Any) -> dict[str, Any]:
    return client.get("/Items", {"userId": client.user_id, "isFavorite": True, "includeItemTypes": "Audio",
                                 "recursive": True, **query}).json()


@pytest.mark.parametrize("path", ["/UserFavoriteItems/{}", "/Users/{user}/FavoriteItems/{}"])
def test_a_heart_is_answered_with_the_user_data(client: FinampLike, song: str, path: str) -> None:
    where = path.format(song, user=client.user_id)
    given = client.post(where).json()
    assert (given["IsFavorite"], given["PlayCount"], given["Played"]) == (True, 0, False)
    assert given["ItemId"] == song and given["Key"] and "LastPlayedDate" not in given
    assert client.item(song)["UserData"] == given
    assert client.send("DELETE", where).json()["IsFavorite"] is False


@pytest.mark.parametrize("path", ["/UserPlayedItems/{}", "/Users/{user}/PlayedItems/{}"])
def test_marking_played_counts_one_more_only_with_a_date(client: FinampLike, song: str, path: str) -> None:
    where = path.format(song, user=client.user_id)
    assert client.post(where).json()["PlayCount"] == 1
    assert client.post(where).json()["PlayCount"] == 1
    dated = client.post(where, query={"datePlayed": "2026-01-02T03:04:05.0000000Z"}).json()
    assert (dated["PlayCount"], dated["LastPlayedDate"][:19]) == (2, "2026-01-02T03:04:05")
    gone = client.send("DELETE", where).json()
    assert (gone["PlayCount"], gone["Played"]) == (0, False) and "LastPlayedDate" not in gone


@pytest.mark.needs_other
@pytest.mark.parametrize("method,path", [
    ("POST", "/Users/{}/FavoriteItems/{item}"), ("POST", "/UserFavoriteItems/{item}?userId={}"),
    ("POST", "/Users/{}/PlayedItems/{item}"), ("GET", "/UserItems/{item}/UserData?userId={}")])
def test_anothers_is_forbidden(client: FinampLike, server: Any, song: str, method: str, path: str) -> None:
    other = server.client("other")
    answer = client.send(method, path.format(other.user_id, item=song))
    assert (answer.status, answer.text) == (403, "Error processing request.")


def test_what_is_unknown_is_404(client: FinampLike) -> None:
    for method, path in (("POST", f"/UserFavoriteItems/{UNKNOWN}"), ("DELETE", f"/UserPlayedItems/{UNKNOWN}"),
                         ("GET", f"/UserItems/{UNKNOWN}/UserData")):
        assert client.send(method, path).status == 404, path


def test_favourites_are_listed_and_counted(client: FinampLike, songs: list[Song], song: str) -> None:
    before = favourites(client)["TotalRecordCount"]
    client.post(f"/UserFavoriteItems/{song}")
    answer = favourites(client)
    assert answer["TotalRecordCount"] == before + 1
    assert song in [item["Id"] for item in answer["Items"]]
    assert favourites(client, limit=1, startIndex=before + 5)["Items"] == []
    by_filter = client.get(f"/Users/{client.user_id}/Items", {
        "Filters": "IsFavorite", "IncludeItemTypes": "Audio", "Recursive": True}).json()
    assert [item["Id"] for item in by_filter["Items"]] == [item["Id"] for item in answer["Items"]]


def test_an_artist_nobody_knows_has_none_and_a_parent_is_an_error(client: FinampLike, song: str) -> None:
    client.post(f"/UserFavoriteItems/{song}")
    for name in ("artistIds", "albumArtistIds", "albumIds"):
        assert favourites(client, **{name: UNKNOWN})["Items"] == [], name
    assert client.get("/Items", {"userId": client.user_id, "isFavorite": True, "recursive": True,
                                 "parentId": UNKNOWN}).status != 200


def test_what_was_played_last_comes_first(client: FinampLike, songs: list[Song], song: str) -> None:
    client.post(f"/UserPlayedItems/{song}", query={"datePlayed": "2031-01-02T03:04:05.0000000Z"})
    recent = client.get("/Items", {"userId": client.user_id, "includeItemTypes": "Audio", "recursive": True,
                                   "sortBy": "DatePlayed", "sortOrder": "Descending", "limit": 3}).json()
    assert recent["Items"][0]["Id"] == song
    assert recent["Items"][0]["UserData"]["LastPlayedDate"].startswith("2031-01-02T03:04:05")
    played = client.get("/Items", {"userId": client.user_id, "includeItemTypes": "Audio", "recursive": True,
                                   "filters": "IsPlayed"}).json()
    assert song in [item["Id"] for item in played["Items"]]


def test_a_library_says_what_it_holds(client: FinampLike) -> None:
    views = client.get("/UserViews", {"userId": client.user_id}).json()["Items"]
    library = next(view for view in views if view.get("CollectionType") == "music")
    item = client.get(f"/Items/{library['Id']}", {"userId": client.user_id}).json()
    assert (item["Type"], item["CollectionType"]) == ("CollectionFolder", "music")


def test_other_sockets_are_told(client: FinampLike, song: str) -> None:
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    # What the fixture did is told half a second later, together with what follows it soon.
    socket.gets_nothing("UserDataChanged", 1.5)
    client.post(f"/UserFavoriteItems/{song}")
    message = socket.receive_type("UserDataChanged", 10)
    told = {data["ItemId"]: data for data in message["Data"]["UserDataList"]}
    assert uuid.UUID(message["Data"]["UserId"]) == uuid.UUID(client.user_id)
    assert told[song]["IsFavorite"] is True
    socket.close()
