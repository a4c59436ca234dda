"""Items, lists and searches: the shapes, and what unknown ids do."""
from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.client import FinampLike

UNKNOWN = "deadbeef" * 4
Song = dict[str, Any]


def items(client: FinampLike, **query: Any) -> dict[str, Any]:
    return client.get("/Items", {"userId": client.user_id, **query}).json()


# Spelling


def test_routes_in_both_spellings_and_any_case(client: FinampLike, songs: list[Song]) -> None:
    song, user = songs[0]["Id"], client.user_id
    for path in (f"/Items/{song}", f"/Users/{user}/Items/{song}", f"/items/{song}/", f"/USERS/{user}/items/{song}"):
        assert client.get(path).json()["Id"] == song, path


@pytest.mark.parametrize("spell", [str, str.upper, lambda text: str(uuid.UUID(text)),
                                   lambda text: str(uuid.UUID(text)).upper()])
def test_an_id_with_dashes_or_in_upper_case_is_the_same(client: FinampLike, songs: list[Song], spell: Any) -> None:
    assert client.get(f"/Items/{spell(songs[0]['Id'])}").json()["Id"] == songs[0]["Id"]


@pytest.mark.parametrize("path", ["/emby/System/Info/Public", "/mediabrowser/System/Info/Public",
                                  "//System/Info/Public", "/No/Such/Path"])
def test_other_prefixes_are_404(client: FinampLike, path: str) -> None:
    assert client.get(path).status == 404


def test_query_names_in_any_case(client: FinampLike, songs: list[Song]) -> None:
    for name in ("ids", "Ids", "IDS"):
        assert [item["Id"] for item in items(client, **{name: songs[0]["Id"]})["Items"]] == [songs[0]["Id"]]


def test_lists_repeated_or_joined(client: FinampLike, songs: list[Song]) -> None:
    first, second = songs[0]["Id"], songs[1]["Id"]
    for query in (f"ids={first},{second}", f"ids={first}&ids={second}"):
        answer = client.get(f"/Items?userId={client.user_id}&{query}").json()
        assert {item["Id"] for item in answer["Items"]} == {first, second}


# Shapes


def test_a_song_has_what_clients_need(client: FinampLike, songs: list[Song]) -> None:
    song = client.item(songs[0]["Id"])
    for name in ("Name", "ServerId", "Id", "Type", "RunTimeTicks", "MediaSources", "UserData", "Artists",
                 "ArtistItems", "AlbumArtists", "Album", "AlbumId", "ImageTags", "MediaType", "SortName",
                 "DateCreated", "Etag", "ParentId"):
        assert song.get(name) is not None, name
    assert song["UserData"]["ItemId"] == song["Id"]
    assert (song["Type"], song["MediaType"], song["IsFolder"]) == ("Audio", "Audio", False)


def test_lists_are_short_unless_fields_are_asked_for(client: FinampLike) -> None:
    short = items(client, includeItemTypes="Audio", recursive=True, limit=1)["Items"][0]
    assert not {"MediaSources", "DateCreated", "SortName", "ProviderIds", "ParentId"} & set(short)
    full = items(client, includeItemTypes="Audio", recursive=True, limit=1,
                 fields="MediaSources,DateCreated,SortName,ProviderIds,ParentId")["Items"][0]
    assert {"MediaSources", "DateCreated", "SortName", "ProviderIds", "ParentId"} <= set(full)


def test_an_album_and_its_songs(client: FinampLike, songs: list[Song]) -> None:
    album = client.item(songs[0]["AlbumId"])
    assert (album["Type"], album["IsFolder"]) == ("MusicAlbum", True)
    for relation in ("parentId", "albumIds"):
        found = items(client, **{relation: album["Id"]}, includeItemTypes="Audio", recursive=True)
        assert songs[0]["Id"] in [item["Id"] for item in found["Items"]]
        assert found["TotalRecordCount"] == album["ChildCount"]


def test_an_artist_and_their_albums(client: FinampLike, songs: list[Song]) -> None:
    artist = client.item(songs[0]["AlbumArtists"][0]["Id"])
    assert artist["Type"] == "MusicArtist"
    found = items(client, albumArtistIds=artist["Id"], includeItemTypes="MusicAlbum", recursive=True)
    assert songs[0]["AlbumId"] in [item["Id"] for item in found["Items"]]


def test_camel_case_leaves_the_keys_of_dictionaries(client: FinampLike, songs: list[Song]) -> None:
    album = client.get(f"/Items/{songs[0]['AlbumId']}",
                       headers={"Accept": 'application/json; profile="CamelCase"'})
    assert "camelcase" in (album.header("Content-Type") or "").lower()
    value = album.json()
    assert value["id"] == songs[0]["AlbumId"] and value["userData"]["itemId"] == value["id"]
    assert "Primary" in value["imageTags"]


def test_the_first_json_type_of_accept_decides(client: FinampLike, songs: list[Song]) -> None:
    accept = "application/json,application/json; profile=CamelCase,application/json; profile=PascalCase"
    assert "Id" in client.get(f"/Items/{songs[0]['Id']}", headers={"Accept": accept}).json()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_playback_info(client: FinampLike, songs: list[Song], method: str) -> None:
    answer = client.send(method, f"/Items/{songs[0]['Id']}/PlaybackInfo", query={"userId": client.user_id},
                         json={} if method == "POST" else None).json()
    assert answer["PlaySessionId"]
    source = answer["MediaSources"][0]
    assert (source["Id"], source["Protocol"]) == (songs[0]["Id"], "File")
    assert source["SupportsDirectPlay"] is True


def test_without_a_source_playback_info_is_an_error_and_nothing_else(client: FinampLike,
                                                                     songs: list[Song]) -> None:
    """What external songs answer to a player of nothing that they come in."""
    answer = client.post(f"/Items/{songs[0]['Id']}/PlaybackInfo?mediaSourceId={'0' * 31}1", {}).json()
    assert answer == {"MediaSources": [], "ErrorCode": "NoCompatibleStream"}


# Lists of segments

LIST_TYPE = "application/vnd.apple.mpegurl"


def test_universal_gives_the_master_list_itself(client: FinampLike, songs: list[Song]) -> None:
    query = f"Container=opus&TranscodingContainer=ts&TranscodingProtocol=hls&AudioCodec=mp3&ApiKey={client.token}"
    answer = client.get(f"/Audio/{songs[0]['Id']}/universal?{query}")
    assert (answer.status, answer.header("Content-Type")) == (200, LIST_TYPE)
    lines = answer.text.splitlines()
    assert lines[0] == "#EXTM3U" and lines[1].startswith("#EXT-X-STREAM-INF:BANDWIDTH=")
    assert 'CODECS="mp4a.40.34"' in lines[1]
    assert lines[2].startswith(f"main.m3u8?{query}")


def test_the_addresses_of_a_list_carry_its_query(client: FinampLike, songs: list[Song]) -> None:
    query = f"ApiKey={client.token}&audioCodec=aac&audioSampleRate=44100&segmentContainer=ts&audioBitRate=320000"
    answer = client.get(f"/Audio/{songs[0]['Id']}/main.m3u8?{query}")
    assert (answer.status, answer.header("Content-Type")) == (200, LIST_TYPE)
    lines = answer.text.splitlines()
    assert lines[:3] == ["#EXTM3U", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-VERSION:3"]
    assert lines[4] == "#EXT-X-MEDIA-SEQUENCE:0" and lines[-1] == "#EXT-X-ENDLIST"
    assert lines[5].startswith("#EXTINF:") and lines[5].endswith(", nodesc")
    assert lines[6].startswith(f"hls1/main/0.ts?{query}&runtimeTicks=0&actualSegmentLengthTicks=")


# Searching


def search(client: FinampLike, term: str, **query: Any) -> dict[str, Any]:
    return items(client, searchTerm=term, includeItemTypes="Audio", recursive=True, **query)


def test_a_search_finds_parts_of_names(client: FinampLike, songs: list[Song]) -> None:
    name = songs[0]["Name"]
    for term in (name, name.lower(), name[:4]):
        assert songs[0]["Id"] in [item["Id"] for item in search(client, term)["Items"]], term


def test_a_search_without_results_is_an_empty_list(client: FinampLike) -> None:
    assert search(client, "zzzz-no-such-song") == {"Items": [], "TotalRecordCount": 0, "StartIndex": 0}


def test_totals_are_filled_whatever_is_asked(client: FinampLike, songs: list[Song]) -> None:
    for query in ({}, {"enableTotalRecordCount": False}, {"limit": 0}):
        answer = items(client, includeItemTypes="Audio", recursive=True, **query)
        assert answer["TotalRecordCount"] == len(songs), query


def test_pages_make_the_whole(client: FinampLike, songs: list[Song]) -> None:
    seen = []
    for start in range(0, len(songs), 3):
        page = items(client, includeItemTypes="Audio", recursive=True, sortBy="SortName", startIndex=start, limit=3)
        assert page["StartIndex"] == start
        seen += [item["Id"] for item in page["Items"]]
    assert seen == [song["Id"] for song in songs]


def test_artists_are_searched_by_name(client: FinampLike, songs: list[Song]) -> None:
    name = songs[0]["AlbumArtists"][0]["Name"]
    for path in ("/Artists", "/Artists/AlbumArtists"):
        answer = client.get(path, {"searchTerm": name[:5], "userId": client.user_id}).json()
        assert name in [item["Name"] for item in answer["Items"]]
        assert answer["TotalRecordCount"] >= 1


def test_hints_name_their_item_twice(client: FinampLike, songs: list[Song]) -> None:
    answer = client.get("/Search/Hints", {"searchTerm": songs[0]["Name"], "userId": client.user_id}).json()
    hint = next(entry for entry in answer["SearchHints"] if entry["Id"] == songs[0]["Id"])
    assert hint["ItemId"] == hint["Id"]
    assert (hint["Type"], hint["Album"], hint["AlbumId"]) == ("Audio", songs[0]["Album"], songs[0]["AlbumId"])


def test_hints_apply_the_limit_before_the_start_and_count_what_is_left(client: FinampLike) -> None:
    """So pages of hints cannot be asked of Jellyfin: whoever wants pages asks for everything."""
    def hints(**query: Any) -> dict[str, Any]:
        return client.get("/Search/Hints", {"searchTerm": "a", "userId": client.user_id, **query}).json()
    assert hints()["TotalRecordCount"] > 3
    assert hints(limit=2)["TotalRecordCount"] == 2
    assert hints(limit=2, startIndex=2) == {"SearchHints": [], "TotalRecordCount": 2}


def test_only_artists_leave_the_total_out_when_told_to(client: FinampLike) -> None:
    query = {"searchTerm": "a", "userId": client.user_id, "enableTotalRecordCount": False}
    assert client.get("/Artists", query).json()["TotalRecordCount"] == 0
    assert client.get("/Items", {**query, "recursive": True}).json()["TotalRecordCount"] > 0


def test_names_that_begin_with_the_term_come_first(client: FinampLike, songs: list[Song]) -> None:
    letter = songs[0]["Name"][0].lower()
    begins = [item["Name"].lower().startswith(letter) for item in search(client, letter)["Items"]]
    assert begins == sorted(begins, reverse=True)


def test_ids_keep_their_order(client: FinampLike, songs: list[Song]) -> None:
    wanted = [song["Id"] for song in reversed(songs)]
    assert [item["Id"] for item in items(client, ids=wanted)["Items"]] == wanted


# Unknown ids


@pytest.mark.parametrize("path", ["/Items/{}", "/Users/{user}/Items/{}", "/Items/{}/PlaybackInfo",
                                  "/Audio/{}/universal", "/Items/{}/Images/Primary", "/Items/{}/Ancestors",
                                  "/Items/{}/ThemeMedia", "/Items/{}/Intros", "/MediaSegments/{}",
                                  "/Items/{}/File", "/Items/{}/Download", "/Audio/{}/Lyrics"])
@pytest.mark.parametrize("entry, status", [("ext-deezer-song-1", 400), (UNKNOWN, 404)])
def test_an_unknown_id_in_a_path(client: FinampLike, path: str, entry: str, status: int) -> None:
    assert client.get(path.format(entry, user=client.user_id)).status == status


def test_an_unknown_guid_in_ids_is_left_out(client: FinampLike, songs: list[Song]) -> None:
    found = items(client, ids=[songs[0]["Id"], UNKNOWN])["Items"]
    assert [item["Id"] for item in found] == [songs[0]["Id"]]
    assert items(client, ids=UNKNOWN)["Items"] == []


def test_ids_that_are_no_guids_are_no_filter_at_all(client: FinampLike) -> None:
    assert items(client, ids="ext-deezer-song-1")["Items"] == items(client)["Items"] != []


@pytest.mark.parametrize("entry", ["ext-deezer-album-1", UNKNOWN])
def test_an_unknown_parent_is_400(client: FinampLike, entry: str) -> None:
    assert client.get("/Items", {"parentId": entry, "userId": client.user_id}).status == 400


@pytest.mark.parametrize("name", ["albumIds", "artistIds", "albumArtistIds"])
def test_an_unknown_album_or_artist_has_nothing(client: FinampLike, name: str) -> None:
    assert items(client, **{name: UNKNOWN}, includeItemTypes="Audio", recursive=True)["Items"] == []


def test_an_artist_is_made_up_for_any_name(client: FinampLike) -> None:
    assert client.get("/Artists/Nobody%20Ever").json()["Name"] == "Nobody Ever"


def test_an_album_is_found_by_its_title_with_its_artists_and_its_picture(client: FinampLike,
                                                                         songs: list[dict[str, Any]]) -> None:
    song = next(entry for entry in songs if entry.get("AlbumPrimaryImageTag"))
    query = {"userId": client.user_id, "searchTerm": song["Album"].lower(), "includeItemTypes": "MusicAlbum",
             "recursive": True, "limit": 20, "enableUserData": False, "enableTotalRecordCount": False}
    found = {entry["Id"]: entry for entry in client.get("/Items", query).json()["Items"]}
    album = found[song["AlbumId"]]
    assert album["ImageTags"]["Primary"] == song["AlbumPrimaryImageTag"]
    assert song["AlbumArtist"] in [album["AlbumArtist"], *(artist["Name"] for artist in album["AlbumArtists"])]
