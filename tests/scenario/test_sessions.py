"""The rules of injected sessions, seen from Jellyfin: architecture 5.4 to 5.7 and 5.15."""
from __future__ import annotations

import contextlib
import threading
from typing import Any, Callable

import pytest

from tests.support.client import Client, is_external, ticks
from tests.support.processes import Sidetrack
from tests.support.waiting import stays_true, wait_for
from tests.support.websocket import Closed, UpgradeRefused, WebSocket

from .conftest import World
from .test_story import GRACE_MS, find_external, position_of

SONG = ("harder better", "Harder, Better, Faster, Stronger")
OTHER = ("light", "Cold Light")


def start_shown(world: World, client: Client, which: tuple[str, str] = SONG) -> dict[str, Any]:
    song = find_external(client, *which)
    client.start(song)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == song["Id"], 5, "Jellyfin shows the song")
    return song


def socket_settled(world: World, client: Client) -> None:
    wait_for(lambda: len(world.sockets(client)) == 1, 5, "our socket is open")


def play_lines(world: World, client: Client) -> list[str]:
    """Jellyfin's activity log about this device."""
    entries = world.admin.get("/System/ActivityLog/Entries", {"limit": 500}).json()["Items"]
    return [entry["Name"] for entry in entries if entry["Name"].endswith(f"on {client.device}")
            and "playing" in entry["Name"]]


def reports(world: World, client: Client, path: str = "/Sessions/Playing") -> list[dict[str, Any]]:
    """Playback reports that Jellyfin got in this client's name."""
    return [entry for entry in world.jellyfin.requests(f"^POST {path}")
            if f'DeviceId="{client.device_id}"' in str(entry)]


def shown_sessions(world: World, client: Client) -> list[dict[str, Any]]:
    admin = world.admin.through(world.sidetrack.url)
    return [entry for entry in admin.get("/sidetrack/api/sessions").json()["sessions"]
            if entry["deviceId"] == client.device_id]


def test_a_client_that_reports_only_start_and_stop_is_shown_throughout(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    for _ in range(6):
        world.advance(5_000)
        assert world.playing(client)
    wait_for(lambda: position_of(world, client) >= ticks(29), 5, "the position moved on")
    # The preview is over after 30 s; 50 s later nobody is there any more.
    world.advance(40_000)
    assert world.playing(client), "its grace is not over"
    world.advance(20_000)
    wait_for(lambda: world.playing(client) is None, 5, "the play has ended by silence")
    assert client.is_token_good()
    assert song["Id"]


def test_a_track_change_without_a_stop_shows_the_next_song(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    other = start_shown(world, client, OTHER)
    client.stop(song, 10)  # late, of the former song
    client.progress(song, 11)
    stays_true(lambda: (world.playing(client) or {}).get("Id") == other["Id"], 0.5,
               "the next song stays shown")
    assert reports(world, client)
    assert not reports(world, client, "/Sessions/Playing/Stopped")


def test_a_progress_without_a_start_shows_the_song(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)
    client.progress(song, 12)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == song["Id"], 5, "Jellyfin shows the song")
    assert position_of(world, client) >= ticks(12)
    client.stop({"Id": song["Id"]}, 13)
    wait_for(lambda: world.playing(client) is None, 5, "and shows it no more")


def test_the_same_song_on_two_devices_is_shown_twice(world: World) -> None:
    phone, tablet = world.finamp(), world.finamp()
    song = start_shown(world, phone)
    start_shown(world, tablet)
    phone.stop(song, 5)
    wait_for(lambda: world.playing(phone) is None, 5, "the phone has stopped")
    assert world.playing(tablet)["Id"] == song["Id"]
    tablet.stop(song, 5)


def test_a_device_that_changes_hands_shows_its_new_user(world: World) -> None:
    alice = world.finamp()
    start_shown(world, alice)
    bob = alice.through(world.sidetrack.url)
    bob.token = None
    bob.log_in("bob")
    song = start_shown(world, bob, OTHER)
    for _ in range(3):
        world.advance(10_000)
        session = world.session(bob)
        assert (session["UserName"], session["NowPlayingItem"]["Id"]) == ("bob", song["Id"])
    assert not reports(world, alice, "/Sessions/Playing/Stopped")
    bob.stop(song, 30)
    wait_for(lambda: world.playing(bob) is None, 5, "nothing plays")


def test_a_chatty_client_costs_jellyfin_one_report_in_ten_seconds(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)
    client.start(song)
    for second in range(1, 25):
        world.jellyfin.advance(1000)
        world.sidetrack.advance(1000)
        client.progress(song, second)
    wait_for(lambda: reports(world, client, "/Sessions/Playing/Progress"), 5, "Jellyfin hears of it")
    assert len(reports(world, client, "/Sessions/Playing/Progress")) <= 4
    client.stop(song, 25)


def test_capabilities_of_the_client_are_left_as_they_are(world: World) -> None:
    client = world.finamp()
    client.post_capabilities()
    song = start_shown(world, client)
    socket_settled(world, client)
    assert world.session(client)["SupportedCommands"] == ["Play", "Playstate"]
    # Also when the client posted them before we were there.
    other = world.finamp()
    world.direct(other).post_capabilities()
    start_shown(world, other)
    socket_settled(world, other)
    assert world.session(other)["SupportedCommands"] == ["Play", "Playstate"]
    client.stop(song, 1)
    other.stop(song, 1)


def test_the_clients_socket_replaces_ours_and_ours_comes_back(world: World) -> None:
    client = world.web()
    song = start_shown(world, client)
    socket_settled(world, client)
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    socket.send("KeepAlive")
    world.sidetrack.advance(2500)
    wait_for(lambda: len(world.sockets(client)) == 1, 5, "ours has closed")
    session_id = world.session(client)["Id"]
    world.admin.post(f"/Sessions/{session_id}/Playing/Pause")
    assert socket.receive_type("Playstate")["Data"]["Command"] == "Pause"
    assert world.playing(client)["Id"] == song["Id"]
    socket.close()
    # Jellyfin forgets the session with its last socket; it is back by itself.
    wait_for(lambda: len(world.sockets(client)) == 1 and world.playing(client), 5,
             "ours is open and the song is shown")
    client.stop(song, 5)


def test_an_upgrade_of_the_client_that_hangs_costs_its_session_nothing(world: World) -> None:
    """Ours is silent while the client's is about to come, but Jellyfin drops a socket that is silent for 72 s."""
    client = world.web()
    song = start_shown(world, client)
    socket_settled(world, client)
    world.jellyfin.fault(route="^GET /socket", hang=True, times=1)
    upgrades = len(world.jellyfin.requests("^GET /socket"))

    def open_socket() -> None:
        with contextlib.suppress(OSError, Closed, UpgradeRefused):
            client.open_socket()
    threading.Thread(target=open_socket, daemon=True).start()
    wait_for(lambda: len(world.jellyfin.requests("^GET /socket")) > upgrades, 5, "the upgrade is under way")
    for _ in range(10):
        world.advance(10_000)  # insists on every KeepAlive
        client.progress(song, 9)
        assert (world.playing(client) or {}).get("Id") == song["Id"]
    client.stop(song, 10)


def test_a_native_song_after_an_external_one_is_never_taken_down(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    socket_settled(world, client)
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    client.start(local)  # without a Stopped of the former
    wait_for(lambda: (world.playing(client) or {}).get("Id") == local["Id"], 5, "the local song is shown")
    world.advance(GRACE_MS + 20_000)
    assert world.playing(client)["Id"] == local["Id"]
    assert len(world.sockets(client)) == 1, "our socket stays while it plays"
    # And back to an external one.
    client.start(song)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == song["Id"], 5, "the external song is shown")
    client.stop(song, 3)
    wait_for(lambda: world.playing(client) is None, 5, "nothing plays")


def test_another_user_of_the_device_is_not_taken_down_either(world: World) -> None:
    """Jellyfin has one session for both: the last socket's end wipes it, whoever plays."""
    alice = world.finamp()
    song = start_shown(world, alice)
    socket_settled(world, alice)
    bob = world.finamp("bob")
    bob.device_id = alice.device_id  # alice has handed him the phone in the middle of her song
    bob.log_in("bob")
    local = next(item for item in bob.search("light", Limit=50)["Items"] if not is_external(item))
    bob.start(local)
    wait_for(lambda: (world.playing(bob) or {}).get("Id") == local["Id"], 5, "bob's song is shown")
    world.advance(GRACE_MS + 20_000)
    session = world.session(bob)
    assert session and (session["UserName"], session["NowPlayingItem"]["Id"]) == ("bob", local["Id"])
    bob.stop(local, 60)
    alice.stop(song, 5)
    world.advance(GRACE_MS + 10_000)
    wait_for(lambda: not world.sockets(bob), 5, "our socket is gone")


def test_a_queue_of_both_worlds_is_shown_song_by_song(world: World) -> None:
    client = world.finamp()
    found = find_external(client, *SONG)
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    queue = {"NowPlayingQueue": [{"Id": item["Id"], "PlaylistItemId": f"entry{number}"}
                                 for number, item in enumerate((local, found, local, found))]}
    for number, item in enumerate((local, found, local, found)):
        entry = {"PlaylistItemId": f"entry{number}", **queue}
        client.start(item, **entry)
        wait_for(lambda: (world.playing(client) or {}).get("Id") == item["Id"], 5, f"song {number} is shown")
        world.advance(5_000)
        client.progress(item, 5, **entry)
        client.stop(item, 6, **entry)
        wait_for(lambda: world.playing(client) is None, 5, f"song {number} is over")


def test_a_socket_that_names_only_its_token_and_device_id_is_the_clients(
        world: World, start_sidetrack: Callable[..., Sidetrack]) -> None:
    """As the web client's does, right after a restart of ours: nothing is known of its token."""
    client = world.web().through(start_sidetrack().url)
    socket = WebSocket(client.base_url, f"/socket?ApiKey={client.token}&deviceId={client.device_id}")
    socket.receive_type("ForceKeepAlive")
    song = find_external(client, *SONG)
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    stays_true(lambda: len(world.sockets(client)) == 1, 0.5, "the client's socket is the only one")
    client.stop(song, 5)
    socket.close()


@pytest.mark.parametrize("what, body", [("/Stopped", {"PositionTicks": ticks(9)}), ("/Progress", {})],
                         ids=["a late stop of the local song", "a progress that names no song"])
def test_a_native_report_that_wipes_the_external_song_is_made_good(world: World, what: str,
                                                                   body: dict[str, Any]) -> None:
    """Jellyfin clears what it shows at any Stopped, and at a Progress that names nothing."""
    client = world.finamp()
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    client.start(local)
    song = start_shown(world, client)
    if what == "/Stopped":
        body = {**body, "ItemId": local["Id"]}
    assert client.post(f"/Sessions/Playing{what}", body).status == 204
    wait_for(lambda: (world.playing(client) or {}).get("Id") == song["Id"], 2, "the song is shown again")
    client.stop(song, 5)


def test_what_a_client_without_a_socket_cannot_be_told_is_shown(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    socket_settled(world, client)
    session_id = world.session(client)["Id"]
    assert world.admin.post(f"/Sessions/{session_id}/Playing/Pause").status == 204
    wait_for(lambda: shown_sessions(world, client)[0]["undeliverable"]["count"] == 1, 5, "it is counted")
    shown = shown_sessions(world, client)[0]
    assert [entry["command"] for entry in shown["undeliverable"]["newest"]] == ["Pause"]
    assert shown["shown"]["name"] == song["Name"]
    assert (shown["state"], shown["socket"], shown["remoteControl"]) == ("live", "open", False)
    client.stop(song, 5)


@pytest.mark.parametrize("away_ms", [200, 7000])
def test_a_restarted_jellyfin_shows_the_song_again_without_a_new_activity_line(
        world: World, away_ms: int) -> None:
    client = world.finamp()
    client.device = f"Pixel {away_ms}"
    song = start_shown(world, client)
    socket_settled(world, client)
    lines = len(play_lines(world, client))
    assert lines == 1
    world.jellyfin.restart(away_ms=away_ms)

    def restored() -> bool:
        world.sidetrack.advance(1000)
        session = world.session(client)
        return bool(session and session.get("NowPlayingItem") and session["SupportsRemoteControl"])
    wait_for(restored, 10, "song and remote control are back")
    assert world.playing(client)["Id"] == song["Id"]
    assert len(play_lines(world, client)) <= lines
    client.stop(song, 8)
    wait_for(lambda: world.playing(client) is None, 5, "and gone when it stops")


def test_a_paused_song_is_still_paused_after_a_restart_of_jellyfin(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    client.progress(song, 7, paused=True)
    wait_for(lambda: world.session(client)["PlayState"]["IsPaused"], 5, "the pause is shown")
    world.jellyfin.restart(away_ms=200)

    def restored() -> bool:
        world.sidetrack.advance(1000)
        session = world.session(client) or {}
        return bool(session.get("NowPlayingItem")) and session["PlayState"].get("IsPaused", False)
    wait_for(restored, 10, "the paused song is shown again")
    assert position_of(world, client) == ticks(7)
    client.stop(song, 7)


def test_a_revoked_token_ends_the_session(world: World) -> None:
    client = world.finamp()
    start_shown(world, client)
    socket_settled(world, client)
    assert world.admin.send("DELETE", f"/Devices?id={client.device_id}").status == 204

    def given_up() -> bool:
        world.sidetrack.advance(5000)
        return not shown_sessions(world, client)
    wait_for(given_up, 10, "we have let go of it")
    assert world.session(client) is None
    assert not world.sockets(client)


def test_no_token_is_written_to_the_log(world: World) -> None:
    client = world.finamp()
    song = start_shown(world, client)
    socket_settled(world, client)
    client.stop(song, 2)
    wait_for(lambda: world.playing(client) is None, 5, "it has stopped")
    assert client.token and client.token not in world.sidetrack.stderr
    assert client.token not in str(shown_sessions(world, client))
