"""External ids behave like ids of Jellyfin, in every spelling clients use."""
from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support import prometheus
from tests.support.client import FinampLike, is_external, ticks
from tests.support.http import send
from tests.support.waiting import wait_for

from .conftest import World



def external(kind: int, number: int) -> str:
    """The agreed spelling of Deezer's songs (1), albums (2) and artists (3)."""
    return f"657874011{kind}00{number:020x}"


SONG, ALBUM, ARTIST, NOBODY = external(1, 3135556), external(2, 302127), external(3, 27), external(1, 999)
PLAYLIST = external(4, 440001)


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def items(client: FinampLike, **query: Any) -> list[dict[str, Any]]:
    return client.get("/Items", {"userId": client.user_id, **query}).json()["Items"]


def local_songs(client: FinampLike) -> list[str]:
    return [item["Id"] for item in items(client, includeItemTypes="Audio", recursive=True)]


# Reading


def test_the_ids_are_the_agreed_ones(client: FinampLike) -> None:
    song = client.item(SONG)
    assert "Harder, Better, Faster, Stronger" in song["Name"]
    assert (song["Id"], song["AlbumId"]) == (SONG, ALBUM)
    assert song["ArtistItems"] == [{"Name": "Daft Punk", "Id": ARTIST}]
    assert (song["IndexNumber"], song["ProductionYear"]) == (4, 2001)


def test_a_preview_says_so_and_lasts_as_long_as_its_bytes(client: FinampLike) -> None:
    song = client.item(SONG)
    assert "(preview)" in song["Name"]
    assert abs(song["RunTimeTicks"] - ticks(30)) < ticks(0.1)


@pytest.mark.parametrize("spell", [
    lambda entry: str(uuid.UUID(entry)), str.upper, lambda entry: str(uuid.UUID(entry)).upper(),
    lambda entry: "ext-deezer-song-3135556", lambda entry: "ext-deezer-3135556",
], ids=["dashed", "upper", "dashed-upper", "ext", "ext-short"])
def test_an_id_may_be_spelled_in_many_ways(client: FinampLike, spell: Any) -> None:
    assert client.item(spell(SONG))["Id"] == SONG
    assert client.get(f"/items/{spell(SONG)}/").json()["Id"] == SONG


@pytest.mark.parametrize("path", ["/Items/{id}", "/Users/{user}/Items/{id}", "/items/{id}",
                                  "/users/{user}/items/{id}/", "/ITEMS/{id}?userId={user}"])
def test_routes_of_both_spellings(client: FinampLike, path: str) -> None:
    assert client.get(path.format(id=SONG, user=client.user_id)).json()["Id"] == SONG


def test_a_list_of_ids_keeps_its_order(client: FinampLike) -> None:
    first, second = local_songs(client)[:2]
    wanted = [SONG, first, ALBUM, second, ARTIST]
    assert [item["Id"] for item in items(client, ids=wanted)] == wanted
    assert [item["Id"] for item in items(client, Ids=[first, second])] == [first, second]
    assert [item["Id"] for item in items(client, ids=[SONG])] == [SONG]


def test_repeated_ids_are_a_list_too(client: FinampLike) -> None:
    first = local_songs(client)[0]
    answer = client.get(f"/Items?ids={first}&ids={SONG}&userId={client.user_id}").json()
    assert [item["Id"] for item in answer["Items"]] == [first, SONG]
    assert answer["TotalRecordCount"] == 2


def test_types_narrow_a_list_of_ids(client: FinampLike) -> None:
    first = local_songs(client)[0]
    wanted = [SONG, first, ALBUM, ARTIST]
    assert [item["Id"] for item in items(client, ids=wanted, includeItemTypes="Audio")] == [SONG, first]
    assert [item["Id"] for item in items(client, ids=wanted, includeItemTypes="MusicAlbum,MusicArtist")] == [ALBUM, ARTIST]
    page = client.get("/Items", {"ids": wanted, "startIndex": 1, "limit": 2}).json()
    assert [item["Id"] for item in page["Items"]] == [first, ALBUM] and page["TotalRecordCount"] == 4
    assert client.get("/Items", {"ids": wanted, "startIndex": 9}).json()["Items"] == []


def test_a_long_queue_comes_back_whole(world: World, client: FinampLike) -> None:
    known = [item["Id"] for item in client.get("/Items", {"parentId": PLAYLIST}).json()["Items"]]
    first = local_songs(client)[0]
    wanted = (known * 20)[:500] + [first]
    assert [item["Id"] for item in items(client, ids=wanted)] == wanted


def test_ids_of_a_provider_that_cannot_be_asked(world: World, client: FinampLike) -> None:
    """A client that hears of an empty list forgets its queue."""
    first = local_songs(client)[0]
    world.deezer.fault(status=500)
    assert client.get("/Items", {"ids": [external(2, 770040)]}).status == 502
    assert [item["Id"] for item in items(client, ids=[external(2, 770050), first])] == [first]
    world.deezer.clear_faults()
    world.advance(70_000)
    assert items(client, ids=[external(2, 770040)])


def test_an_unknown_external_id_is_404_and_missing_from_lists(client: FinampLike) -> None:
    assert client.get(f"/Items/{NOBODY}").status == 404
    first = local_songs(client)[0]
    assert [item["Id"] for item in items(client, ids=[NOBODY, first])] == [first]


def test_camel_case_when_asked_for(client: FinampLike) -> None:
    headers = {"Accept": 'application/json; profile="CamelCase"'}
    song = client.get(f"/Items/{SONG}", headers=headers).json()
    assert song["id"] == SONG and "userData" in song
    assert song["userData"]["playCount"] == 0
    assert "Primary" in song.get("imageTags", {"Primary": ""}) or "albumPrimaryImageTag" in song
    wait_for(lambda: any(is_external(item) for item in client.search("lantern")["Items"]), 5, "external songs")
    answer = client.get("/Items", {"searchTerm": "lantern", "includeItemTypes": "Audio", "recursive": True},
                        headers=headers).json()
    assert set(answer) == {"items", "totalRecordCount", "startIndex"}
    assert all("id" in item and "Id" not in item for item in answer["items"])


def test_local_items_are_jellyfins_own_bytes(world: World, client: FinampLike) -> None:
    item_id = local_songs(client)[0]
    assert client.get(f"/Items/{item_id}").json() == world.direct(client).get(f"/Items/{item_id}").json()
    merged = {item["Id"]: item for item in client.search("light")["Items"]}
    for item in world.direct(client).search("light")["Items"]:
        assert merged[item["Id"]] == item


@pytest.mark.parametrize("path, status", [
    ("/Audio/{id}/Lyrics", 404), ("/Items/{id}/Ancestors", 200), ("/Items/{id}/ThemeMedia", 200),
    ("/Items/{id}/Intros", 200), ("/Users/{user}/Items/{id}/Intros", 200), ("/MediaSegments/{id}", 200),
])
def test_what_a_song_does_not_have(client: FinampLike, path: str, status: int) -> None:
    answer = client.get(path.format(id=SONG, user=client.user_id))
    assert answer.status == status
    if path.endswith(("Intros", "{id}")):
        assert answer.json()["Items"] == []


def test_a_playlist_has_its_songs_in_its_own_order(world: World, client: FinampLike) -> None:
    playlist = client.item(PLAYLIST)
    assert (playlist["Type"], playlist["Name"], playlist["ChildCount"]) == ("Playlist", "Lanterns at Dusk", 30)
    listed = send(world.deezer.url, "GET", "/playlist/440001/tracks?limit=100").json()["data"]
    expected = [external(1, track["id"]) for track in listed]
    for path, query in ((f"/Playlists/{PLAYLIST}/Items", {}), ("/Items", {"ParentId": PLAYLIST}),
                        (f"/Users/{client.user_id}/Items", {"parentId": PLAYLIST, "recursive": True})):
        answer = client.get(path, {"userId": client.user_id, **query}).json()
        assert ([item["Id"] for item in answer["Items"]], answer["TotalRecordCount"]) == (expected, 30), path
    page = client.get(f"/Playlists/{PLAYLIST}/Items", {"startIndex": 25, "limit": 10}).json()
    assert [item["Id"] for item in page["Items"]] == expected[25:]
    assert items(client, parentId=PLAYLIST, includeItemTypes="MusicAlbum") == []
    assert client.get(f"/Playlists/{external(4, 5)}/Items").json()["Items"] == []


# Pictures


@pytest.mark.parametrize("entry", [SONG, ALBUM, ARTIST, PLAYLIST])
def test_pictures_need_no_token(world: World, entry: str) -> None:
    path = f"/Items/{entry}/Images/Primary?fillWidth=200&quality=90&tag=abc"
    head = world.sidetrack.send("HEAD", path)
    answer = world.sidetrack.send("GET", path)
    assert (head.status, answer.status) == (200, 200)
    assert answer.header("Content-Type").startswith("image/")
    assert head.header("Content-Type") == answer.header("Content-Type")
    assert head.body == b"" and len(answer.body) > 100


def test_a_missing_picture_is_404(world: World) -> None:
    assert world.sidetrack.send("GET", f"/Items/{SONG}/Images/Backdrop").status == 404
    assert world.sidetrack.send("GET", f"/Items/{NOBODY}/Images/Primary").status == 404


# Bytes


def stream_paths(client: FinampLike) -> list[str]:
    return [f"/Audio/{SONG}/universal?ApiKey={client.token}", f"/audio/{SONG}/universal?apiKey={client.token}",
            f"/Audio/{SONG}/stream?static=true&ApiKey={client.token}",
            f"/Audio/{SONG}/stream.mp3?static=true&ApiKey={client.token}",
            f"/Items/{SONG}/File?ApiKey={client.token}", f"/Items/{SONG}/Download?ApiKey={client.token}"]


def test_every_way_to_the_bytes_gives_the_same(world: World, client: FinampLike) -> None:
    bodies = {send(world.sidetrack.url, "GET", path).body for path in stream_paths(client)}
    assert len(bodies) == 1 and len(bodies.pop()) > 400_000


@pytest.mark.parametrize("wanted, status, length", [
    ("bytes=0-99", 206, 100), ("bytes=-100", 206, 100), ("bytes=100-", 206, None),
    ("bytes=99999999-", 416, None), ("bytes=0-1,5-6", 200, None), ("nonsense", 200, None),
])
def test_ranges(client: FinampLike, wanted: str, status: int, length: int | None) -> None:
    path = f"/Audio/{SONG}/universal?ApiKey={client.token}"
    size = int(client.send("HEAD", path).header("Content-Length"))
    answer = client.get(path, headers={"Range": wanted})
    assert answer.status == status
    if length is not None:
        assert len(answer.body) == length
    if status == 416:
        assert answer.header("Content-Range") == f"bytes */{size}"
    if status == 200:
        assert len(answer.body) == size


def test_an_expired_preview_is_fetched_anew(world: World, client: FinampLike) -> None:
    path = f"/Audio/{SONG}/universal?ApiKey={client.token}"
    before = client.get(path)
    world.advance(1_000_000)
    assert client.get(path).body == before.body
    assert before.status == 200


@pytest.mark.parametrize("path, status", [
    ("/Audio/{song}/universal?container=mp3,flac", 200), ("/Audio/{song}/universal?Container=opus,mp3%7Cmp3", 200),
    ("/Audio/{song}/stream.mp3", 200), ("/Audio/{song}/stream?container=mp3&audioCodec=mp3", 200),
    ("/Audio/{song}/stream.m4a?static=true", 200),
    ("/Audio/{song}/universal?container=aac&transcodingContainer=aac&audioCodec=aac", 406),
    ("/Audio/{song}/stream.aac", 406), ("/Audio/{song}/stream?container=ogg&audioCodec=opus", 406),
    ("/Audio/{song}/universal?container=flac&transcodingContainer=flac&audioCodec=flac", 406),
])
def test_no_player_gets_what_it_cannot_decode(client: FinampLike, path: str, status: int) -> None:
    answer = client.get(path.format(song=SONG))
    assert answer.status == status
    if status == 200:
        assert answer.header("Content-Type") == "audio/mpeg"
    else:
        assert '"no_compatible_stream"' in answer.text and "MP3" in answer.text


# PlaybackInfo


def playback(client: FinampLike, body: dict[str, Any] | None = None, **query: Any) -> dict[str, Any]:
    return client.send("POST", f"/Items/{SONG}/PlaybackInfo", query={"userId": client.user_id, **query},
                       json=body or {}).json()


def profile(*direct: str, **transcoding: str) -> dict[str, Any]:
    """A DeviceProfile that plays these containers, and lets others be converted to that."""
    found: dict[str, Any] = {"DirectPlayProfiles": [{"Type": "Audio", "Container": name} for name in direct]}
    if transcoding:
        found["TranscodingProfiles"] = [{"Type": "Audio", "Context": "Streaming", **transcoding}]
    return {"DeviceProfile": found}


def incompatible(world: World) -> float:
    families = prometheus.parse(world.sidetrack.send("GET", "/metrics").text)
    return families["sidetrack_incompatible_total"].value()


def test_a_player_of_nothing_we_have_is_told_so(world: World, client: FinampLike) -> None:
    before = incompatible(world)
    for body, query in [(profile("aac", "opus"), {}), (profile("flac"), {}),
                        (profile("mp3"), {"EnableDirectPlay": False}),
                        ({**profile("mp3"), "EnableDirectPlay": False, "EnableTranscoding": False}, {}),
                        (profile("mp3"), {"mediaSourceId": "832e25879a396454558606107194281a"})]:
        assert playback(client, body, **query) == {"MediaSources": [], "ErrorCode": "NoCompatibleStream"}
    assert client.get(f"/Audio/{SONG}/stream.aac").status == 406
    assert incompatible(world) == before + 5  # another's source is no question of forms


def test_a_receiver_plays_without_any_token(world: World, client: FinampLike) -> None:
    """What a controller asked for, a cast receiver fetches: no header, no token, another address."""
    answer = playback(client, profile("aac", Container="mp3", AudioCodec="mp3", Protocol="http"))
    source = answer["MediaSources"][0]
    assert (source["SupportsDirectPlay"], source["SupportsTranscoding"]) == (False, True)
    assert client.token not in source["TranscodingUrl"]
    anybody = world.sidetrack.send("GET", source["TranscodingUrl"])
    assert (anybody.status, anybody.header("Content-Type")) == (200, "audio/mpeg")
    assert len(anybody.body) == source["Size"]
    direct = playback(client, profile("mp3", "flac"))
    path = f"/Audio/{SONG}/stream.mp3?static=true&mediaSourceId={SONG}&playSessionId={direct['PlaySessionId']}"
    assert world.sidetrack.send("GET", path).body == anybody.body
    assert world.sidetrack.send("GET", path.replace(direct["PlaySessionId"], "0" * 32)).status == 401


# Rights


@pytest.mark.parametrize("path", [
    f"/Items/{SONG}", f"/Items?ids={SONG}", f"/Items?parentId={ALBUM}", f"/Items/{SONG}/PlaybackInfo",
    f"/Audio/{SONG}/universal", f"/Audio/{SONG}/stream?static=true", f"/Items/{SONG}/File",
    f"/Items/{SONG}/Download",
])
def test_without_a_token_there_is_nothing(world: World, path: str) -> None:
    assert world.sidetrack.send("GET", path).status == 401
    wrong = {"Authorization": 'MediaBrowser Token="0123456789abcdef0123456789abcdef"'}
    assert world.sidetrack.send("GET", path, headers=wrong).status == 401


def test_a_user_who_may_not_play_may_not_play_this(world: World) -> None:
    client = world.finamp("bob")
    assert client.get(f"/Audio/{SONG}/universal").status == 200
    world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=False)
    try:
        world.advance(61_000)  # what we knew of bob is no longer believed
        for path in (f"/Audio/{SONG}/universal", f"/Items/{SONG}/File"):
            assert client.get(path).status in (403, 404)
    finally:
        world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=True)


def test_a_user_without_downloads_may_not_download(world: World) -> None:
    client = world.finamp("bob")
    world.jellyfin.control("POST", "policy", user="bob", EnableContentDownloading=False)
    try:
        world.advance(61_000)
        assert client.get(f"/Items/{SONG}/Download").status in (403, 404)
        assert client.get(f"/Audio/{SONG}/universal").status == 200
    finally:
        world.jellyfin.control("POST", "policy", user="bob", EnableContentDownloading=True)


def test_a_token_ends_with_its_logout(client: FinampLike) -> None:
    assert client.get(f"/Items/{SONG}").status == 200
    assert client.post("/Sessions/Logout").status == 204
    assert client.get(f"/Items/{SONG}").status == 401


def test_the_old_headers_count_as_jellyfin_counts_them(world: World, client: FinampLike) -> None:
    """SIDETRACK_LEGACY_AUTH=relay: what Jellyfin 12 refuses, we refuse for external ids too."""
    for headers in ({"X-Emby-Token": client.token}, {"X-MediaBrowser-Token": client.token}):
        native = world.sidetrack.send("GET", "/Users/Me", headers=headers)
        external = world.sidetrack.send("GET", f"/Items/{SONG}", headers=headers)
        assert native.status == external.status == 401


# Reports


def test_reports_about_an_external_song_are_204_and_stay_away_from_jellyfin(world: World,
                                                                            client: FinampLike) -> None:
    client.start(SONG)
    client.progress(SONG, 2)
    assert client.post("/Sessions/Playing/Ping?playSessionId=abc").status == 204
    client.stop(SONG, 4)
    # Jellyfin never sees the id as an ItemId: it would show nothing, or refuse.
    for entry in world.jellyfin.requests("POST /Sessions/Playing"):
        assert f'"ItemId":"{SONG}"' not in entry["body"].replace(" ", "") or '"Item":' in entry["body"]


def test_a_report_may_name_the_song_in_any_spelling(world: World, client: FinampLike) -> None:
    client.start("ext-deezer-song-3135556")
    wait_for(lambda: (world.playing(client) or {}).get("Id") == SONG, 5, "the song is shown")
    client.stop("ext-deezer-song-3135556", 3)
    wait_for(lambda: world.playing(client) is None, 5, "and gone")


def test_native_reports_pass_untouched(world: World, client: FinampLike) -> None:
    song = local_songs(client)[0]
    client.start(song, 1, PlaylistItemId="playlistItem0")
    assert world.playing(client)["Id"] == song
    client.stop(song, 2)
    assert world.playing(client) is None
