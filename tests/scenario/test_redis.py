"""Several instances share one Redis: exactly one holds each session, and another takes over."""
from __future__ import annotations

import dataclasses
import pathlib
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, ticks
from tests.support.processes import Sidetrack
from tests.support.redis import Redis, Wire
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_restart import back, begin
from .test_sessions import OTHER, SONG, play_lines
from .test_story import find_external, position_of

Start = Callable[..., Sidetrack]
TAKEOVER_S = 10
LEASE_S = 5


@pytest.fixture
def redis(tmp_path: pathlib.Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    yield server
    server.kill()


@dataclasses.dataclass
class Pair:
    """Two instances behind one Redis; the first one's wire to it can be cut."""

    redis: Redis
    wire: Wire
    start: Callable[..., Sidetrack]
    first: Sidetrack
    second: Sidetrack


@pytest.fixture
def pair(redis: Redis, start_sidetrack: Start, tmp_path: pathlib.Path) -> Iterator[Pair]:
    wire = Wire(redis.port)

    def start(name: str, port: int | None = None, **changes: str) -> Sidetrack:
        instance = start_sidetrack({
            "SIDETRACK_DATA": str(tmp_path / name), "SIDETRACK_SEAL_KEY_FILE": str(tmp_path / "seal.key"),
            "SIDETRACK_REDIS_URL": redis.url(port), **changes})
        wait_for(lambda: "event=redis_connected" in instance.stderr, 10, "it has found Redis")
        return instance

    yield Pair(redis, wire, start, start("first", wire.port), start("second"))
    redis.go_on() if redis._child else redis.start()
    wire.heal()
    wire.close()


def plays(world: World, instance: Sidetrack) -> list[dict[str, Any]]:
    return world.admin.through(instance.url).get("/sidetrack/api/plays").json()["plays"]


def metric(instance: Sidetrack, name: str) -> int:
    lines = instance.send("GET", "/metrics").text.splitlines()
    return next(int(line.split()[-1]) for line in lines if line.split("{")[0].split()[0] == name)


def socket_counts(world: World, client: Client) -> list[int]:
    """How many sockets Jellyfin had open for the client, after each that opened or closed."""
    opened = {entry["session"] for entry in world.jellyfin.log("socket_opened")
              if entry["token"] == client.token}
    counts = []
    for entry in world.jellyfin.log():
        if entry.get("session") in opened and entry["kind"] in ("socket_opened", "socket_closed"):
            step = 1 if entry["kind"] == "socket_opened" else -1
            counts.append((counts[-1] if counts else 0) + step)
    return counts


def test_reports_at_either_instance_are_heard_by_the_one_that_holds_the_session(
        world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Kitchen")
    other = client.through(pair.second.url)
    other.progress(song, 9, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the pause has arrived")
    assert position_of(world, client) == ticks(9)
    assert (len(plays(world, pair.first)), len(plays(world, pair.second))) == (1, 0)
    client.progress(song, 10)
    wait_for(lambda: not world.session(client)["PlayState"]["IsPaused"], 5, "it goes on")
    next_song = find_external(other, *OTHER)
    other.start(next_song)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == next_song["Id"], 5, "the next song is shown")
    assert socket_counts(world, client) == [1]
    client.stop(next_song, 12)
    wait_for(lambda: world.playing(client) is None, 5, "it has stopped")
    assert metric(pair.second, "sidetrack_reports_given_total") == 2
    assert metric(pair.first, "sidetrack_reports_taken_total") == 2
    assert metric(pair.second, "sidetrack_reports_lost_total") == 0


def test_another_instance_takes_over_when_the_holder_is_killed(world: World, pair: Pair) -> None:
    clients = [begin(world, pair.first, f"Room {number}") for number in range(3)]
    client, song = clients[0]
    client.progress(song, 6, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the pause is shown")
    starts = len(world.jellyfin.requests("^POST /Sessions/Playing$"))
    pair.first.kill()
    wait_for(lambda: world.playing(client) is None, 2, "its socket is gone, and the session")
    for one, its_song in clients:
        wait_for(back(world, one, its_song), TAKEOVER_S, "the other one has taken over")
    assert world.session(client)["PlayState"]["IsPaused"] and position_of(world, client) == ticks(6)
    assert len(world.jellyfin.requests("^POST /Sessions/Playing$")) == starts
    assert all(len(play_lines(world, one)) == 1 for one, _ in clients)
    client.through(pair.second.url).stop(song, 20)
    wait_for(lambda: world.playing(client) is None, 5, "it stops there")


def test_an_instance_that_ends_in_order_hands_over_without_a_gap(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Bath")
    pair.first.finish()
    wait_for(lambda: len(plays(world, pair.second)) == 1, TAKEOVER_S, "the other one has the play")
    wait_for(back(world, client, song), TAKEOVER_S, "and its session")
    counts = socket_counts(world, client)
    assert 0 not in counts, "Jellyfin has always seen a socket"


def test_a_holder_cut_off_from_redis_lets_go_before_another_one_opens(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Hall")
    pair.wire.cut()
    wait_for(lambda: 0 in socket_counts(world, client), LEASE_S, "the old holder has let go")
    wait_for(lambda: "event=lease_lost" in pair.first.stderr, 5, "and says so")
    wait_for(back(world, client, song), TAKEOVER_S, "the new one has taken over")
    assert socket_counts(world, client) == [1, 0, 1]
    # Its client still talks to the old one, which cannot tell anybody.
    client.progress(song, 15, paused=True)
    stays_true(lambda: not world.session(client)["PlayState"]["IsPaused"], 0.5, "nobody has heard it")
    assert client.get("/System/Info/Public").status == 200
    assert client.search("harder better")["Items"]
    pair.wire.heal()
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], TAKEOVER_S, "now it is heard")
    assert socket_counts(world, client) == [1, 0, 1]
    assert (len(plays(world, pair.first)), len(plays(world, pair.second))) == (0, 1)


def test_an_instance_that_was_frozen_finds_its_session_in_other_hands(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Crypt")
    pair.first.freeze()
    wait_for(lambda: len(plays(world, pair.second)) == 1, TAKEOVER_S, "the other one has taken over")
    wait_for(lambda: socket_counts(world, client) == [1, 2], 5, "its socket is open beside the frozen one's")
    client.through(pair.second.url).progress(song, 9, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "and it tells")
    pair.first.thaw()
    wait_for(lambda: socket_counts(world, client) == [1, 2, 1], 5, "the former holder has let go")
    stays_true(lambda: world.session(client)["PlayState"]["IsPaused"], 1, "and says nothing any more")
    assert not plays(world, pair.first)
    client.progress(song, 10)
    wait_for(lambda: not world.session(client)["PlayState"]["IsPaused"], 5, "reports there go to the new holder")


def test_without_redis_everything_else_goes_on_and_sessions_come_back_with_it(
        world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Attic")
    other, other_song = begin(world, pair.second, "Roof")
    pair.redis.pause()
    for one in (client, other):
        wait_for(lambda: not world.sockets(one), 2 * LEASE_S, "the sessions are let go")
        assert one.get("/System/Info/Public").status == 200
        assert one.search("harder better")["Items"]
        assert one.get(one.stream_path(song["Id"])).status == 200
    other.progress(other_song, 11, paused=True)
    pair.redis.go_on()
    for one, its_song in ((client, song), (other, other_song)):
        wait_for(back(world, one, its_song), TAKEOVER_S, "the sessions are back")
    wait_for(lambda: world.session(other)["PlayState"]["IsPaused"], 5, "what was said meanwhile is known")
    assert all(len(play_lines(world, one)) == 1 for one in (client, other))


def test_a_redis_that_restarts_empty_soon_enough_is_not_even_noticed(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Cellar")
    pair.redis.kill()
    pair.redis.start()
    wait_for(lambda: any(key.startswith("sidetrack:1:records:") for key in pair.redis.keys()), TAKEOVER_S,
             "what was lost is written again")
    wait_for(lambda: metric(pair.second, "sidetrack_redis_up") == 1, TAKEOVER_S, "both are back")
    stays_true(lambda: len(world.sockets(client)) == 1, 2, "nobody takes over")
    assert socket_counts(world, client) == [1]
    assert position_of(world, client) < ticks(30)
    assert song["Id"] == world.playing(client)["Id"]


def test_a_single_instance_can_go_on_alone(world: World, pair: Pair) -> None:
    pair.second.finish()
    pair.first.finish()
    alone = pair.start("alone", SIDETRACK_SOLO="on")
    client, song = begin(world, alone, "Shed")
    pair.redis.kill()
    wait_for(lambda: metric(alone, "sidetrack_leases") == 0, 2 * LEASE_S, "the lease is over")
    client.progress(song, 8, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the session lives on")
    fresh, fresh_song = begin(world, alone, "Barn", OTHER)
    pair.redis.start()
    wait_for(lambda: metric(alone, "sidetrack_leases") == 2, TAKEOVER_S, "Redis knows of both")
    wait_for(lambda: len(pair.redis.keys("sidetrack:1:records:*")) == 2, 5, "and has their records")
    assert socket_counts(world, client) == [1] == socket_counts(world, fresh)
    assert fresh_song["Id"] == world.playing(fresh)["Id"]


def test_when_all_instances_restart_the_plays_come_back(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Garden")
    other, other_song = begin(world, pair.second, "Porch", OTHER)
    pair.first.kill()
    pair.second.kill()
    pair.start("third")
    for one, its_song in ((client, song), (other, other_song)):
        wait_for(back(world, one, its_song), TAKEOVER_S, "it is shown again")
        assert len(play_lines(world, one)) == 1


def test_an_instance_with_another_key_says_so_and_holds_nothing(
        world: World, pair: Pair, tmp_path: pathlib.Path) -> None:
    begin(world, pair.first, "Tower")
    stranger = pair.start("stranger", SIDETRACK_SEAL_KEY_FILE=str(tmp_path / "other.key"))
    wait_for(lambda: "event=seal_key_differs" in stranger.stderr, 5, "it says so")
    assert metric(stranger, "sidetrack_redis_up") == 0
    pair.first.kill()
    wait_for(lambda: len(plays(world, pair.second)) == 1, TAKEOVER_S, "the one with the key takes over")
    assert not plays(world, stranger)


def test_no_token_shows_anywhere(world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Study")
    other = client.through(pair.second.url)
    other.progress(song, 9, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "a report was handed on")
    pair.first.kill()
    other.progress(song, 11)
    mail = pair.redis.everything()
    wait_for(back(world, client, song), TAKEOVER_S, "taken over")
    stored = mail + pair.redis.everything()
    assert b"sidetrack:1:records:" in stored
    for secret in (client.token, client.device_id, client.user_id):
        assert secret.encode() not in stored
    shown = [world.admin.through(pair.second.url).get(path).text
             for path in ("/sidetrack/api/sessions", "/sidetrack/api/plays", "/metrics")]
    for text in (*shown, pair.first.stderr, pair.second.stderr):
        assert client.token not in text
        assert "open sesame" not in text and "open%20sesame" not in text


def test_a_session_is_held_where_its_client_has_its_socket(world: World, pair: Pair) -> None:
    """A balancer sends the socket to one instance and the reports to the other."""
    here = world.web().through(pair.first.url)
    there = here.through(pair.second.url)
    socket = there.open_socket()
    socket.receive_type("ForceKeepAlive")
    socket.send("KeepAlive")
    song = find_external(here, *SONG)
    here.start(song)
    wait_for(lambda: (world.playing(here) or {}).get("Id") == song["Id"], 5, "Jellyfin shows the song")
    wait_for(lambda: len(plays(world, pair.second)) == 1 and not plays(world, pair.first), TAKEOVER_S,
             "it is held where the socket is")
    wait_for(lambda: len(world.sockets(here)) == 1, 5, "the client's socket is the only one")
    session_id = world.session(here)["Id"]
    world.admin.post(f"/Sessions/{session_id}/Playing/Pause")
    assert socket.receive_type("Playstate")["Data"]["Command"] == "Pause"
    here.progress(song, 5, paused=True)
    wait_for(lambda: world.session(here)["PlayState"]["IsPaused"], 5, "reports at the other one are heard")
    assert len(play_lines(world, here)) == 1
    socket.close()
    wait_for(back(world, here, song), TAKEOVER_S, "ours opens when the client's has gone")
    assert world.session(here)["PlayState"]["IsPaused"]
    there.stop(song, 6)
    wait_for(lambda: world.playing(here) is None, 5, "it has stopped")


def test_capabilities_posted_at_another_instance_outlive_a_restart_of_jellyfin(
        world: World, pair: Pair) -> None:
    client, song = begin(world, pair.first, "Loft")
    other = client.through(pair.second.url)
    other.post_capabilities()
    other.progress(song, 5, paused=True)  # after them, so when it is heard they are too
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the holder has read its mail")
    assert world.session(client)["SupportedCommands"] == ["Play", "Playstate"]
    world.jellyfin.restart(away_ms=200)
    # In real time: a leap of the holder's clock would cost it its lease.
    wait_for(back(world, client, song), TAKEOVER_S, "the session is back")
    wait_for(lambda: world.session(client)["SupportedCommands"] == ["Play", "Playstate"], 5, "as its client wants it")


def test_two_tabs_at_two_instances_do_not_pass_a_session_to_and_fro(world: World, pair: Pair) -> None:
    here = world.web().through(pair.first.url)
    there = here.through(pair.second.url)
    tabs = [here.open_socket(), there.open_socket()]
    song = find_external(here, *SONG)
    here.start(song)
    wait_for(lambda: (world.playing(here) or {}).get("Id") == song["Id"], 5, "Jellyfin shows the song")
    stays_true(lambda: len(plays(world, pair.first)) == 1, 4, "it stays where it began")
    tabs[0].close()
    wait_for(lambda: len(plays(world, pair.second)) == 1, TAKEOVER_S, "the tab that is left decides")
    wait_for(lambda: len(world.sockets(here)) == 1, 5, "its socket is the only one")
    there.stop(song, 6)
    wait_for(lambda: world.playing(here) is None, 5, "it has stopped")
    tabs[1].close()


def test_a_redis_that_cannot_be_used_is_refused_in_a_sentence(start_sidetrack: Start) -> None:
    instance = start_sidetrack({"SIDETRACK_REDIS_URL": "rediss://:hidden@127.0.0.1"}, wait=False)
    assert instance.wait_exit() == 2
    assert "SIDETRACK_REDIS_URL" in instance.stderr and "TLS" in instance.stderr
    assert "hidden" not in instance.stderr
