"""What is played lasts in the database: counted right, through restarts and kills."""
from __future__ import annotations

import pathlib
import sqlite3
from typing import Any, Callable

from tests.support.client import Client, is_external
from tests.support.processes import Sidetrack
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_sessions import SONG
from .test_story import find_external

Start = Callable[..., Sidetrack]
COLUMNS = ("viewing", "open", "played_ms", "paused_ms", "position_ms", "watched", "forced", "ended_by",
           "name", "artist", "provider", "kind", "user_id", "client")


def rows(folder: pathlib.Path) -> list[dict[str, Any]]:
    """The segments, oldest first."""
    with sqlite3.connect(f"file:{folder}/sidetrack.db?mode=ro", uri=True) as database:
        found = database.execute(
            "SELECT s.viewing, s.open, s.played_ms, s.paused_ms, s.position_ms, s.watched, s.forced, s.ended_by, "
            "i.name, i.artist, i.provider, i.kind, u.user_id, p.client FROM segments s "
            "JOIN items i ON i.id = s.item JOIN users u ON u.id = s.user JOIN players p ON p.id = s.player "
            "ORDER BY s.id").fetchall()
    return [dict(zip(COLUMNS, row)) for row in found]


def plays(world: World, instance: Sidetrack) -> list[dict[str, Any]]:
    return world.admin.through(instance.url).get("/sidetrack/api/plays").json()["plays"]


def about(milliseconds: int, expected_s: float) -> bool:
    return abs(milliseconds - expected_s * 1000) < 1500


def local_song(client: Client) -> dict[str, Any]:
    return next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))


def pass_time(world: World, instance: Sidetrack, seconds: int) -> None:
    world.advance(seconds * 1000)
    instance.advance(seconds * 1000)


def test_pauses_are_no_time_played(world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    instance = start_sidetrack()
    client = world.finamp().through(instance.url)
    song = find_external(client, *SONG)
    client.start(song)
    pass_time(world, instance, 12)
    client.progress(song, 12, paused=True)
    wait_for(lambda: any(play["state"] == "paused" for play in plays(world, instance)), 5, "the pause is known")
    pass_time(world, instance, 60)
    wait_for(lambda: rows(tmp_path), 5, "it counts although it is paused")
    client.progress(song, 12)
    wait_for(lambda: any(play["state"] == "playing" for play in plays(world, instance)), 5, "it goes on")
    pass_time(world, instance, 8)
    client.stop(song, 20)
    wait_for(lambda: not rows(tmp_path)[0]["open"], 5, "the end is written")
    [row] = rows(tmp_path)
    assert about(row["played_ms"], 20) and about(row["paused_ms"], 60) and about(row["position_ms"], 20)
    assert (row["ended_by"], row["forced"], row["provider"], row["kind"]) == ("stop", 0, "deezer", 2)
    assert (row["name"], row["artist"], row["client"]) == (song["Name"], song["Artists"][0], "Finamp")


def test_a_skip_leaves_no_trace(world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    instance = start_sidetrack()
    client = world.finamp().through(instance.url)
    song = find_external(client, *SONG)
    client.start(song)
    pass_time(world, instance, 20)
    client.stop(song, 20)
    wait_for(lambda: not plays(world, instance), 5, "it has stopped")
    pass_time(world, instance, 60)
    stays_true(lambda: rows(tmp_path) == [], 0.3, "nothing was written")


def test_a_killed_instance_loses_at_most_the_last_half_minute(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client = world.finamp().through(first.url)
    song = local_song(client)
    client.start(song)
    pass_time(world, first, 40)
    client.progress(song, 40)
    pass_time(world, first, 31)
    wait_for(lambda: any(row["played_ms"] > 60_000 for row in rows(tmp_path)), 5, "it is written as it goes")
    first.kill()
    second = start_sidetrack()
    client = client.through(second.url)
    wait_for(lambda: len(plays(world, second)) == 1, 5, "the play was taken up again")
    client.stop(song, 75)
    wait_for(lambda: not rows(tmp_path)[0]["open"], 5, "the end is written")
    [row] = rows(tmp_path)
    assert row["ended_by"] == "stop"


def test_what_nobody_takes_up_again_is_closed(world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client = world.finamp().through(first.url)
    song = find_external(client, *SONG)
    client.start(song)
    pass_time(world, first, 31)
    wait_for(lambda: rows(tmp_path), 5, "it counts")
    first.kill()
    with sqlite3.connect(tmp_path / "sidetrack.db") as database:
        database.execute("DELETE FROM sessions")
    second = start_sidetrack()
    second.advance(11 * 60 * 1000)
    wait_for(lambda: not rows(tmp_path)[0]["open"], 5, "it was closed")
    [row] = rows(tmp_path)
    assert (row["ended_by"], row["forced"]) == ("lost", 1)
    assert about(row["played_ms"], 31)
