"""The server feed: plays of clients that go to Jellyfin past us, on the server we front and on others."""
from __future__ import annotations

import json
import re
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike, ticks
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_redis import TAKEOVER_S, Pair, pair, plays as shared_plays, redis  # noqa: F401
from .test_story import find_external

KEY_APP = "feed"
POLL = r"^GET /Sessions\?activeWithinSeconds"
SECRET = "no-such-key-0123456789"


@pytest.fixture(scope="module")
def attic() -> Iterator[StandIn]:
    """A second Jellyfin, which nobody fronts."""
    process = StandIn("jellyfin")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(jellyfin: StandIn, deezer: StandIn, attic: StandIn,
             tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    key = jellyfin.control("POST", "apikey", app=KEY_APP)["key"]
    other = {"name": "attic", "url": attic.url, "apiKey": attic.control("POST", "apikey", app=KEY_APP)["key"]}
    return {"JELLYFIN_URL": jellyfin.url, "SIDETRACK_DEEZER_URL": deezer.url,
            "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data")),
            "SIDETRACK_JELLYFIN_API_KEY": key, "SIDETRACK_SERVERS": json.dumps([other])}


@pytest.fixture
def world(world: World, attic: StandIn) -> World:
    """Both servers are watched, and how late it is there is known."""
    attic.clear_faults()
    world.others = [attic]
    world.advance(10_000)
    push_ready(world)
    return world


def plays(world: World, client: Client) -> list[dict[str, Any]]:
    admin = world.admin.through(world.sidetrack.url)
    return [play for play in admin.get("/sidetrack/api/plays").json()["plays"]
            if play["deviceId"] == client.device_id]


def servers(world: World) -> dict[str, dict[str, Any]]:
    admin = world.admin.through(world.sidetrack.url)
    return {entry["name"]: entry for entry in admin.get("/sidetrack/api/servers").json()["servers"]}


def only_play(world: World, client: Client) -> dict[str, Any]:
    found = wait_for(lambda: plays(world, client), 5, "the play is known")
    assert len(found) == 1
    return found[0]


def events(world: World, name: str, since: int = 0) -> list[str]:
    return [line for line in world.sidetrack.lines[since:] if f" event={name} " in f"{line} "]


def tick(world: World, seconds: int = 3) -> None:
    world.advance(seconds * 1000)


def past_us(world: World, user: str = "alice", at: StandIn | None = None) -> FinampLike:
    """A client that knows Jellyfin's own address."""
    client = FinampLike((at or world.jellyfin).url, world.device_id(), "Kitchen")
    client.log_in(user)
    return client


def local_songs(client: Client) -> list[dict[str, Any]]:
    return client.get("/Items", {"userId": client.user_id, "includeItemTypes": "Audio", "recursive": True,
                                 "sortBy": "SortName"}).json()["Items"]


def push_ready(world: World) -> None:
    wait_for(lambda: all(entry.get("socket") == "open" for entry in servers(world).values()), 5,
             "both servers push")


# Plays past us


def test_a_play_past_us_appears_pauses_and_stops(world: World) -> None:
    client = past_us(world)
    song = local_songs(client)[0]
    client.start(song, 5)
    play = only_play(world, client)
    assert (play["item"]["name"], play["user"]["name"], play["client"]) == (song["Name"], "alice", "Finamp")
    assert (play["seenBy"], play["server"], play["state"]) == (["feed"], "", "playing")
    assert play["sessionId"] == world.session(client)["Id"]
    assert 4_000 <= play["positionMs"] <= 8_000
    client.progress(song, 15, paused=True)
    wait_for(lambda: only_play(world, client)["state"] == "paused", 5, "it is paused")
    tick(world, 60)
    paused = only_play(world, client)
    assert paused["id"] == play["id"] and 59_000 <= paused["pausedMs"] <= 64_000
    assert 14_000 <= paused["positionMs"] <= 16_000
    client.progress(song, 15)
    wait_for(lambda: only_play(world, client)["state"] == "playing", 5, "it goes on")
    client.stop(song, 20)
    tick(world)
    tick(world)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


def test_polls_alone_are_enough(world: World, start_sidetrack: Callable[..., Sidetrack]) -> None:
    world.jellyfin.fault(route="^GET /socket", status=403)
    sidetrack = start_sidetrack({"SIDETRACK_SERVERS": None})
    client = past_us(world)
    song = local_songs(client)[0]
    client.start(song)
    sidetrack.advance(10_000)  # nothing was live: it asks every ten seconds
    shown = world.admin.through(sidetrack.url).get("/sidetrack/api/plays").json()["plays"]
    assert client.device_id in [play["deviceId"] for play in shown]
    client.stop(song, 3)


def test_one_missed_look_is_no_end(world: World) -> None:
    client = past_us(world)
    song = local_songs(client)[0]
    client.start(song)
    play = only_play(world, client)
    client.stop(song, 3)
    client.start(song, 3)
    tick(world)
    tick(world)
    assert only_play(world, client)["id"] == play["id"]
    client.stop(song, 9)
    tick(world)
    tick(world)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


def test_the_next_song_is_the_next_play(world: World) -> None:
    client = past_us(world)
    first, second = local_songs(client)[:2]
    client.start(first)
    before = only_play(world, client)
    client.start(second)
    wait_for(lambda: only_play(world, client)["item"]["id"] == second["Id"], 5, "the next song plays")
    assert only_play(world, client)["id"] != before["id"]
    client.stop(second, 3)


def test_who_plays_on_two_devices_plays_twice(world: World) -> None:
    one, two = past_us(world), past_us(world)
    song = local_songs(one)[0]
    one.start(song)
    two.start(song)
    assert only_play(world, one)["id"] != only_play(world, two)["id"]
    one.stop(song, 2)
    tick(world)
    tick(world)
    wait_for(lambda: not plays(world, one), 5, "the first has ended")
    assert plays(world, two)
    two.stop(song, 2)


def test_how_it_is_served_is_followed(world: World) -> None:
    client = past_us(world)
    song = local_songs(client)[0]
    client.start(song)
    play = only_play(world, client)
    assert play["playMethod"] == "DirectPlay" and "transcode" not in play["stream"]
    info = {"AudioCodec": "aac", "Container": "ts", "IsAudioDirect": False, "IsVideoDirect": True,
            "Bitrate": 128_000, "AudioChannels": 2, "HardwareAccelerationType": "none",
            "TranscodeReasons": ["AudioCodecNotSupported"]}
    world.jellyfin.control("POST", "transcoding", device_id=client.device_id, info=info)
    tick(world)
    transcode = wait_for(lambda: only_play(world, client)["stream"].get("transcode"), 5, "a transcode runs")
    assert (transcode["audioCodec"], transcode["audioDirect"], transcode["bitrate"]) == ("aac", False, 128_000)
    assert transcode["reasons"] == "AudioCodecNotSupported"
    assert only_play(world, client)["playMethod"] == "Transcode"
    world.jellyfin.control("POST", "transcoding", device_id=client.device_id)
    tick(world)
    wait_for(lambda: "transcode" not in only_play(world, client)["stream"], 5, "it is over")
    assert only_play(world, client)["id"] == play["id"]
    client.stop(song, 9)


# Through us and past us


def test_what_comes_through_us_is_counted_once(world: World) -> None:
    before = len(world.sidetrack.lines)
    client = world.finamp()
    song = local_songs(client)[0]
    client.start(song)
    for second in range(0, 30, 10):
        client.progress(song, second)
        tick(world, 10)
    assert set(only_play(world, client)["seenBy"]) == {"proxy", "feed"}
    client.progress(song, 31, paused=True)
    wait_for(lambda: only_play(world, client)["state"] == "paused", 5, "it is paused")
    client.stop(song, 31)
    wait_for(lambda: not plays(world, client), 5, "its stop needs no second look")
    tick(world, 30)
    assert not plays(world, client)
    started = [line for line in events(world, "play_started", before) if song["Id"] in line]
    assert len(started) == 1, started


def test_external_music_is_counted_once(world: World) -> None:
    before = len(world.sidetrack.lines)
    client = world.finamp()
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == song["Id"], 5, "Jellyfin shows it")
    for second in range(0, 20, 10):
        client.progress(song, second)
        tick(world, 10)
    assert only_play(world, client)["seenBy"] == ["proxy"], "Jellyfin only repeats what we told it"
    client.stop(song, 20)
    wait_for(lambda: not plays(world, client), 5, "it has ended")
    tick(world, 30)
    assert not plays(world, client)
    assert len([line for line in events(world, "play_started", before) if song["Id"] in line]) == 1


def test_a_client_that_goes_on_past_us_is_followed(world: World) -> None:
    client = world.finamp()
    first, second = local_songs(client)[:2]
    client.start(first)
    before = only_play(world, client)
    tick(world, 10)
    direct = world.direct(client)
    direct.progress(first, 10)
    wait_for(lambda: plays(world, client) and only_play(world, client)["positionMs"] >= 9_000, 5, "it goes on")
    assert only_play(world, client)["id"] == before["id"]
    tick(world, 10)
    direct.start(second)
    wait_for(lambda: only_play(world, client)["item"]["id"] == second["Id"], 5, "and plays the next song")
    direct.stop(second, 5)
    tick(world)
    tick(world)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


def test_a_silent_client_goes_on_while_jellyfin_shows_it(world: World) -> None:
    client = world.finamp()
    song = local_songs(client)[0]
    client.start(song)
    for second in range(0, 40, 10):
        client.progress(song, second)
        tick(world, 10)
    tick(world, 200)  # by what we hear it would have ended
    assert world.playing(client), "Jellyfin still shows it"
    assert only_play(world, client)
    client.stop(song, 200)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


# Servers


def test_another_server_is_another_world(world: World, attic: StandIn) -> None:
    here = past_us(world)
    there = here.through(attic.url)
    there.log_in("alice")
    song = local_songs(here)[0]
    here.start(song)
    there.start(song)
    wait_for(lambda: len(plays(world, here)) == 2, 5, "both are known")
    assert {play["server"] for play in plays(world, here)} == {"", "attic"}
    there.stop(song, 5)
    tick(world)
    tick(world)
    wait_for(lambda: [play["server"] for play in plays(world, here)] == [""], 5, "one has ended")
    here.stop(song, 5)


def test_servers_say_how_they_are(world: World, attic: StandIn) -> None:
    shown = servers(world)
    assert list(shown) == ["StandIn", "attic"]
    for name, url in (("StandIn", world.jellyfin.url), ("attic", attic.url)):
        entry = shown[name]
        assert (entry["url"], entry["state"], entry["failures"]) == (url, "up", 0)
        assert entry["lastPollAt"] and entry["since"]
    assert shown["StandIn"]["fronted"] and not shown["attic"]["fronted"]
    assert world.sidetrack.send("GET", "/sidetrack/api/servers").status == 401
    alice = world.finamp()
    assert alice.get("/sidetrack/api/servers").status == 403
    text = json.dumps(shown) + world.sidetrack.stderr
    text += world.sidetrack.send("GET", "/metrics").text
    assert KEY_APP in str(world.jellyfin.log()), "the key is in use"
    for stand in (world.jellyfin, attic):
        keys = [entry["token"] for entry in stand.control("GET", "sockets") if entry["client"] == KEY_APP]
        assert keys and not any(key in text for key in keys)


def test_three_failures_are_down_and_the_first_answer_is_up_once_each(world: World, attic: StandIn) -> None:
    before = len(world.sidetrack.lines)
    client = past_us(world, at=attic)
    song = local_songs(client)[0]
    client.start(song)
    wait_for(lambda: plays(world, client), 5, "it is known")
    attic.fault(route="^GET /Sessions", status=500)
    tick(world)
    tick(world)
    wait_for(lambda: servers(world)["attic"]["failures"] == 2, 5, "two failures")
    assert servers(world)["attic"]["state"] == "up"
    tick(world)
    wait_for(lambda: servers(world)["attic"]["state"] == "down", 5, "three are down")
    for _ in range(4):
        tick(world, 10)
    assert len(events(world, "server_down", before)) == 1
    assert plays(world, client), "a failed poll stops nothing"
    attic.clear_faults()
    tick(world, 40)
    wait_for(lambda: servers(world)["attic"]["state"] == "up", 5, "it is back")
    assert len(events(world, "server_up", before)) == 1
    assert only_play(world, client)["item"]["id"] == song["Id"]
    assert servers(world)["StandIn"]["state"] == "up"
    client.stop(song, 5)
    tick(world, 40)
    tick(world)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


def test_a_server_that_restarts_ends_nothing_that_goes_on(world: World, attic: StandIn) -> None:
    client = past_us(world, at=attic)
    song = local_songs(client)[0]
    client.start(song)
    play = only_play(world, client)
    with attic.refusing(300):
        world.sidetrack.advance(3_000)
        wait_for(lambda: servers(world)["attic"]["failures"] > 0, 5, "a poll failed")
    tick(world, 6)
    assert only_play(world, client)["id"] == play["id"], "nothing is shown, but it may come back"
    client.progress(song, 15)
    tick(world, 60)
    client.progress(song, 75)
    tick(world, 3)
    assert only_play(world, client)["id"] == play["id"]
    client.stop(song, 80)
    tick(world)
    tick(world)
    wait_for(lambda: not plays(world, client), 5, "it has ended")


def test_polls_never_overlap(world: World, attic: StandIn) -> None:
    before = len(attic.requests(POLL))
    attic.fault(route="^GET /Sessions", hang=True)
    world.sidetrack.advance(10_000)
    wait_for(lambda: len(attic.requests(POLL)) > before, 5, "it was asked")
    count = len(attic.requests(POLL))
    for _ in range(3):
        world.sidetrack.advance(3_000)
        assert len(attic.requests(POLL)) == count
    world.sidetrack.advance(3_000)  # given up after ten seconds
    wait_for(lambda: len(attic.requests(POLL)) == count + 1, 5, "then it is asked again")
    attic.clear_faults()
    tick(world, 10)
    tick(world, 40)
    wait_for(lambda: servers(world)["attic"]["state"] == "up", 5, "it is back")


def test_a_refused_key_is_said_once_and_tried_again(
        world: World, start_sidetrack: Callable[..., Sidetrack]) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_JELLYFIN_API_KEY": SECRET, "SIDETRACK_SERVERS": None})
    admin = world.admin.through(sidetrack.url)

    def state() -> str:
        return admin.get("/sidetrack/api/servers").json()["servers"][0]["state"]

    wait_for(lambda: state() == "refused", 5, "the key is refused")
    for _ in range(3):
        sidetrack.advance(71_000)
    assert len([line for line in sidetrack.lines if "event=feed_key_refused" in line]) == 1
    assert "server_down" not in sidetrack.stderr
    assert SECRET not in sidetrack.stderr


def test_without_a_key_the_feed_is_off_and_says_so(
        world: World, start_sidetrack: Callable[..., Sidetrack]) -> None:
    before = len(world.jellyfin.requests(POLL))
    sidetrack = start_sidetrack({"SIDETRACK_JELLYFIN_API_KEY": None, "SIDETRACK_SERVERS": None})
    answer = world.admin.through(sidetrack.url).get("/sidetrack/api/servers").json()["servers"]
    assert [(entry["fronted"], entry["state"]) for entry in answer] == [(True, "off")]
    assert len(re.findall("event=feed_off .*SIDETRACK_JELLYFIN_API_KEY", sidetrack.stderr)) == 1
    sidetrack.advance(30_000)
    assert len(world.jellyfin.requests(POLL)) == before


@pytest.mark.parametrize("value, complaint", [
    ("attic", "must be a JSON list"),
    ('[{"name": "attic", "url": "attic:8096", "apiKey": "x"}]', "server 1 has no usable url"),
    ('[{"name": "attic", "url": "http://attic", "apiKey": ""}]', "server 1 needs an apiKey"),
])
def test_servers_that_are_none_are_refused_at_start(
        start_sidetrack: Callable[..., Sidetrack], value: str, complaint: str) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_SERVERS": value}, wait=False)
    assert sidetrack.wait_exit() != 0
    assert f"SIDETRACK_SERVERS {complaint}" in sidetrack.stderr or (
        "SIDETRACK_SERVERS" in sidetrack.stderr and complaint in sidetrack.stderr)


def test_a_file_may_hold_the_key(world: World, start_sidetrack: Callable[..., Sidetrack], tmp_path: Any,
                                 settings: dict[str, str | None]) -> None:
    path = tmp_path / "key"
    path.write_text(f"{settings['SIDETRACK_JELLYFIN_API_KEY']}\n", encoding="utf-8")
    sidetrack = start_sidetrack({"SIDETRACK_JELLYFIN_API_KEY": None, "SIDETRACK_SERVERS": None,
                                 "SIDETRACK_JELLYFIN_API_KEY_FILE": str(path)})
    admin = world.admin.through(sidetrack.url)
    wait_for(lambda: admin.get("/sidetrack/api/servers").json()["servers"][0]["state"] == "up", 5, "it is up")


# Several instances


def test_of_two_instances_one_follows_a_play_past_us(world: World, pair: Pair) -> None:
    client = past_us(world)
    song = local_songs(client)[0]

    def followers() -> list[Sidetrack]:
        return [instance for instance in (pair.first, pair.second) if instance.exit_status is None
                and client.device_id in [play["deviceId"] for play in shared_plays(world, instance)]]

    client.start(song)
    holder = wait_for(followers, 5, "somebody follows it")[0]
    client.progress(song, 10)
    stays_true(lambda: followers() == [holder], 1, "one of them follows it")
    holder.kill()
    other = pair.second if holder is pair.first else pair.first

    def taken_over() -> bool:
        client.progress(song, 20)  # as clients do, again and again
        return followers() == [other]

    wait_for(taken_over, TAKEOVER_S, "the other one has taken over")
    client.stop(song, 30)
    wait_for(lambda: not followers(), 10, "it has ended")
