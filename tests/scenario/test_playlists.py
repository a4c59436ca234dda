"""Playlists of Jellyfin with songs of a provider among them, in every way clients use them."""
from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import pathlib
import random
import sqlite3
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike, is_external
from tests.support.http import Answer, send
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

from .conftest import World

_names = itertools.count(1)


def external(kind: int, number: int) -> str:
    return f"657874011{kind}00{number:020x}"


SONG, ALBUM, NOBODY = external(1, 3135556), external(2, 302127), external(1, 999)
PLAYLIST = external(4, 440001)
ALBUM_SONGS = [external(1, number) for number in range(3135553, 3135557)]
X, Y, Z = ALBUM_SONGS[:3]


@pytest.fixture(scope="module", autouse=True)
def bob_has_limits(stage: World) -> Iterator[None]:
    """Bob may not have external music."""
    stage.jellyfin.control("POST", "policy", user="bob", MaxParentalRating=10)
    yield
    stage.jellyfin.control("POST", "policy", user="bob", MaxParentalRating=None)


@pytest.fixture
def alice(world: World) -> FinampLike:
    return world.finamp()


@pytest.fixture
def local(alice: FinampLike) -> list[str]:
    """Ids of five local songs."""
    listed = alice.get("/Items", {"includeItemTypes": "Audio", "recursive": True}).json()["Items"]
    return [item["Id"] for item in listed if not is_external(item)][:5]


def create(client: Client, ids: list[str], **more: Any) -> str:
    answer = client.post("/Playlists", {"Name": f"List {next(_names)}", "Ids": ids, "IsPublic": False,
                                        "UserId": client.user_id, **more})
    return answer.json()["Id"]


def listed(client: Client, playlist: str, path: str = "/Playlists/{}/Items", **query: Any) -> dict[str, Any]:
    return client.get(path.format(playlist), query).json()


def ids(client: Client, playlist: str, **query: Any) -> list[str]:
    return [item["Id"] for item in listed(client, playlist, **query)["Items"]]


def entries(client: Client, playlist: str) -> list[str]:
    return [item["PlaylistItemId"] for item in listed(client, playlist)["Items"]]


def local_ids(world: World, client: Client, playlist: str) -> list[str]:
    """What Jellyfin itself has."""
    return ids(world.direct(client), playlist)


def add(client: Client, playlist: str, wanted: list[str], **query: Any) -> Answer:
    return client.post(f"/Playlists/{playlist}/Items", query={"ids": wanted, "userId": client.user_id, **query})


def remove(client: Client, playlist: str, wanted: list[str]) -> Answer:
    return client.send("DELETE", f"/Playlists/{playlist}/Items", query={"entryIds": wanted})


def move(client: Client, playlist: str, entry: str, index: int) -> Answer:
    return client.post(f"/Playlists/{playlist}/Items/{entry}/Move/{index}")


# Making and filling


def test_a_playlist_is_made_of_both(world: World, alice: FinampLike, local: list[str]) -> None:
    a, b = local[:2]
    playlist = create(alice, [a, X, b, Y])
    assert ids(alice, playlist) == [a, X, b, Y]
    assert local_ids(world, alice, playlist) == [a, b]
    assert alice.get(f"/Playlists/{playlist}").json()["ItemIds"] == [a, X, b, Y]


def test_ids_may_come_in_the_query_and_as_a_text(world: World, alice: FinampLike, local: list[str]) -> None:
    a = local[0]
    query = {"name": "In the query", "ids": [X, a], "userId": alice.user_id}
    made = alice.post("/playlists", query=query).json()["Id"]
    assert ids(alice, made) == [X, a]
    made = alice.post("/Playlists", {"name": "As a text", "ids": f"{a},{X}"}).json()["Id"]
    assert ids(alice, made) == [a, X]
    made = alice.post("/Playlists?Name=Both&Ids=" + X, {"Name": "other", "Ids": [a]}).json()["Id"]
    assert ids(alice, made) == [X]


def test_a_playlist_may_be_external_only(world: World, alice: FinampLike) -> None:
    playlist = create(alice, [X, Y])
    assert ids(alice, playlist) == [X, Y]
    assert local_ids(world, alice, playlist) == []
    assert (listed(alice, playlist)["TotalRecordCount"], listed(alice, playlist)["StartIndex"]) == (2, 0)


def test_songs_are_added_at_the_end_and_at_a_position(world: World, alice: FinampLike, local: list[str]) -> None:
    a, b, c = local[:3]
    playlist = create(alice, [a, b])
    assert add(alice, playlist, [X]).status == 204
    assert add(alice, playlist, [c, Y]).status == 204
    assert ids(alice, playlist) == [a, b, X, c, Y]
    assert add(alice, playlist, [Z], position=1).status == 204
    assert add(alice, playlist, [local[3]], position=4).status == 204
    assert add(alice, playlist, [local[4]], position=0).status == 204
    assert ids(alice, playlist) == [local[4], a, Z, b, X, local[3], c, Y]
    assert local_ids(world, alice, playlist) == [local[4], a, b, local[3], c]


def test_what_a_provider_has_as_one_is_added_song_by_song(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    assert add(alice, playlist, [ALBUM, local[1]]).status == 204
    assert ids(alice, playlist) == [local[0], *ALBUM_SONGS, local[1]]
    songs = ids(alice, PLAYLIST)
    assert len(songs) == 30
    assert ids(alice, create(alice, [PLAYLIST])) == songs


def test_an_album_of_jellyfin_among_them_keeps_its_place(world: World, alice: FinampLike) -> None:
    album = alice.get("/Items", {"includeItemTypes": "MusicAlbum", "recursive": True}).json()["Items"][0]["Id"]
    playlist = create(alice, [X, album, Y])
    of_album = local_ids(world, alice, playlist)
    assert len(of_album) > 1
    assert ids(alice, playlist) == [X, *of_album, Y]


def test_a_song_twice_has_two_entries(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [X, local[0], X])
    first, _, second = entries(alice, playlist)
    assert first != second
    assert all(len(entry) == 32 and is_external(entry) for entry in (first, second))
    assert entries(alice, playlist) == [first, local[0], second]
    assert remove(alice, playlist, [second]).status == 204
    assert entries(alice, playlist) == [first, local[0]]


def test_what_nobody_knows_is_left_out(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    assert add(alice, playlist, [NOBODY, X, "1" * 32]).status == 204
    assert ids(alice, playlist) == [local[0], X]


def test_a_provider_that_is_away_changes_nothing(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    world.deezer.fault(status=500)
    answer = add(alice, playlist, [local[1], external(1, 3135999)])
    assert answer.status in (502, 503)
    assert ids(alice, playlist) == [local[0], X]


# Changing


def test_entries_are_removed_wherever_they_are_kept(world: World, alice: FinampLike, local: list[str]) -> None:
    a, b = local[:2]
    playlist = create(alice, [a, X, b, Y])
    assert remove(alice, playlist, [entries(alice, playlist)[1], a]).status == 204
    assert ids(alice, playlist) == [b, Y]
    assert local_ids(world, alice, playlist) == [b]
    # Jellify names the song, as in Jellyfin both are the same.
    assert remove(alice, playlist, [Y]).status == 204
    assert ids(alice, playlist) == [b]
    assert remove(alice, playlist, ["no such entry"]).status == 204


def test_entries_move_by_their_place_in_the_whole(world: World, alice: FinampLike, local: list[str]) -> None:
    a, b, c = local[:3]
    playlist = create(alice, [a, X, b, Y, c])
    order = [a, X, b, Y, c]
    for start, end in ((1, 3), (3, 0), (0, 4), (4, 4), (2, 1), (1, 4), (0, 2), (4, 0)):
        entry = entries(alice, playlist)[start]
        assert move(alice, playlist, entry, end).status == 204
        order.insert(end, order.pop(start))
        assert ids(alice, playlist) == order
        assert local_ids(world, alice, playlist) == [song for song in order if not is_external(song)]
    assert move(alice, playlist, X, 99).status == 204
    assert ids(alice, playlist)[-1] == X
    assert move(alice, playlist, "0" * 31 + "1", 0).status == 204


def test_ids_replace_the_whole_list(world: World, alice: FinampLike, local: list[str]) -> None:
    a, b, c = local[:3]
    playlist = create(alice, [a, X, b, Y])
    before = dict(zip(ids(alice, playlist), entries(alice, playlist)))
    world.deezer.fault(status=500)  # what is there already needs no provider
    assert alice.post(f"/Playlists/{playlist}", {"Name": "Anew", "Ids": [Y, c, a, X]}).status == 204
    assert ids(alice, playlist) == [Y, c, a, X]
    assert [entries(alice, playlist)[i] for i in (0, 3)] == [before[Y], before[X]]
    assert local_ids(world, alice, playlist) == [c, a]
    assert alice.post(f"/Playlists/{playlist}", {"Name": "Renamed"}).status == 204
    assert ids(alice, playlist) == [Y, c, a, X]
    assert alice.post(f"/Playlists/{playlist}", {"Ids": [b]}).status == 204
    assert ids(alice, playlist) == [b]


def test_a_deleted_playlist_does_not_come_back_with_its_name(
        world: World, alice: FinampLike, local: list[str]) -> None:
    for delete in (lambda made: alice.send("DELETE", f"/Items/{made}"),
                   lambda made: alice.send("DELETE", f"/Items?ids={made}"),
                   lambda made: world.direct(alice).send("DELETE", f"/Items/{made}")):
        playlist = create(alice, [local[0], X], Name="Again and again")
        assert delete(playlist).status == 204
        assert alice.get(f"/Playlists/{playlist}/Items").status == 404
        assert create(alice, [local[0]], Name="Again and again") == playlist
        assert ids(alice, playlist) == [local[0]]
        assert alice.send("DELETE", f"/Items/{playlist}").status == 204


def test_a_playlist_deleted_past_us_is_forgotten_when_its_owner_asks(
        world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X], Name="Gone")
    assert world.direct(alice).send("DELETE", f"/Items/{playlist}").status == 204
    assert world.finamp("carol").get(f"/Playlists/{playlist}/Items").status == 404
    assert alice.get(f"/Playlists/{playlist}/Items").status == 404
    assert world.direct(alice).post("/Playlists", {"Name": "Gone", "Ids": [local[1]]}).json()["Id"] == playlist
    assert ids(alice, playlist) == [local[1]]


def test_edits_past_us_leave_ours_beside_their_neighbours(
        world: World, alice: FinampLike, local: list[str]) -> None:
    a, b, c, d, e = local
    playlist = create(alice, [a, X, b, c, Y])
    past = world.direct(alice)
    assert add(past, playlist, [d]).status == 204
    assert ids(alice, playlist) == [a, X, b, c, Y, d]
    assert remove(past, playlist, [a]).status == 204
    assert ids(alice, playlist) == [X, b, c, Y, d]
    assert move(past, playlist, d, 0).status == 204
    assert ids(alice, playlist) == [X, d, b, c, Y]
    assert add(alice, playlist, [e, Z]).status == 204
    assert ids(alice, playlist) == [X, d, b, c, Y, e, Z]
    assert past.post(f"/Playlists/{playlist}", {"Ids": []}).status == 204
    assert sorted(ids(alice, playlist)) == sorted([X, Y, Z])


# Reading


@pytest.mark.parametrize("path", ["/Playlists/{}/Items", "/playlists/{}/items/", "/Items?ParentId={}",
                                  "/Users/{user}/Items?parentId={}&includeItemTypes=Audio"])
def test_pages_are_cut_from_the_whole(alice: FinampLike, local: list[str], path: str) -> None:
    order = [X, local[0], local[1], Y, Z, local[2], local[3], SONG]
    playlist = create(alice, order)
    path = path.replace("{user}", alice.user_id)
    whole = alice.get(path.format(playlist)).json()
    assert [item["Id"] for item in whole["Items"]] == order
    for start, limit in itertools.product(range(0, 10), range(1, 10)):
        joint = "&" if "?" in path else "?"
        page = alice.get(path.format(playlist) + f"{joint}startIndex={start}&limit={limit}").json()
        assert page["Items"] == whole["Items"][start:start + limit]
        assert (page["TotalRecordCount"], page["StartIndex"]) == (len(order), start)


def test_jellyfins_items_are_jellyfins_bytes(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X, local[1]])
    query = {"userId": alice.user_id, "fields": "MediaSources,Genres,Path"}
    direct = world.direct(alice).get(f"/Playlists/{playlist}/Items", query).body.decode()
    through = alice.get(f"/Playlists/{playlist}/Items", query).body.decode()
    inside = direct[direct.index("[") + 1:direct.rindex("], \"TotalRecordCount\"")]
    first = inside[:inside.index(local[0])]
    assert first in through
    assert inside[inside.rindex('{"Name": '):] in through


def test_only_the_local_window_of_a_page_is_asked_for(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X, local[1], local[2], Y, local[3]])
    count = len(world.jellyfin.requests(f"/Playlists/{playlist}/Items"))
    listed(alice, playlist, startIndex=2, limit=3)
    asked = world.jellyfin.requests(f"/Playlists/{playlist}/Items")[count:]
    assert len(asked) == 1
    assert "StartIndex=1" in asked[0]["target"] and "Limit=2" in asked[0]["target"]


def test_camel_case_clients_get_camel_case(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    answer = alice.get(f"/Playlists/{playlist}/Items",
                       headers={"Accept": 'application/json; profile="CamelCase"'}).json()
    assert [item["id"] for item in answer["items"]] == [local[0], X]
    assert answer["totalRecordCount"] == 2
    assert is_external(answer["items"][1]["playlistItemId"])


def test_a_sorted_list_has_ours_behind_it_and_a_shuffled_one_anywhere(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [X, *local, Y])
    found = [item["Id"] for item in listed(alice, playlist, "/Items?ParentId={}&SortBy=Name")["Items"]]
    assert sorted(found[:5]) == sorted(local) and found[5:] == [X, Y]
    page = listed(alice, playlist, "/Items?ParentId={}&SortBy=Name&StartIndex=4&Limit=2")
    assert ([item["Id"] for item in page["Items"]], page["TotalRecordCount"]) == (found[4:6], 7)
    orders = {tuple(item["Id"] for item in listed(alice, playlist, "/Items?ParentId={}&SortBy=Random")["Items"])
              for _ in range(20)}
    assert len(orders) > 1 and all(sorted(order) == sorted(found) for order in orders)


def test_filters_are_left_to_jellyfin(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [X, local[0]])
    for query in ("&IsFavorite=true", "&Filters=IsFavorite", "&IncludeItemTypes=MusicAlbum", "&Years=1999"):
        assert listed(alice, playlist, "/Items?ParentId={}" + query)["Items"] == []


def test_the_playlist_itself_counts_all_of_it(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X, Y])
    jellyfins = world.direct(alice).item(playlist)
    item = alice.item(playlist)
    assert (jellyfins["ChildCount"], item["ChildCount"]) == (1, 3)
    length = sum(song["RunTimeTicks"] for song in listed(alice, playlist)["Items"])
    assert item["RunTimeTicks"] == item["CumulativeRunTimeTicks"] == length > jellyfins["RunTimeTicks"]
    assert item["ImageTags"] == jellyfins["ImageTags"]


def test_lists_of_playlists_count_all_of_them(world: World, alice: FinampLike, local: list[str]) -> None:
    mixed, plain = create(alice, [X, Y]), create(alice, local[:1])
    query = {"IncludeItemTypes": "Playlist", "Recursive": True, "Fields": "ChildCount"}
    path = f"/Users/{alice.user_id}/Items"
    found = {item["Id"]: item for item in alice.get(path, query).json()["Items"]}
    jellyfins = {item["Id"]: item for item in world.direct(alice).get(path, query).json()["Items"]}
    assert found.keys() == jellyfins.keys()
    assert found[plain] == jellyfins[plain]
    assert (found[mixed]["ChildCount"], jellyfins[mixed]["ChildCount"]) == (2, 0)
    assert "Primary" in found[mixed]["ImageTags"] and jellyfins[mixed]["ImageTags"] == {}
    bob = world.finamp("bob")
    assert alice.post(f"/Playlists/{mixed}", {"IsPublic": True}).status == 204
    seen = {item["Id"]: item for item in bob.get("/Items", query).json()["Items"]}
    assert (seen[mixed]["ChildCount"], seen[mixed]["ImageTags"]) == (0, {})


def test_a_playlist_without_local_songs_has_a_picture_of_ours(world: World, alice: FinampLike) -> None:
    playlist = create(alice, [X, Y])
    tag = alice.item(playlist)["ImageTags"]["Primary"]
    path = f"/Items/{playlist}/Images/Primary?tag={tag}&fillWidth=250"
    assert send(world.jellyfin.url, "GET", path).status == 404
    picture = alice.get(path)
    assert picture.status == 200
    assert picture.body == alice.get(f"/Items/{X}/Images/Primary?fillWidth=250").body
    assert send(world.sidetrack.url, "HEAD", path).status == 200
    assert alice.get(f"/Items/{playlist}/Images/Backdrop").status == 404


def test_a_picture_of_jellyfins_stays(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [X, local[0]])
    path = f"/Items/{playlist}/Images/Primary"
    assert alice.get(path).body == world.direct(alice).get(path).body


def test_a_providers_playlist_names_its_entries(alice: FinampLike) -> None:
    for path in (f"/Playlists/{PLAYLIST}/Items", f"/Items?ParentId={PLAYLIST}"):
        found = [item["PlaylistItemId"] for item in alice.get(path).json()["Items"]]
        assert len(set(found)) == 30 and all(len(entry) == 32 for entry in found)
        joint = "&" if "?" in path else "?"
        page = alice.get(f"{path}{joint}startIndex=10&limit=5").json()["Items"]
        assert [item["PlaylistItemId"] for item in page] == found[10:15]


def test_a_list_shows_while_the_provider_is_away(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    before = listed(alice, playlist)
    world.deezer.fault(hang=True)
    assert listed(alice, playlist) == before


def test_an_entry_is_the_song_it_names(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    assert alice.post(f"/UserFavoriteItems/{X}").status == 200
    for path in ("/Playlists/{}/Items", "/Items?ParentId={}"):
        entry = listed(alice, playlist, path)["Items"][1]
        assert entry.pop("PlaylistItemId") == entries(alice, playlist)[1]
        assert entry == alice.item(X)
        assert entry["UserData"]["IsFavorite"]


def test_a_mix_is_jellyfins(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    for path in (f"/Playlists/{playlist}/InstantMix", f"/Items/{playlist}/InstantMix"):
        assert alice.get(path).json() == world.direct(alice).get(path).json()


# As clients spell it


def as_finamp(client: Client, made: str, verb: str, *what: Any) -> Answer:
    """NewPlaylist in the body; no moving."""
    if verb == "create":
        return client.post("/Playlists", {"Name": made, "Ids": what[0], "UserId": client.user_id, "MediaType": "Audio"})
    if verb == "add":
        return client.post(f"/Playlists/{made}/Items", query={"ids": what[0], "userId": client.user_id})
    if verb == "remove":
        return client.send("DELETE", f"/Playlists/{made}/Items", query={"entryIds": [what[0]["PlaylistItemId"]]})
    return client.get(f"/Playlists/{made}/Items", {
        "UserId": client.user_id, "IncludeItemTypes": "Audio", "ParentId": made, "Recursive": True,
        "Fields": "parentId,indexNumber,songCount,childCount,infoText,mediaSources"})


def as_feishin(client: Client, made: str, verb: str, *what: Any) -> Answer:
    """Paths in lower case, an empty list first, null for a body."""
    if verb == "create":
        answer = client.post("/playlists", {"IsPublic": False, "MediaType": "Audio", "Name": made,
                                            "UserId": client.user_id})
        assert as_feishin(client, answer.json()["Id"], "add", what[0]).status == 204
        return answer
    if verb == "add":
        return client.send("POST", f"/playlists/{made}/items", body=b"null",
                           query={"Ids": what[0], "UserId": client.user_id},
                           headers={"Content-Type": "application/json"})
    if verb == "remove":
        return client.send("DELETE", f"/playlists/{made}/items", query={"EntryIds": [what[0]["PlaylistItemId"]]})
    if verb == "move":
        return client.post(f"/playlists/{made}/items/{what[0]['PlaylistItemId']}/move/{what[1]}")
    return client.get(f"/playlists/{made}/items", {
        "Fields": "Genres, DateCreated, MediaSources, UserData, ParentId", "IncludeItemTypes": "Audio",
        "Limit": 500, "StartIndex": 0, "SortBy": "SortName", "UserId": client.user_id})


def as_jellify(client: Client, made: str, verb: str, *what: Any) -> Answer:
    """Repeated names, pages of /Items, and entries called by their songs."""
    repeated = lambda name, values: "&".join(f"{name}={value}" for value in values)
    if verb == "create":
        answer = client.post("/Playlists", {"Name": made, "IsPublic": False, "MediaType": "Audio"},
                             query={"userId": client.user_id, "mediaType": "Audio"})
        assert as_jellify(client, answer.json()["Id"], "add", what[0]).status == 204
        return answer
    if verb == "add":
        return client.post(f"/Playlists/{made}/Items?{repeated('ids', what[0])}&userId={client.user_id}")
    if verb == "remove":
        return client.send("DELETE", f"/Playlists/{made}/Items?{repeated('entryIds', [what[0]['Id']])}")
    if verb == "move":
        return client.post(f"/Playlists/{made}/Items/{what[0]['Id']}/Move/{what[1]}")
    if verb == "update":
        return client.post(f"/Playlists/{made}", {"Name": "Other", "Ids": what[0]})
    fields = repeated("fields", ("MediaSources", "ParentId", "Path", "SortName"))
    return client.get(f"/Items?parentId={made}&includeItemTypes=Audio&recursive=false&limit=200&startIndex=0&{fields}")


def as_web(client: Client, made: str, verb: str, *what: Any) -> Answer:
    """The dialog's ids as they are, and moves by dragging."""
    if verb == "create":
        return client.post("/Playlists", {"Name": made, "IsPublic": True, "Ids": what[0], "UserId": client.user_id})
    if verb == "add":
        return client.post(f"/Playlists/{made}/Items", query={"ids": what[0], "userId": client.user_id})
    if verb == "remove":
        return client.send("DELETE", f"/Playlists/{made}/Items", query={"EntryIds": what[0]["PlaylistItemId"]})
    if verb == "move":
        return client.post(f"/Playlists/{made}/Items/{what[0]['PlaylistItemId']}/Move/{what[1]}")
    return client.get(f"/Playlists/{made}/Items", {
        "Fields": "PrimaryImageAspectRatio,MediaSourceCount,Chapters,Trickplay",
        "EnableImageTypes": "Primary,Backdrop,Banner,Thumb", "UserId": client.user_id})


@pytest.mark.parametrize("speak", [as_finamp, as_feishin, as_jellify, as_web])
def test_clients_spell_it_in_their_own_way(alice: FinampLike, local: list[str],
                                           speak: Callable[..., Answer]) -> None:
    a, b = local[:2]
    playlist = speak(alice, f"By {speak.__name__}", "create", [a, X]).json()["Id"]
    order = [a, X]

    def items() -> list[dict[str, Any]]:
        found = speak(alice, playlist, "list").json()["Items"]
        assert [item["Id"] for item in found] == order
        return found
    items()
    assert speak(alice, playlist, "add", [Y, b]).status == 204
    order += [Y, b]
    if speak is not as_finamp:
        assert speak(alice, playlist, "move", items()[2], 0).status == 204
        order.insert(0, order.pop(2))
        assert speak(alice, playlist, "move", items()[3], 1).status == 204
        order.insert(1, order.pop(3))
    for place in (2, 0):
        assert speak(alice, playlist, "remove", items()[place]).status == 204
        order.pop(place)
    if speak is as_jellify:
        assert speak(alice, playlist, "update", order[::-1]).status == 204
        order.reverse()
    items()


# Rights


def test_a_reader_without_the_right_sees_the_local_part(
        world: World, alice: FinampLike, local: list[str]) -> None:
    bob = world.finamp("bob")
    playlist = create(alice, [X, local[0], Y, local[1]], Users=[{"UserId": bob.user_id, "CanEdit": False}])
    for path in ("/Playlists/{}/Items", "/Items?ParentId={}"):
        found = listed(bob, playlist, path)
        assert ([item["Id"] for item in found["Items"]], found["TotalRecordCount"]) == (local[:2], 2)
    assert bob.get(f"/Playlists/{playlist}").json()["ItemIds"] == local[:2]
    assert bob.item(playlist)["ChildCount"] == 2


def test_naming_another_user_shows_nothing_of_ours(world: World, alice: FinampLike, local: list[str]) -> None:
    """Jellyfin itself shows its part to whoever names somebody who may see it."""
    carol = world.finamp("carol")
    playlist = create(alice, [local[0], X, local[1]])
    for query in ({}, {"startIndex": 1}):
        answer = carol.get(f"/Playlists/{playlist}/Items", {"userId": alice.user_id, **query}).json()
        direct = world.direct(carol).get(f"/Playlists/{playlist}/Items", {"userId": alice.user_id, **query})
        assert answer == direct.json()
    assert ids(alice, playlist, userId=alice.user_id.upper()) == [local[0], X, local[1]]


def test_a_collaborator_without_the_right_edits_the_local_part(
        world: World, alice: FinampLike, local: list[str]) -> None:
    a, b, c, d = local[:4]
    bob = world.finamp("bob")
    playlist = create(alice, [a, X, b, c], Users=[{"UserId": bob.user_id, "CanEdit": True}])
    assert move(bob, playlist, c, 0).status == 204
    assert (ids(bob, playlist), ids(alice, playlist)) == ([c, a, b], [c, a, X, b])
    assert remove(bob, playlist, [a]).status == 204
    assert add(bob, playlist, [d, Y]).status == 204  # what is not his is unknown to him
    assert (ids(bob, playlist), ids(alice, playlist)) == ([c, b, d], [c, X, b, d])
    assert remove(bob, playlist, [X]).status == 204
    assert bob.post(f"/Playlists/{playlist}", {"Ids": [d, c, b]}).status == 204
    assert sorted(ids(alice, playlist)) == sorted([b, c, d, X])


@pytest.mark.parametrize("shares, status", [([], 404), ([{"CanEdit": False}], 403)])
def test_whom_jellyfin_refuses_changes_nothing(world: World, alice: FinampLike, local: list[str],
                                               shares: list[dict[str, Any]], status: int) -> None:
    carol = world.finamp("carol")
    playlist = create(alice, [local[0], X, local[1]], Users=[{"UserId": carol.user_id, **s} for s in shares])
    entry = entries(alice, playlist)[1]
    edits: list[Callable[[], Answer]] = [
        lambda: add(carol, playlist, [Y]), lambda: add(carol, playlist, [local[2], Y]),
        lambda: add(carol, playlist, [Y], position=0), lambda: remove(carol, playlist, [entry]),
        lambda: remove(carol, playlist, [entry, local[0]]), lambda: move(carol, playlist, entry, 0),
        lambda: move(carol, playlist, local[0], 2), lambda: move(carol, playlist, entry, 1),
        lambda: carol.post(f"/Playlists/{playlist}", {"Ids": [Y]}),
        lambda: carol.post(f"/Playlists/{playlist}", {"Ids": [local[2]]})]
    assert [edit().status for edit in edits] == [status] * len(edits)
    assert carol.send("DELETE", f"/Items/{playlist}").status in (401, 404)
    assert ids(alice, playlist) == [local[0], X, local[1]]
    if status == 404:
        assert carol.get(f"/Playlists/{playlist}/Items?startIndex=1").status == 404
        assert send(world.sidetrack.url, "GET", f"/Playlists/{playlist}/Items").status == 401


def test_a_collaborator_with_the_right_edits_the_whole(world: World, alice: FinampLike, local: list[str]) -> None:
    carol = world.finamp("carol")
    playlist = create(alice, [local[0]], Users=[{"UserId": carol.user_id, "CanEdit": True}])
    assert add(carol, playlist, [X]).status == 204
    assert move(carol, playlist, X, 0).status == 204
    assert ids(alice, playlist) == ids(carol, playlist) == [X, local[0]]


def test_who_cannot_see_some_songs_counts_without_them(world: World, alice: FinampLike, local: list[str]) -> None:
    carol = world.finamp("carol")
    a, b, c = local[:3]
    song = world.jellyfin.control("POST", "library", artist="Hidden", album="Hidden", title="Hidden")["id"]
    world.jellyfin.control("POST", "hide", user="carol", item=song)
    playlist = create(alice, [a, song, X, b, Y, c], Users=[{"UserId": carol.user_id, "CanEdit": True}])
    assert ids(carol, playlist) == [a, X, b, Y, c]
    assert ids(carol, playlist, startIndex=1, limit=2) == [X, b]
    assert listed(carol, playlist, startIndex=1, limit=2)["TotalRecordCount"] == 5
    assert move(carol, playlist, c, 1).status == 204
    assert ids(carol, playlist) == [a, c, X, b, Y]
    assert [entry for entry in ids(alice, playlist) if entry != song] == [a, c, X, b, Y]


# At once, and through a restart


def test_two_who_edit_at_once_lose_nothing(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    carol = world.finamp("carol")
    assert alice.post(f"/Playlists/{playlist}", {"Users": [{"UserId": carol.user_id, "CanEdit": True}]}).status == 204
    songs = ids(alice, PLAYLIST)[:12]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda pair: add((alice, carol)[pair[0] % 2], playlist, [pair[1], local[1]]).status,
                             enumerate(songs)))
    assert done == [204] * len(songs)
    found = ids(alice, playlist)
    assert sorted(found) == sorted([local[0], *songs, *[local[1]] * len(songs)])
    # Each song stands right before the local one that came with it.
    assert all(is_external(found[i]) and found[i + 1] == local[1] for i in range(1, len(found), 2))


def test_what_was_done_is_there_after_a_restart(world: World, start_sidetrack: Callable[..., Sidetrack],
                                                alice: FinampLike, local: list[str]) -> None:
    first = start_sidetrack()
    client = alice.through(first.url)
    playlist = create(client, [local[0], X, local[1], Y])
    assert move(client, playlist, Y, 0).status == 204
    before = listed(client, playlist)
    first.kill()
    second = start_sidetrack()
    assert listed(alice.through(second.url), playlist) == before


def test_a_death_between_jellyfins_answer_and_ours_leaves_a_list_in_order(
        world: World, start_sidetrack: Callable[..., Sidetrack], tmp_path: pathlib.Path, alice: FinampLike,
        local: list[str]) -> None:
    first = start_sidetrack()
    client = alice.through(first.url)
    playlist = create(client, [local[0], X])
    with contextlib.closing(sqlite3.connect(tmp_path / "sidetrack.db")) as database:
        database.execute("BEGIN IMMEDIATE")  # our commit waits behind this one
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            edit = pool.submit(add, client, playlist, [local[1], Y])
            wait_for(lambda: local[1] in local_ids(world, alice, playlist), 5, "Jellyfin has done its part")
            first.kill()
            assert isinstance(edit.exception(10), OSError)
        database.rollback()
    second = start_sidetrack()
    client = alice.through(second.url)
    assert ids(client, playlist) == [local[0], X, local[1]]
    assert add(client, playlist, [local[2], Y]).status == 204
    assert ids(client, playlist) == [local[0], X, local[1], local[2], Y]


def test_a_commit_that_fails_is_told(world: World, start_sidetrack: Callable[..., Sidetrack], tmp_path: pathlib.Path,
                                     alice: FinampLike, local: list[str]) -> None:
    client = alice.through(start_sidetrack().url)
    playlist = create(client, [local[0], X])
    with contextlib.closing(sqlite3.connect(tmp_path / "sidetrack.db")) as database:
        database.execute("ALTER TABLE user_playlist_songs RENAME TO elsewhere")
    answer = add(client, playlist, [local[1], Y])
    assert answer.status == 500 and "playlist_not_saved" in answer.text
    with contextlib.closing(sqlite3.connect(tmp_path / "sidetrack.db")) as database:
        database.execute("ALTER TABLE elsewhere RENAME TO user_playlist_songs")
    assert ids(client, playlist) == [local[0], X, local[1]]
    assert add(client, playlist, [Y]).status == 204
    assert ids(client, playlist) == [local[0], X, local[1], Y]


def test_who_leaves_amid_an_edit_holds_up_nobody(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0], X])
    world.jellyfin.fault(route=f"POST /Playlists/{playlist}/Items", times=1, hang=True)
    with pytest.raises(OSError):
        alice.post(f"/Playlists/{playlist}/Items", query={"ids": Y}, timeout_s=0.5)
    assert add(alice, playlist, [Z]).status == 204
    assert ids(alice, playlist) == [local[0], X, Z]


def test_a_thousand_entries_are_read_page_by_page(world: World, alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    for _ in range(30):
        assert add(alice, playlist, [PLAYLIST, *local[:4]]).status == 204
    whole = listed(alice, playlist)
    assert whole["TotalRecordCount"] == len(whole["Items"]) == 1 + 30 * 34
    pages = [listed(alice, playlist, startIndex=start, limit=100) for start in range(0, 1100, 100)]
    assert [item for page in pages for item in page["Items"]] == whole["Items"]
    assert {page["TotalRecordCount"] for page in pages} == {1021}
    assert move(alice, playlist, whole["Items"][1000]["PlaylistItemId"], 0).status == 204
    assert ids(alice, playlist, limit=1) == [whole["Items"][1000]["Id"]]


def test_what_is_too_much_is_refused(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    answer = add(alice, playlist, [external(1, number) for number in range(1, 258)])
    assert answer.status == 400 and "too_many_ids" in answer.text
    assert ids(alice, playlist) == local[:1]


def test_random_edits_go_as_in_a_list(world: World, alice: FinampLike, local: list[str]) -> None:
    """A list in memory is the judge; every song at most once, so that an entry is a song."""
    random.seed(6)
    everything = [*local, *ids(alice, PLAYLIST)[:6]]
    playlist, order = create(alice, []), []
    for _ in range(60):
        absent = [song for song in everything if song not in order]
        what = random.choice(["add", "position", "remove", "move", "move", "replace"])
        if what in ("add", "position") and absent:
            added = random.sample(absent, min(len(absent), random.randint(1, 3)))
            place = random.randint(0, len(order)) if what == "position" else len(order)
            query = {"position": place} if what == "position" else {}
            assert add(alice, playlist, added, **query).status == 204
            order[place:place] = added
        elif what == "remove" and order:
            gone = random.sample(order, min(len(order), random.randint(1, 2)))
            assert remove(alice, playlist, gone).status == 204
            order = [song for song in order if song not in gone]
        elif what == "move" and order:
            start, end = random.randrange(len(order)), random.randrange(len(order))
            assert move(alice, playlist, order[start], end).status == 204
            order.insert(end, order.pop(start))
        elif what == "replace" and random.random() < 0.3:
            order = random.sample(everything, random.randint(0, 6))
            assert alice.post(f"/Playlists/{playlist}", {"Ids": order}).status == 204
        assert ids(alice, playlist) == order


def test_random_edits_past_us_lose_nothing(world: World, alice: FinampLike, local: list[str]) -> None:
    """Half of them past us: Jellyfin's part is as it says, ours is whole, and pages fit together."""
    random.seed(7)
    ours = ids(alice, PLAYLIST)[:6]
    past = world.direct(alice)
    playlist = create(alice, [local[0], ours[0], local[1], ours[1]])
    kept = ours[:2]
    for _ in range(60):
        here = ids(alice, playlist)
        theirs = [song for song in here if not is_external(song)]
        through = random.random() < 0.5
        client, songs = (alice, here) if through else (past, theirs)
        what = random.choice(["add", "remove", "move", "move"])
        if what == "add":
            wanted = [song for song in (*local, *(ours if through else ())) if song not in here][:2]
            assert add(client, playlist, wanted, position=random.randint(0, len(songs))).status == 204
            kept += [song for song in wanted if is_external(song)]
        elif what == "remove" and songs:
            gone = random.choice(songs)
            assert remove(client, playlist, [gone]).status == 204
            kept = [song for song in kept if song != gone]
        elif what == "move" and songs:
            assert move(client, playlist, random.choice(songs), random.randrange(len(songs))).status == 204
        found = ids(alice, playlist)
        assert [song for song in found if not is_external(song)] == local_ids(world, alice, playlist)
        assert sorted(song for song in found if is_external(song)) == sorted(kept)
        half = len(found) // 2
        assert ids(alice, playlist, limit=half) + ids(alice, playlist, startIndex=half) == found


def test_an_artist_is_added_by_what_they_are_known_for(alice: FinampLike, local: list[str]) -> None:
    playlist = create(alice, [local[0]])
    assert add(alice, playlist, [external(3, 27)]).status == 204
    found = ids(alice, playlist)
    assert found[0] == local[0] and set(found[1:]) <= set(ALBUM_SONGS) and len(found) > 1
