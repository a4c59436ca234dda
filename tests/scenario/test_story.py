"""The story Sidetrack exists for: somebody finds and plays a song Jellyfin has never heard of.

Told from the client's side; what Jellyfin shows meanwhile is asked directly,
as its administrator.
"""
from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import Client, is_external, ticks
from tests.support.silence import assert_mp3
from tests.support.waiting import stays_true, wait_for

from .conftest import World

GRACE_MS = 50_000
PREVIEW_S = 30


def find_external(client: Client, term: str, title: str) -> dict[str, Any]:
    """Search until the song is there: the first answer may come without Deezer's."""
    def found() -> dict[str, Any] | None:
        items = client.search(term, Limit=50)["Items"]
        return next((item for item in items if is_external(item) and title in item["Name"]), None)
    return wait_for(found, 5, f"{title} is found by {term}")


@pytest.mark.parametrize("kind", ["finamp", "web"])
def test_an_external_song_is_found_played_and_shown(world: World, kind: str) -> None:
    client = getattr(world, kind)()

    # One answer with songs of both worlds.
    song = find_external(client, "light", "Cold Light")
    answer = client.search("light", Limit=50)
    assert any(not is_external(item) for item in answer["Items"])
    assert any(is_external(item) for item in answer["Items"])
    assert song["Album"] == "Light Years Apart"
    assert song["Artists"] == ["The Lantern Keepers"]

    # Its album, with all its songs in order.
    album = client.item(song["AlbumId"])
    assert (album["Type"], album["Name"]) == ("MusicAlbum", "Light Years Apart")
    children = client.get(f"/Users/{client.user_id}/Items", {"ParentId": album["Id"]}).json()
    assert children["TotalRecordCount"] == 14
    assert [child["IndexNumber"] for child in children["Items"]] == list(range(1, 15))
    assert song["Id"] in [child["Id"] for child in children["Items"]]

    # How to play it, and the bytes.
    info = client.playback_info(song["Id"])
    source = info["MediaSources"][0]
    assert source["Container"] == "mp3"
    head = client.send("HEAD", client.stream_path(song["Id"]))
    size = int(head.header("Content-Length") or 0)
    assert (head.status, head.header("Content-Type"), head.body) == (200, "audio/mpeg", b"")
    assert head.header("Accept-Ranges") == "bytes"
    whole = client.get(client.stream_path(song["Id"]))
    assert len(whole.body) == size
    assert_mp3(whole.body, PREVIEW_S)
    part = client.get(client.stream_path(song["Id"]), headers={"Range": "bytes=1000-1999"})
    assert (part.status, part.header("Content-Range")) == (206, f"bytes 1000-1999/{size}")
    assert part.body == whole.body[1000:2000]

    # Playing it shows in Jellyfin's own list of sessions.
    client.start(song, 0, play_session=info["PlaySessionId"])
    shown = wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    assert "Cold Light" in shown["Name"]
    assert shown["Artists"] == ["The Lantern Keepers"]
    assert shown["Album"] == "Light Years Apart"
    assert shown["Id"] == song["Id"]
    assert shown["RunTimeTicks"] == song["RunTimeTicks"]
    wait_for(lambda: world.session(client)["SupportsRemoteControl"], 5, "it can be controlled")

    # Progress every two seconds, with a pause in between.
    for position in range(2, 11, 2):
        world.advance(2000)
        client.progress(song, position, play_session=info["PlaySessionId"])
        wait_for(lambda: position_of(world, client) >= ticks(position), 5, f"{position} s are shown")
    client.progress(song, 10, paused=True, play_session=info["PlaySessionId"])
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the pause is shown")
    world.advance(8000)
    assert position_of(world, client) == ticks(10)
    client.progress(song, 10, play_session=info["PlaySessionId"])
    wait_for(lambda: not world.session(client)["PlayState"]["IsPaused"], 5, "it goes on")

    # Stop, and at once a local song.
    client.stop(song, 12, play_session=info["PlaySessionId"])
    local = next(item for item in answer["Items"] if not is_external(item))
    client.start(local)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == local["Id"], 5, "the local song is shown")
    own_sockets_gone = GRACE_MS + 10_000
    world.advance(own_sockets_gone // 2)
    client.progress(local, 30)
    world.advance(own_sockets_gone // 2)
    stays_true(lambda: (world.playing(client) or {}).get("Id") == local["Id"], 0.5,
               "the local song is shown after the grace")
    client.stop(local, 60)
    wait_for(lambda: world.playing(client) is None, 5, "nothing plays any more")
    world.advance(GRACE_MS + 10_000)
    wait_for(lambda: not world.sockets(client), 5, "our socket is gone")
    assert client.is_token_good()
    assert world.direct(client).is_token_good()


def position_of(world: World, client: Client) -> int:
    session = world.session(client)
    return (session or {}).get("PlayState", {}).get("PositionTicks", -1)


def test_an_external_play_leaves_by_itself_when_its_client_falls_silent(world: World) -> None:
    client = world.finamp()
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    for position in (2, 4, 6):
        world.advance(2000)
        client.progress(song, position)
    for _ in range(9):
        world.advance(30_000)
    wait_for(lambda: world.playing(client) is None, 5, "the silent play has ended")


def test_a_long_pause_is_kept_alive_by_heartbeats(world: World) -> None:
    client = world.finamp()
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    client.progress(song, 5, paused=True)
    wait_for(lambda: (world.session(client) or {}).get("PlayState", {}).get("IsPaused"), 5, "it is paused")
    for _ in range(26):  # thirteen minutes; Jellyfin forgets after five of silence
        world.advance(30_000)
        wait_for(lambda: world.playing(client), 2, "the paused song is still shown")
    client.stop(song, 5)


def test_a_client_with_a_socket_of_its_own_keeps_the_only_one(world: World) -> None:
    client = world.web()
    client.post_capabilities()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    socket.send("KeepAlive")
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    assert len(world.sockets(client)) == 1
    session_id = world.session(client)["Id"]
    assert world.admin.post(f"/Sessions/{session_id}/Playing/Pause").status == 204
    assert socket.receive_type("Playstate")["Data"]["Command"] == "Pause"
    client.stop(song, 3)
    socket.close()


def test_the_session_is_back_after_jellyfin_restarts(world: World) -> None:
    client = world.finamp()
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    world.jellyfin.restart(away_ms=200)
    client.progress(song, 4)
    world.advance(30_000)
    wait_for(lambda: world.playing(client), 10, "the song is shown again")
    client.stop(song, 8)
    wait_for(lambda: world.playing(client) is None, 5, "and gone when it stops")
