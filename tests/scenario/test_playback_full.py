"""Whole songs: each client gets the best form that it plays, and is told exactly what that is."""
from __future__ import annotations

import secrets
from typing import Any, Iterator

import pytest

from tests.standins.deezer.catalog import Catalog
from tests.standins.deezer.recordings import TYPES, recording
from tests.support import hls, openapi
from tests.support.client import FinampLike, ticks
from tests.support.http import send
from tests.support.processes import StandIn

from .conftest import World
from .test_playback import FINAMP_LIST, SEGMENTS_ONLY, SONG, SPELLINGS, look_seek_and_play, spelled

SECRET = secrets.token_hex(8)
ARL = secrets.token_hex(96)
TRACK = Catalog().tracks[3135556]


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{ARL}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn) -> dict[str, str | None]:
    """Alice has an account, and nobody else."""
    return {**settings, "SIDETRACK_DEEZER_ARL": f"alice={ARL}", "SIDETRACK_DEEZER_SECRET": SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url}


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def profile(*containers: str, **more: Any) -> dict[str, Any]:
    direct = [{"Type": "Audio", "Container": container} for container in containers]
    return {"DeviceProfile": {"DirectPlayProfiles": direct, **more}}


@pytest.mark.parametrize("form, spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_player_gets_the_best_that_it_plays(world: World, client: FinampLike, form: str, spelling: str) -> None:
    look_seek_and_play(world, spelled(client, spelling), TYPES[form], recording(TRACK, form))


def test_an_item_says_exactly_what_its_owner_gets(world: World, client: FinampLike) -> None:
    song = client.item(SONG)
    openapi.check_item(song)
    source = song["MediaSources"][0]
    assert "(preview)" not in song["Name"]
    assert song["RunTimeTicks"] == source["RunTimeTicks"] == ticks(TRACK.duration)
    assert (song["Container"], source["Container"]) == ("flac", "flac")
    assert source["Size"] == len(recording(TRACK, "FLAC"))
    assert source["MediaStreams"][0]["BitDepth"] == 16
    other = world.finamp("bob").item(SONG)
    assert other["Name"].endswith("(preview)") and other["Container"] == "mp3"
    assert other["RunTimeTicks"] == ticks(30)


@pytest.mark.parametrize("body, container, form", [
    ({}, "flac", "FLAC"), (profile("mp3", "flac"), "flac", "FLAC"), (profile("mp3"), "mp3", "MP3_320"),
    ({**profile("mp3,flac"), "MaxStreamingBitrate": 320000}, "mp3", "MP3_320"),
    (profile("mp3,flac", MaxStreamingBitrate=128000), "mp3", "MP3_128"),
    (profile("mp3", CodecProfiles=[{"Type": "Audio", "Conditions": [
        {"Condition": "LessThanEqual", "Property": "AudioBitrate", "Value": "192000", "IsRequired": False}]}]),
     "mp3", "MP3_128"),
])
def test_playback_info_chooses_by_the_profile(world: World, client: FinampLike, body: dict[str, Any],
                                              container: str, form: str) -> None:
    """And the address that goes with its answer brings just that, with no token at all."""
    data = recording(TRACK, form)
    # So small a file of FLAC fits through any line; its music would not.
    if "MaxStreamingBitrate" in body or "MaxStreamingBitrate" in body.get("DeviceProfile", {}):
        body["DeviceProfile"]["DirectPlayProfiles"] = [{"Type": "Audio", "Container": "mp3"}]
    answer = client.post(f"/Items/{SONG}/PlaybackInfo", body).json()
    source = answer["MediaSources"][0]
    openapi.check_media_source(source)
    assert (source["Container"], source["Size"]) == (container, len(data))
    path = f"/Audio/{SONG}/stream?static=true&playSessionId={answer['PlaySessionId']}"
    assert send(world.sidetrack.url, "GET", path).body == data


@pytest.mark.skipif(not openapi.is_available(), reason="Jellyfin's description is not at hand")
def test_answers_fit_jellyfins_own_description(client: FinampLike) -> None:
    description = openapi.Description()
    description.check("GET", "/Items/{itemId}", client.item(SONG))
    for types in ("Audio", "MusicAlbum", "MusicArtist"):
        client.search("harder", types)
        answer = client.search("harder" if types == "Audio" else "daft", types, Limit=50)
        openapi.check_result(answer)
        description.check("GET", "/Items", answer)
    for body in ({}, profile("mp3"), profile("aac"), SEGMENTS_ONLY):
        answer = client.post(f"/Items/{SONG}/PlaybackInfo", body).json()
        description.check("POST", "/Items/{itemId}/PlaybackInfo", answer)
        assert bool(answer["MediaSources"]) != ("ErrorCode" in answer)


def test_jellify_plays_with_a_bare_token_in_its_header(world: World, client: FinampLike) -> None:
    """It asks with a profile and a limit, and puts the PlaySessionId that it gets into the address."""
    asked = profile("mp3", "flac", TranscodingProfiles=[{
        "Type": "Audio", "Container": "aac", "AudioCodec": "aac", "Protocol": "http", "Context": "Streaming"}])
    answer = client.post(f"/Items/{SONG}/PlaybackInfo?userId={client.user_id}",
                         {**asked, "MaxStreamingBitrate": 140000000, "EnableDirectPlay": True}).json()
    path = (f"/Audio/{SONG}/stream?playSessionId={answer['PlaySessionId']}&startTimeTicks=0&static=true")
    heard = send(world.sidetrack.url, "GET", path, headers={"AUTHORIZATION": client.token or ""})
    assert (heard.status, heard.body) == (200, recording(TRACK, "FLAC"))


def test_segments_are_cut_from_the_best_mp3(world: World, client: FinampLike) -> None:
    data = recording(TRACK, "MP3_320")
    listed = spelled(client, FINAMP_LIST)
    segments = hls.play(lambda path: send(world.sidetrack.url, "GET", path), listed)
    assert b"".join(segment.frames for segment in segments) == data
    answer = client.post(f"/Items/{SONG}/PlaybackInfo", SEGMENTS_ONLY).json()
    segments = hls.play(lambda path: send(world.sidetrack.url, "GET", path),
                        answer["MediaSources"][0]["TranscodingUrl"])
    assert b"".join(segment.frames for segment in segments) == data


def test_a_download_is_the_best_there_is_and_called_so(client: FinampLike) -> None:
    answer = client.get(f"/Items/{SONG}/Download")
    assert answer.body == recording(TRACK, "FLAC")
    assert answer.header("Content-Disposition") == (
        'attachment; filename="Daft Punk - Harder, Better, Faster, Stronger.flac"')


def test_who_has_no_account_gets_previews(world: World) -> None:
    other = world.finamp("bob")
    answer = other.get(f"/Items/{SONG}/File")
    assert (answer.status, answer.header("Content-Type")) == (200, "audio/mpeg")
    assert len(answer.body) < len(recording(TRACK, "MP3_128"))
    source = other.post(f"/Items/{SONG}/PlaybackInfo", {}).json()["MediaSources"][0]
    assert (source["RunTimeTicks"], source["Size"]) == (ticks(30), len(answer.body))
