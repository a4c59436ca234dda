"""Every client's way to the bytes of an external song, in its own spelling."""
from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.standins.silence import mp3_silence
from tests.support import hls
from tests.support.client import Client, FinampLike
from tests.support.http import Answer, send

from .conftest import World

SONG = f"657874011100{3135556:020x}"
DASHED = f"{SONG[:8]}-{SONG[8:12]}-{SONG[12:16]}-{SONG[16:20]}-{SONG[20:]}"
BYTES = mp3_silence("track 3135556")
WEB_CONTAINERS = "opus%2Cwebm%7Copus%2Cts%7Cmp3%2Cmp3%2Caac%2Cm4a%7Caac%2Cm4b%7Caac%2Cflac%2Cwebma%2Cwav%2Cogg"

# What each sends once it has logged in ({token}, {user}, {device}, {pass} of its PlaybackInfo), and which
# form it gets where there are all of Deezer's.
SPELLINGS = {
    "Finamp, a file": ("FLAC", "/Items/{song}/File?ApiKey={token}"),
    "Feishin 1.x, a download": ("FLAC", "/Items/{song}/Download?apiKey={token}&playSessionId=7f3c"),
    "Feishin 0.x": (
        "FLAC", "/audio/{song}/universal?userId={user}&deviceId={device}&audioCodec=aac&apiKey={token}"
        "&playSessionId=7f3c&container=opus,mp3,aac,m4a,m4b,flac,wav,ogg&transcodingContainer=ts"
        "&transcodingProtocol=hls"),
    "Feishin, transcoding": (
        "MP3_128", "/audio/{song}/universal?userId={user}&deviceId={device}&audioCodec=mp3&apiKey={token}"
        "&container=mp3&transcodingProtocol=http&transcodingContainer=mp3&maxStreamingBitrate=192000"),
    "jellyfin-web": (
        "FLAC", "/Audio/{song}/universal?UserId={user}&DeviceId={device}&MaxStreamingBitrate=140000000"
        "&Container=" + WEB_CONTAINERS + "&TranscodingContainer=mp4&TranscodingProtocol=hls"
        "&AudioCodec=aac&ApiKey={token}&PlaySessionId=1795226672663&StartTimeTicks=0"
        "&EnableRedirection=true&EnableRemoteMedia=false&EnableAudioVbrEncoding=true"),
    "jellyfin-web, after PlaybackInfo": (
        "MP3_320", "/Audio/{song}/stream.mp3?Static=true&mediaSourceId={song}&deviceId={device}&ApiKey={token}"),
    "Supersonic": (
        "FLAC", "/audio/{song}/stream?static=true&api_key={token}&ApiKey={token}&UserId={user}"
        "&DeviceId={device}&playSessionId=1"),
    "Supersonic, transcoding": (
        "MP3_128", "/audio/{song}/stream?container=mp3&audioCodec=mp3&audioBitRate=192000"
        "&ApiKey={token}&UserId={user}&DeviceId={device}"),
    "mpv-shim": ("FLAC", "/Videos/{dashed}/stream?static=true&MediaSourceId={song}&ApiKey={token}"),
    "Fintunes": (
        "FLAC", "/Audio/{song}/universal?TranscodingProtocol=http&TranscodingContainer=aac&AudioCodec=aac"
        "&Container=mp3%2Caac%2Cm4a%7Caac%2Cm4b%7Caac%2Cflac%2Calac%2Cm4a%7Calac%2Cwav%2Cm4a"
        "&audioBitRate=320000&UserId={user}&ApiKey={token}&DeviceId={device}"),
    "Gelli": (
        "MP3_320", "/Audio/{song}/universal?UserId={user}&DeviceId={device}&MaxStreamingBitrate=10000000"
        "&Container=mp3&Container=aac&TranscodingContainer=ts&TranscodingProtocol=hls"
        "&AudioCodec=aac&ApiKey={token}"),
    "jellyfin-android": (
        "FLAC", "/Audio/{dashed}/universal?userId={user}&deviceId={device}&maxStreamingBitrate=140000000"
        "&container=mp3%2Cflac%2Cogg%7Copus&transcodingProtocol=hls&audioCodec=aac"
        "&enableRemoteMedia=true&ApiKey={token}"),
    "Jellify, by its pass alone": (
        "FLAC", "/Audio/{song}/stream?playSessionId={pass}&startTimeTicks=0&static=true"),
}


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def spelled(client: Client, spelling: str) -> str:
    play_session = client.post(f"/Items/{SONG}/PlaybackInfo", {"UserId": client.user_id}).json()["PlaySessionId"]
    return spelling.format(song=SONG, dashed=DASHED, token=client.token, user=client.user_id,
                           device=client.device_id, **{"pass": play_session})


def look_seek_and_play(world: World, path: str, content_type: str, data: bytes) -> None:
    """As media elements and native players do, which send no Authorization of their own."""
    def ask(method: str, wanted: str | None = None) -> Answer:
        return send(world.sidetrack.url, method, path, headers={"Range": wanted} if wanted else {})
    head = ask("HEAD")
    assert (head.status, head.header("Content-Type"), head.header("Accept-Ranges")) == (200, content_type, "bytes")
    assert (int(head.header("Content-Length")), head.body) == (len(data), b"")
    assert ask("GET").body == data
    part = ask("GET", "bytes=100000-100999")
    assert (part.status, part.body) == (206, data[100000:101000])
    assert part.header("Content-Range") == f"bytes 100000-100999/{len(data)}"
    rest = ask("GET", "bytes=0-")
    assert (rest.status, rest.body) == (206, data)


@pytest.mark.parametrize("spelling", [spelling for _, spelling in SPELLINGS.values()], ids=SPELLINGS)
def test_a_player_looks_seeks_and_plays(world: World, client: FinampLike, spelling: str) -> None:
    look_seek_and_play(world, spelled(client, spelling), "audio/mpeg", BYTES)


def test_a_download_is_called_by_its_artist_and_title(world: World, client: FinampLike) -> None:
    answer = client.get(f"/Items/{SONG}/Download", headers={"Range": "bytes=0-9"})
    assert answer.status == 206
    assert answer.header("Content-Disposition") == (
        'attachment; filename="Daft Punk - Harder, Better, Faster, Stronger (preview).mp3"')
    assert client.get(f"/Items/{SONG}/File").header("Content-Disposition") is None


# Segments

FINAMP_LIST = ("/Audio/{song}/main.m3u8?ApiKey={token}&audioCodec=aac&audioSampleRate=44100"
               "&segmentContainer=ts&audioBitRate=320000")


def test_finamps_list_plays_to_the_end(world: World, client: FinampLike) -> None:
    segments = hls.play(lambda path: send(world.sidetrack.url, "GET", path), spelled(client, FINAMP_LIST))
    assert len(segments) == 5
    assert b"".join(segment.frames for segment in segments) == BYTES
    assert sum(segment.duration_s for segment in segments) == pytest.approx(hls.seconds_of(BYTES))


def test_a_list_opens_for_who_may_and_its_segments_with_it(world: World, client: FinampLike) -> None:
    """A player that sends the header itself gets addresses that need none."""
    path = f"/Audio/{SONG}/main.m3u8"
    assert send(world.sidetrack.url, "GET", path).status == 401
    listed = client.get(path)
    first = hls.parse_list(listed.text)[0].target
    assert client.token not in listed.text
    assert send(world.sidetrack.url, "GET", f"/Audio/{SONG}/{first}").status == 200
    assert send(world.sidetrack.url, "GET", f"/Audio/{SONG}/{first.split('?')[0]}").status == 401
    assert client.get(f"/Audio/{SONG}/{first.split('?')[0]}").status == 404
    head = client.send("HEAD", path)
    assert (head.status, head.body, head.header("Content-Type")) == (200, b"", "application/vnd.apple.mpegurl")


SEGMENTS_ONLY: dict[str, Any] = {"DeviceProfile": {
    "DirectPlayProfiles": [{"Type": "Audio", "Container": "opus"}],
    "TranscodingProfiles": [{"Type": "Audio", "Container": "ts", "AudioCodec": "mp3", "Protocol": "hls",
                             "Context": "Streaming"}]}}


def test_a_receiver_of_segments_plays_without_any_token(world: World, client: FinampLike) -> None:
    source = client.post(f"/Items/{SONG}/PlaybackInfo", SEGMENTS_ONLY).json()["MediaSources"][0]
    assert source["TranscodingSubProtocol"] == "hls" and client.token not in source["TranscodingUrl"]
    segments = hls.play(lambda path: send(world.sidetrack.url, "GET", path), source["TranscodingUrl"])
    assert b"".join(segment.frames for segment in segments) == BYTES


def test_universal_gives_a_list_to_who_plays_nothing_else(world: World, client: FinampLike) -> None:
    path = (f"/Audio/{SONG}/universal?Container=opus&TranscodingContainer=ts&TranscodingProtocol=hls"
            f"&AudioCodec=mp3&ApiKey={client.token}")
    segments = hls.play(lambda target: send(world.sidetrack.url, "GET", target), path)
    assert b"".join(segment.frames for segment in segments) == BYTES


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffmpeg is not installed")
def test_ffmpeg_plays_finamps_list(world: World, client: FinampLike) -> None:
    url = world.sidetrack.url + spelled(client, FINAMP_LIST)
    said = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format",
                           "-of", "json", url], capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(said.stdout)
    assert said.stderr == ""
    assert [stream["codec_name"] for stream in found["streams"]] == ["mp3"]
    assert int(found["streams"][0]["nb_read_packets"]) == round(hls.seconds_of(BYTES) * 44100 / 1152)
    assert float(found["format"]["duration"]) == pytest.approx(hls.seconds_of(BYTES), abs=0.1)
