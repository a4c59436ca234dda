"""An evening with each client: it searches, opens an album, plays, seeks, reports and stops.

In its own spelling (tests/support/players.py), with previews and with whole songs of Deezer;
test_clients_qobuz.py does the same with Qobuz. Every answer is looked at as the strictest of
them would.
"""
from __future__ import annotations

import secrets
from typing import Iterator

import pytest

from tests.support import openapi
from tests.support.client import Item, is_external, ticks
from tests.support.players import PLAYERS, Player
from tests.support.processes import StandIn
from tests.support.waiting import wait_for

from .conftest import World

SECRET = secrets.token_hex(8)
ARL = secrets.token_hex(96)
# Who has an account and who has none.
LISTENERS = {"whole-songs": "alice", "previews": "bob"}


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{ARL}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_DEEZER_ARL": f"alice={ARL}", "SIDETRACK_DEEZER_SECRET": SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url}


@pytest.fixture(params=PLAYERS, ids=lambda player: player.client)
def kind(request: pytest.FixtureRequest) -> type[Player]:
    found: type[Player] = request.param
    return found


@pytest.fixture(params=LISTENERS)
def player(world: World, kind: type[Player], request: pytest.FixtureRequest) -> Player:
    found = kind(world.sidetrack.url, world.device_id(), "Pixel")
    found.log_in(LISTENERS[request.param])
    found.hears_whole_songs = request.param != "previews"
    return found


def external_song(player: Player) -> Item:
    def found() -> Item | None:
        items = player.songs("harder better")
        for item in items:
            openapi.check_item(item)
        return next((item for item in items if is_external(item) and item["Type"] == "Audio"), None)
    return wait_for(found, 5, "an external song is found")


def test_it_searches_and_browses(player: Player) -> None:
    song = external_song(player)
    tracks = player.album(song["AlbumId"])
    for track in tracks:
        openapi.check_item(track)
    assert song["Id"] in [track["Id"] for track in tracks]
    assert [track["IndexNumber"] for track in tracks] == list(range(1, len(tracks) + 1))
    assert ("(preview)" not in song["Name"]) == player.hears_whole_songs
    assert (song["RunTimeTicks"] > ticks(30)) == player.hears_whole_songs


def test_it_plays_what_it_was_told_and_shows_it(world: World, player: Player) -> None:
    song = external_song(player)
    head = player.fetch(song, "HEAD")
    size = int(head.header("Content-Length") or 0)
    assert (head.status, head.body) == (200, b"") and size > 100_000
    begun = player.begin(song)
    assert begun.status == 204, begun.text
    whole = player.fetch(song)
    assert (whole.status, len(whole.body)) == (200, size)
    assert whole.header("Content-Type") == head.header("Content-Type")
    assert whole.body[:4] in (b"fLaC", b"\xff\xfb\x90\x00", b"\xff\xfb\xe0\x00", b"\xff\xfb\x92\x00")
    sought = player.fetch(song, wanted=f"bytes={size // 2}-{size // 2 + 999}")
    assert (sought.status, sought.body) == (206, whole.body[size // 2:size // 2 + 1000])
    wait_for(lambda: (world.playing(player) or {}).get("Id") == song["Id"], 5, "Jellyfin shows the song")
    assert player.go_on(song, 10).status == 204
    assert player.end(song, 12).status == 204
    wait_for(lambda: world.playing(player) is None, 5, "and shows it no more")


def test_what_plays_is_what_was_said(player: Player) -> None:
    """Where a client looks at the container of an item, that is what comes."""
    song = player.item(external_song(player)["Id"])
    source = song["MediaSources"][0]
    head = player.fetch(song, "HEAD")
    assert head.header("Content-Type") == {"flac": "audio/flac", "mp3": "audio/mpeg"}[source["Container"]]
    if "Size" in source:
        assert int(head.header("Content-Length") or 0) == source["Size"]
