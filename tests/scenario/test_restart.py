"""What survives a restart of ours, without Redis: sessions, plays, nobody's secrets."""
from __future__ import annotations

import pathlib
import sqlite3
from typing import Any, Callable

from tests.support.client import Client, is_external, ticks
from tests.support.processes import Sidetrack
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_sessions import OTHER, SONG, play_lines
from .test_story import find_external, position_of

Start = Callable[..., Sidetrack]
BACK_S = 10


def records(folder: pathlib.Path) -> int:
    with sqlite3.connect(f"file:{folder}/sidetrack.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM sessions").fetchone()[0]


def begin(world: World, instance: Sidetrack, device: str, song: tuple[str, str] = SONG) -> tuple[Client, dict[str, Any]]:
    """A listener without a socket whose song Jellyfin shows."""
    client = world.finamp().through(instance.url)
    client.device = device
    found = find_external(client, *song)
    client.start(found)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == found["Id"], 5, "Jellyfin shows the song")
    wait_for(lambda: len(world.sockets(client)) == 1, 5, "our socket is open")
    return client, found


def back(world: World, client: Client, song: dict[str, Any]) -> Callable[[], bool]:
    return lambda: (world.playing(client) or {}).get("Id") == song["Id"] and len(world.sockets(client)) == 1


def test_a_killed_instance_takes_its_plays_up_again_by_itself(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    clients = [begin(world, first, f"Kitchen {number}", which)
               for number, which in enumerate((SONG, OTHER, SONG))]
    paused, paused_song = clients[1]
    paused.progress(paused_song, 7, paused=True)
    wait_for(lambda: world.session(paused)["PlayState"]["IsPaused"], 5, "the pause is shown")
    stopped, stopped_song = begin(world, first, "Bath")
    stopped.stop(stopped_song, 3)
    wait_for(lambda: world.playing(stopped) is None, 5, "one has stopped")
    wait_for(lambda: records(tmp_path) == 3, 5, "the rest is written")
    starts = len(world.jellyfin.requests("^POST /Sessions/Playing$"))
    first.kill()
    wait_for(lambda: world.playing(clients[0][0]) is None, 5, "its sockets are gone, and the sessions")
    second = start_sidetrack()
    for client, song in clients:
        wait_for(back(world, client, song), BACK_S, "the song is shown again, remote control is back")
    assert world.session(paused)["PlayState"]["IsPaused"]
    assert position_of(world, paused) == ticks(7)
    assert len(world.jellyfin.requests("^POST /Sessions/Playing$")) == starts, "no play began anew"
    assert all(len(play_lines(world, client)) == 1 for client, _ in clients)
    stays_true(lambda: world.playing(stopped) is None, 0.5, "what had stopped stays away")
    plays = world.admin.through(second.url).get("/sidetrack/api/plays").json()["plays"]
    assert len(plays) == 3
    for client, song in clients:
        client.through(second.url).stop(song, 9)
        wait_for(lambda: world.playing(client) is None, 5, "and it stops like any other")
    wait_for(lambda: records(tmp_path) == 0, 5, "nothing is kept of what is over")


def test_an_instance_that_ends_in_order_leaves_the_newest_position(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client, song = begin(world, first, "Attic")
    client.progress(song, 21)
    wait_for(lambda: position_of(world, client) >= ticks(21), 5, "Jellyfin has the position")
    first.finish()
    start_sidetrack()
    wait_for(back(world, client, song), BACK_S, "the song is shown again")
    assert ticks(21) <= position_of(world, client) < ticks(30)


def test_a_local_play_is_tracked_on_and_left_to_its_client(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client = world.finamp().through(first.url)
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    client.start(local)
    wait_for(lambda: records(tmp_path) == 1, 5, "it is written")
    first.kill()
    second = start_sidetrack()
    plays = world.admin.through(second.url).get("/sidetrack/api/plays").json()["plays"]
    assert [play["item"]["id"] for play in plays] == [local["Id"]]
    before = len(world.jellyfin.requests("^POST /Sessions"))
    stays_true(lambda: len(world.jellyfin.requests("^POST /Sessions")) == before, 2.5,
               "nothing is told of it")


def test_no_token_lies_in_the_data_folder(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client, song = begin(world, first, "Garden")
    client.progress(song, 4, paused=True)
    wait_for(lambda: records(tmp_path) == 1, 5, "it is written")
    first.kill()
    found = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"sidetrack.db", "seal.key"} <= set(found)
    assert all(client.token.encode() not in content for content in found.values())
    assert all(client.device_id.encode() not in content for content in found.values())
    assert (tmp_path / "seal.key").stat().st_mode & 0o777 == 0o600
    second = start_sidetrack()
    wait_for(back(world, client, song), BACK_S, "it was all there")
    shown = world.admin.through(second.url)
    answers = [shown.get(path).text for path in ("/sidetrack/api/sessions", "/sidetrack/api/plays", "/metrics")]
    assert all(client.token not in text for text in [first.stderr, second.stderr, *answers])


def test_a_record_of_another_key_is_left_alone_and_a_broken_one_deleted(
        world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    first = start_sidetrack()
    client, _ = begin(world, first, "Roof")
    other, song = begin(world, first, "Hall", OTHER)
    wait_for(lambda: records(tmp_path) == 2, 5, "both are written")
    first.kill()
    with sqlite3.connect(tmp_path / "sidetrack.db") as database:
        (sealed,) = database.execute("SELECT sealed FROM sessions LIMIT 1").fetchone()
        database.execute("INSERT INTO sessions VALUES ('newer', 9e15, ?)", (b"\xff" + sealed[1:],))
        database.execute("INSERT INTO sessions VALUES ('other', 9e15, ?)", (sealed[:1] + b"0000" + sealed[5:],))
        database.execute("INSERT INTO sessions VALUES ('moved', 9e15, ?)", (sealed,))
        database.execute("INSERT INTO sessions VALUES ('short', 9e15, ?)", (b"\x01",))
    second = start_sidetrack()
    wait_for(back(world, other, song), BACK_S, "the good ones are restored")
    said = {line.split(" id=")[1].split()[0]: line for line in second.stderr.splitlines()
            if "event=record_not_read" in line}
    assert set(said) == {"newer", "other", "moved", "short"}
    assert "left alone" in said["newer"] and "left alone" in said["other"]
    assert "deleted" in said["moved"] and "deleted" in said["short"]
    wait_for(lambda: records(tmp_path) == 4, 5, "two of ours, two left alone")
