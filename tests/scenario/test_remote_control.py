"""Remote control of listeners: what passes, what we answer, what cannot be delivered."""
from __future__ import annotations

import http.client
import threading
from typing import Any, Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.client import Client, WebLike, is_external, ticks
from tests.support.processes import Sidetrack
from tests.support.waiting import stays_true, wait_for
from tests.support.websocket import WebSocket

from .conftest import World
from .test_story import find_external, position_of

SONG = ("harder better", "Harder, Better, Faster, Stronger")
OTHER = ("light", "Cold Light")
ALBUM = ("light", "Light Years Apart")


def session_id(world: World, client: Client) -> str:
    return wait_for(lambda: world.session(client), 5, "Jellyfin lists the session")["Id"]


def play_on(controller: Client, session: str, item_ids: list[str], command: str = "PlayNow", **query: Any) -> int:
    return controller.post(f"/Sessions/{session}/Playing", query={
        "playCommand": command, "itemIds": ",".join(item_ids), **query}).status


@pytest.fixture
def tab(world: World) -> Iterator[tuple[WebLike, WebSocket]]:
    """A browser with a socket of its own through us."""
    client = world.web()
    client.post_capabilities()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    yield client, socket
    socket.close()


COMMANDS: dict[str, tuple[str, Any, dict[str, Any], Callable[[dict[str, Any], World, Client], bool]]] = {
    "Pause": ("Playing/Pause", None, {"position_s": 3, "paused": True},
              lambda state, *_: state["IsPaused"]),
    "Seek": (f"Playing/Seek?seekPositionTicks={ticks(20)}", None, {"position_s": 20},
             lambda state, *_: state.get("PositionTicks", 0) >= ticks(20)),
    "SetVolume": ("Command", {"Name": "SetVolume", "Arguments": {"Volume": "42"}},
                  {"position_s": 1, "VolumeLevel": 42}, lambda state, *_: state.get("VolumeLevel") == 42),
    "ToggleMute": ("Command", {"Name": "ToggleMute"}, {"position_s": 1, "IsMuted": True},
                   lambda state, *_: state["IsMuted"]),
    "DisplayMessage": ("Message", {"Header": "Hi", "Text": "hello"}, {"position_s": 1}, lambda *_: True),
}


@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_command_arrives_through_the_tunnel_and_progress_confirms_it(
        world: World, tab: tuple[WebLike, WebSocket], command: str) -> None:
    client, socket = tab
    path, body, obeyed, confirmed = COMMANDS[command]
    song = find_external(client, *SONG)
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    controller = world.admin.through(world.sidetrack.url)
    assert controller.post(f"/Sessions/{session_id(world, client)}/{path}", body).status == 204
    kind = "Playstate" if path.startswith("Playing") else "GeneralCommand"
    data = socket.receive_type(kind)["Data"]
    assert data.get("Command", data.get("Name")) == command
    client.progress(song, **obeyed)
    wait_for(lambda: confirmed(world.session(client)["PlayState"], world, client), 5, "and is confirmed")
    assert world.playing(client)["Id"] == song["Id"]
    client.stop(song, 4)


def test_next_and_stop_arrive_through_the_tunnel(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, socket = tab
    song, other = find_external(client, *SONG), find_external(client, *OTHER)
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "Jellyfin shows the song")
    world.admin.post(f"/Sessions/{session_id(world, client)}/Playing/NextTrack")
    assert socket.receive_type("Playstate")["Data"]["Command"] == "NextTrack"
    client.stop(song, 4)
    client.start(other)
    wait_for(lambda: (world.playing(client) or {}).get("Id") == other["Id"], 5, "the next song is shown")
    world.admin.post(f"/Sessions/{session_id(world, client)}/Playing/Stop")
    assert socket.receive_type("Playstate")["Data"]["Command"] == "Stop"
    client.stop(other, 2)
    wait_for(lambda: world.playing(client) is None, 5, "and no more")
    assert position_of(world, client) == -1


@pytest.mark.parametrize("command", ["PlayNow", "PlayNext", "PlayLast", "playnow"])
def test_external_and_local_songs_are_played_on_a_session_in_their_order(
        world: World, tab: tuple[WebLike, WebSocket], command: str) -> None:
    client, socket = tab
    found = client.search("light", Limit=50)["Items"]
    local = next(item for item in found if not is_external(item))
    wanted = [find_external(client, *SONG)["Id"], local["Id"], find_external(client, *OTHER)["Id"]]
    phone = world.finamp()  # alice's own
    assert play_on(phone, session_id(world, client), wanted, command, startPositionTicks=ticks(3), startIndex=1) == 204
    message = socket.receive_type("Play")
    assert len(message["MessageId"]) == 32
    assert message["Data"] == {
        "ItemIds": wanted, "PlayCommand": command.replace("playnow", "PlayNow"), "StartPositionTicks": ticks(3),
        "StartIndex": 1, "ControllingUserId": client.user_id}


def test_an_external_album_is_played_song_by_song(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, socket = tab
    album = find_external(client, *OTHER)["AlbumId"]
    songs = [item["Id"] for item in client.get("/Items", {"userId": client.user_id, "parentId": album}).json()["Items"]]
    assert play_on(client, session_id(world, client), [album]) == 204
    assert socket.receive_type("Play")["Data"]["ItemIds"] == songs
    assert play_on(client, session_id(world, client), [album], "PlayShuffle") == 204
    data = socket.receive_type("Play")["Data"]
    assert data["PlayCommand"] == "PlayNow"
    assert sorted(data["ItemIds"]) == sorted(songs)


def test_a_mixed_playlist_is_played_whole(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, socket = tab
    local = [item["Id"] for item in client.search("light", Limit=50)["Items"] if not is_external(item)][:2]
    song = find_external(client, *SONG)["Id"]
    order = [local[0], song, local[1]]
    playlist = client.post("/Playlists", {"Name": "Cast", "Ids": order, "UserId": client.user_id}).json()["Id"]
    assert play_on(client, session_id(world, client), [playlist]) == 204
    assert socket.receive_type("Play")["Data"]["ItemIds"] == order
    assert play_on(client, session_id(world, client), [local[1], playlist, song]) == 204
    assert socket.receive_type("Play")["Data"]["ItemIds"] == [local[1], *order, song]


def test_only_who_may_control_others_plays_external_music_on_their_session(
        world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, socket = tab
    song = find_external(client, *SONG)["Id"]
    session = session_id(world, client)
    bob = world.finamp("bob")
    answer = bob.post(f"/Sessions/{session}/Playing", query={"playCommand": "PlayNow", "itemIds": song})
    assert (answer.status, '"code":"forbidden"' in answer.text) == (403, True)
    assert play_on(world.admin.through(world.sidetrack.url), session, [song]) == 204
    assert socket.receive_type("Play")["Data"]["ControllingUserId"] == world.admin.user_id
    world.jellyfin.control("POST", "policy", user="bob", EnableRemoteControlOfOtherUsers=True)
    world.sidetrack.advance(61_000)  # what is known of a token is kept for a minute
    try:
        assert play_on(bob, session, [song]) == 204
        assert socket.receive_type("Play")["Data"]["ControllingUserId"] == bob.user_id
    finally:
        world.jellyfin.control("POST", "policy", user="bob", EnableRemoteControlOfOtherUsers=False)
    bob.token = "wrong"
    assert play_on(bob, session, [song]) == 401


def test_of_two_tabs_the_one_that_spoke_last_plays(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, first = tab
    second = client.open_socket()
    second.receive_type("ForceKeepAlive")
    song = find_external(client, *SONG)["Id"]
    session = session_id(world, client)
    for speaker, other in ((first, second), (second, first)):
        speaker.send("KeepAlive")
        speaker.receive_type("KeepAlive")
        assert play_on(client, session, [song]) == 204
        assert speaker.receive_type("Play")["Data"]["ItemIds"] == [song]
        assert other.gets_nothing("Play")
    second.close()
    wait_for(lambda: len(world.sockets(client)) == 1, 5, "the second tab is closed")
    assert play_on(client, session, [song]) == 204
    assert first.receive_type("Play")["Data"]["ItemIds"] == [song]


def test_a_socket_that_named_only_its_token_is_found_once_its_client_is_known(
        world: World, start_sidetrack: Callable[..., Sidetrack]) -> None:
    """As the web client's after a restart of ours: the socket reconnects before anything else."""
    client = world.web().through(start_sidetrack().url)
    socket = WebSocket(client.base_url, f"/socket?ApiKey={client.token}&deviceId={client.device_id}")
    socket.receive_type("ForceKeepAlive")
    song = find_external(client, *SONG)["Id"]
    assert play_on(client, session_id(world, client), [song]) == 204
    assert socket.receive_type("Play")["Data"]["ItemIds"] == [song]
    socket.close()


def test_local_songs_are_jellyfins_own_affair(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    client, socket = tab
    local = next(item for item in client.search("light", Limit=50)["Items"] if not is_external(item))
    assert play_on(client, session_id(world, client), [local["Id"]]) == 204
    assert socket.receive_type("Play")["Data"]["ItemIds"] == [local["Id"]]
    assert world.jellyfin.requests(rf"^POST /Sessions/{session_id(world, client)}/Playing\?")


def test_a_session_that_is_not_ours_is_jellyfins_to_judge(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)["Id"]
    assert play_on(client, "0" * 32, [song]) == 404
    assert play_on(client, session_id(world, client), [song]) == 204  # no socket: dropped, as ever


# Without a socket of its own


class Reader:
    """A player that reads its stream in the background."""

    def __init__(self, client: Client, path: str) -> None:
        self.received = 0
        self.broken = threading.Event()
        self._connection = http.client.HTTPConnection(urlsplit(client.base_url).netloc, timeout=20)
        self._connection.request("GET", path, headers={"Authorization": client.authorization()})
        self.answer = self._connection.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while data := self.answer.read1(4096):
                self.received += len(data)
        except (OSError, http.client.HTTPException):
            pass
        if self.answer.length:  # promised and not sent
            self.broken.set()


def test_stop_cuts_the_stream_of_a_client_without_a_socket_until_it_starts_anew(world: World) -> None:
    client = world.finamp()
    song, other = find_external(client, *SONG), find_external(client, *OTHER)
    world.deezer.fault(route="^GET .*\\.mp3", stall=True, times=1)
    reader = Reader(client, client.stream_path(song["Id"]))
    assert reader.answer.status == 200
    client.start(song)
    wait_for(lambda: world.playing(client) and world.sockets(client), 5, "shown, and our socket is open")
    wait_for(lambda: reader.received > 0, 5, "the stream runs")
    assert world.admin.post(f"/Sessions/{session_id(world, client)}/Playing/Stop").status == 204
    assert reader.broken.wait(5), "the stream is cut"
    wait_for(lambda: world.playing(client) is None, 5, "and the song is shown no more")
    # The player tries to go on, and reports as if nothing had happened.
    refused = client.get(client.stream_path(song["Id"]), headers={"Range": "bytes=1000-"})
    assert (refused.status, '"code":"stopped"' in refused.text) == (403, True)
    client.progress(song, 9)
    world.advance(20_000)
    client.progress(song, 29)
    stays_true(lambda: world.playing(client) is None, 0.5, "it stays stopped")
    # Another song is another matter, and so is a new start.
    assert client.get(client.stream_path(other["Id"])).status == 200
    client.start(song)
    wait_for(lambda: world.playing(client), 5, "it plays again")
    assert client.get(client.stream_path(song["Id"])).status == 200
    client.stop(song, 1)


def test_a_song_that_was_stopped_may_be_asked_for_anew(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)
    for again in ("playback_info", "another play session"):
        client.start(song, PlaySessionId="first")
        wait_for(lambda: world.playing(client) and world.sockets(client), 5, "shown, and our socket is open")
        world.admin.post(f"/Sessions/{session_id(world, client)}/Playing/Stop")
        wait_for(lambda: world.playing(client) is None, 5, "it is stopped")
        assert client.get(client.stream_path(song["Id"])).status == 403
        if again == "playback_info":
            client.playback_info(song["Id"])
            assert client.get(client.stream_path(song["Id"])).status == 200
        else:
            assert client.get(f"{client.stream_path(song['Id'])}&playSessionId=first").status == 403
            assert client.get(f"{client.stream_path(song['Id'])}&playSessionId=second").status == 200


def test_other_commands_for_a_client_without_a_socket_are_recorded(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)
    client.start(song)
    wait_for(lambda: world.playing(client) and world.sockets(client), 5, "shown, and our socket is open")
    session = session_id(world, client)
    world.admin.post(f"/Sessions/{session}/Playing/Pause")
    world.admin.post(f"/Sessions/{session}/Command", {"Name": "SetVolume", "Arguments": {"Volume": "3"}})
    play_on(world.admin.through(world.sidetrack.url), session, [song["Id"]])
    admin = world.admin.through(world.sidetrack.url)

    def recorded() -> dict[str, Any] | None:
        answer = admin.get("/sidetrack/api/sessions")
        assert client.token not in answer.text
        return next((entry for entry in answer.json()["sessions"] if entry["deviceId"] == client.device_id
                     and entry["undeliverable"]["count"] == 3), None)
    shown = wait_for(recorded, 5, "all three are recorded")
    assert [entry["command"] for entry in shown["undeliverable"]["newest"]] == ["PlayNow", "SetVolume", "Pause"]
    assert shown["undeliverable"]["newest"][0]["at"] >= shown["since"]
    assert (shown["state"], shown["socketKind"], shown["shown"]["itemId"]) == ("live", "own", song["Id"])
    assert world.playing(client), "and change nothing"
    client.stop(song, 4)


# What the list of sessions says


def flags(lister: Client, client: Client, **query: Any) -> list[tuple[bool, bool]]:
    """SupportsRemoteControl and SupportsMediaControl of every session that is listed for this device."""
    answer = lister.get("/Sessions", query)
    assert int(answer.header("Content-Length") or len(answer.body)) == len(answer.body)
    return [(entry["SupportsRemoteControl"], entry["SupportsMediaControl"]) for entry in answer.json()
            if entry["DeviceId"] == client.device_id]


def test_the_list_says_whether_a_client_can_be_controlled(world: World, tab: tuple[WebLike, WebSocket]) -> None:
    browser, _ = tab
    phone = world.finamp()
    admin = world.admin.through(world.sidetrack.url)
    for client in (browser, phone):
        client.start(find_external(client, *SONG))
    wait_for(lambda: world.playing(phone) and world.sockets(phone), 5, "our socket is open")
    assert flags(world.admin, phone) == [(True, True)], "Jellyfin itself takes our socket for the client's"
    assert flags(admin, phone) == [(False, False)]
    assert flags(admin, browser) == [(True, True)]
    assert flags(phone, phone) == [(False, False)]
    shown = [entry for entry in admin.get("/Sessions").json() if entry["DeviceId"] == phone.device_id]
    direct = [entry for entry in world.admin.get("/Sessions").json() if entry["DeviceId"] == phone.device_id]
    for name in ("SupportsRemoteControl", "SupportsMediaControl", "PlayState", "LastActivityDate",
                 "LastPlaybackCheckIn"):
        for entry in (shown[0], direct[0]):
            entry.pop(name)
    assert shown == direct, "nothing else is changed"
    # What can be controlled: for a menu of "play on".
    everybody = {"controllableByUserId": admin.user_id}
    assert flags(world.admin, phone, **everybody) == [(True, True)]
    assert flags(admin, phone, **everybody) == []
    assert flags(admin, browser, **everybody) == [(True, True)]
    for client in (browser, phone):
        client.stop(find_external(client, *SONG), 1)
