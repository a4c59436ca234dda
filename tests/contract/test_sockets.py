"""WebSockets: who may open one, who gets what, and what goes with the last one."""
from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import FinampLike, now_playing, session_of, ticks
from tests.support.http import send
from tests.support.processes import StandIn
from tests.support.waiting import stays_true, wait_for
from tests.support.websocket import BINARY, Closed, UpgradeRefused, WebSocket

from .conftest import Server
from .test_sessions import FOREIGN, own, report


def test_a_new_socket_is_told_to_keep_alive(client: FinampLike) -> None:
    message = client.open_socket().receive()
    assert (message["MessageType"], message["Data"]) == ("ForceKeepAlive", 60)
    assert message["MessageId"]


def test_a_keep_alive_is_echoed(client: FinampLike) -> None:
    socket = client.open_socket()
    socket.send("KeepAlive")
    assert socket.receive_type("KeepAlive")["MessageType"] == "KeepAlive"


def test_the_token_may_be_in_the_query(server: Server, client: FinampLike) -> None:
    WebSocket(server.url, f"/socket?ApiKey={client.token}").receive_type("ForceKeepAlive")


@pytest.mark.parametrize("query", ["", "?api_key={}", "?ApiKey=0000"])
def test_without_a_good_token_it_is_403(server: Server, client: FinampLike, query: str) -> None:
    with pytest.raises(UpgradeRefused) as refused:
        WebSocket(server.url, f"/socket{query.format(client.token)}")
    assert refused.value.status == 403


def test_a_device_id_in_the_query_is_ignored(server: Server, client: FinampLike) -> None:
    socket = WebSocket(server.url, f"/socket?ApiKey={client.token}&deviceId=contract-elsewhere")
    socket.receive_type("ForceKeepAlive")
    assert session_of(client, "contract-elsewhere") is None
    client.post_capabilities()
    wait_for(lambda: own(client)["SupportsRemoteControl"], 5, "the token's own session has it")


def test_binary_messages_count_as_text(client: FinampLike) -> None:
    socket = client.open_socket()
    socket.send_frame(BINARY, b'{"MessageType":"KeepAlive"}')
    socket.receive_type("KeepAlive")


@pytest.mark.parametrize("text", ['{"MessageType":"NoSuchThing"}', "not json"])
def test_what_it_does_not_know_ends_the_socket(client: FinampLike, text: str) -> None:
    socket = client.open_socket()
    socket.send_text(text)
    with pytest.raises(Closed) as closed:
        socket.receive_type("KeepAlive")
    assert (closed.value.code, closed.value.reason) == (1000, "System Shutdown")


# The session


def test_a_socket_and_capabilities_make_it_controllable(client: FinampLike) -> None:
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    assert own(client)["SupportsRemoteControl"] is False
    client.post_capabilities()
    session = own(client)
    assert (session["SupportsMediaControl"], session["SupportsRemoteControl"]) == (True, True)


@pytest.mark.parametrize("end", ["close", "fin", "reset"])
def test_the_last_socket_takes_the_session_and_what_it_plays(client: FinampLike, end: str) -> None:
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    report(client, Item=FOREIGN)
    assert now_playing(client, client.device_id) is not None
    if end == "close":
        socket.close()
    else:
        socket.drop(reset=end == "reset")
    wait_for(lambda: session_of(client, client.device_id) is None, 1, "the session is gone")


def test_a_native_play_goes_with_it_and_is_back_with_its_next_progress(
        client: FinampLike, songs: list[dict[str, Any]]) -> None:
    client.post_capabilities()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    client.start(songs[0])
    socket.close()
    wait_for(lambda: session_of(client, client.device_id) is None, 1, "the session is gone")
    client.progress(songs[0], 4)
    assert (now_playing(client, client.device_id) or {})["Id"] == songs[0]["Id"]
    assert own(client)["PlayableMediaTypes"] == ["Audio"], "capabilities have survived"
    client.stop(songs[0], 5)


def test_a_session_that_never_had_a_socket_keeps_what_it_plays(client: FinampLike) -> None:
    report(client, Item=FOREIGN)
    stays_true(lambda: now_playing(client, client.device_id), 0.5)


def test_one_of_two_sockets_may_go(client: FinampLike) -> None:
    first, second = client.open_socket(), client.open_socket()
    second.receive_type("ForceKeepAlive")
    report(client, Item=FOREIGN)
    first.close()
    stays_true(lambda: now_playing(client, client.device_id), 0.5)
    second.close()


def test_a_logout_closes_the_socket(server: Server) -> None:
    client = server.client()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    client.post("/Sessions/Logout")
    with pytest.raises(Closed) as closed:
        socket.receive_type("KeepAlive")
    assert closed.value.code == 1000


# Commands


@pytest.fixture
def controlled(client: FinampLike) -> WebSocket:
    client.post_capabilities()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    return socket


@pytest.mark.parametrize("command", ["Pause", "Unpause", "PlayPause", "NextTrack", "PreviousTrack", "Stop",
                                     "Rewind", "FastForward"])
def test_a_playstate_command_reaches_the_client(client: FinampLike, controlled: WebSocket,
                                                command: str) -> None:
    assert client.post(f"/Sessions/{own(client)['Id']}/Playing/{command}").status == 204
    data = controlled.receive_type("Playstate")["Data"]
    assert data["Command"] == command
    assert data["ControllingUserId"] == client.user_id


def test_a_seek_carries_its_position(client: FinampLike, controlled: WebSocket) -> None:
    path = f"/Sessions/{own(client)['Id']}/Playing/Seek?seekPositionTicks={ticks(12)}"
    assert client.post(path).status == 204
    data = controlled.receive_type("Playstate")["Data"]
    assert (data["Command"], data["SeekPositionTicks"]) == ("Seek", ticks(12))


def test_a_message_is_a_general_command(client: FinampLike, controlled: WebSocket) -> None:
    path = f"/Sessions/{own(client)['Id']}/Message"
    assert client.post(path, {"Header": "Hi", "Text": "hello", "TimeoutMs": 5000}).status == 204
    data = controlled.receive_type("GeneralCommand")["Data"]
    assert data["Name"] == "DisplayMessage"
    assert data["Arguments"] == {"Header": "Hi", "Text": "hello", "TimeoutMs": "5000"}


def test_a_command_with_arguments(client: FinampLike, controlled: WebSocket) -> None:
    path = f"/Sessions/{own(client)['Id']}/Command"
    assert client.post(path, {"Name": "SetVolume", "Arguments": {"Volume": "42"}}).status == 204
    data = controlled.receive_type("GeneralCommand")["Data"]
    assert (data["Name"], data["Arguments"]) == ("SetVolume", {"Volume": "42"})


def test_play_drops_what_the_library_does_not_have(client: FinampLike, controlled: WebSocket,
                                                   songs: list[dict[str, Any]]) -> None:
    wanted = f"{songs[0]['Id']},{'ab' * 16},ext-deezer-song-1"
    path = f"/Sessions/{own(client)['Id']}/Playing?playCommand=PlayNow&itemIds={wanted}"
    assert client.post(path).status == 204
    data = controlled.receive_type("Play")["Data"]
    assert (data["PlayCommand"], data["ItemIds"]) == ("PlayNow", [songs[0]["Id"]])


def test_only_the_socket_that_spoke_last_gets_a_command(client: FinampLike, controlled: WebSocket) -> None:
    second = client.open_socket()
    second.receive_type("ForceKeepAlive")
    path = f"/Sessions/{own(client)['Id']}/Playing/Pause"
    controlled.send("KeepAlive")
    controlled.receive_type("KeepAlive")
    client.post(path)
    controlled.receive_type("Playstate")
    assert second.gets_nothing("Playstate")
    second.send("KeepAlive")
    second.receive_type("KeepAlive")
    client.post(path)
    second.receive_type("Playstate")
    assert controlled.gets_nothing("Playstate")


def test_a_command_without_a_socket_is_204_all_the_same(client: FinampLike) -> None:
    assert client.post(f"/Sessions/{own(client)['Id']}/Playing/Pause").status == 204


def test_a_command_for_nobody_is_404(client: FinampLike) -> None:
    assert client.post(f"/Sessions/{'0' * 32}/Playing/Pause").status == 404


@pytest.mark.needs_other
def test_any_user_may_control_any_session(server: Server, client: FinampLike, controlled: WebSocket) -> None:
    other = server.client("other")
    assert other.post(f"/Sessions/{own(client)['Id']}/Playing/Pause").status == 204
    assert controlled.receive_type("Playstate")["Data"]["ControllingUserId"] == other.user_id
    other.post("/Sessions/Logout")


def test_a_list_of_what_can_be_controlled_has_sessions_with_a_socket_only(client: FinampLike) -> None:
    client.post_capabilities()

    def listed() -> bool:
        found = client.get("/Sessions", {"controllableByUserId": client.user_id}).json()
        return client.device_id in [entry["DeviceId"] for entry in found]
    assert not listed()
    socket = client.open_socket()
    socket.receive_type("ForceKeepAlive")
    assert listed()
    socket.close()


# Subscriptions


def test_a_subscriber_is_told_of_every_playback(client: FinampLike, controlled: WebSocket) -> None:
    controlled.send("SessionsStart", "0,1500")
    controlled.send("KeepAlive")
    controlled.receive_type("KeepAlive")
    report(client, Item=FOREIGN)
    while True:  # the activity of the report may be told first
        told = controlled.receive_type("Sessions")["Data"]
        assert {entry["UserId"] for entry in told} == {client.user_id}, "only one's own"
        if FOREIGN["Name"] in [entry.get("NowPlayingItem", {}).get("Name") for entry in told]:
            break


def test_a_bad_subscription_is_ignored(client: FinampLike, controlled: WebSocket) -> None:
    controlled.send("SessionsStart")
    controlled.send("SessionsStart", "nonsense")
    controlled.send("KeepAlive")
    controlled.receive_type("KeepAlive")


def test_user_data_changes_are_told_for_library_items(client: FinampLike, controlled: WebSocket,
                                                      songs: list[dict[str, Any]]) -> None:
    client.start(songs[0])
    data = controlled.receive_type("UserDataChanged", 10)["Data"]
    assert songs[0]["Id"] in [entry["ItemId"] for entry in data["UserDataList"]]
    client.stop(songs[0], 1)


# Silence


@pytest.mark.standin_only
def test_a_silent_socket_is_reminded_and_then_lost(client: FinampLike, controlled: WebSocket,
                                                   standin: StandIn) -> None:
    standin.advance(49_000)
    controlled.receive_type("ForceKeepAlive")
    standin.advance(12_000)
    controlled.receive_type("ForceKeepAlive")
    standin.advance(12_000)
    wait_for(lambda: not own(client)["IsActive"], 2, "the session is inactive")
    assert own(client)["SupportsRemoteControl"] is False


@pytest.mark.standin_only
def test_a_restart_ends_every_socket(client: FinampLike, controlled: WebSocket, standin: StandIn) -> None:
    standin.restart()
    with pytest.raises(Closed):
        controlled.receive_type("KeepAlive")
    assert send(standin.url, "GET", "/health").text == "Healthy"


def test_a_sync_play_group_ignores_a_queue_that_the_library_does_not_have(client: FinampLike,
                                                                          controlled: WebSocket) -> None:
    assert client.post("/SyncPlay/New", {"GroupName": "contract"}).status in (200, 204)
    queue = {"PlayingQueue": ["ab" * 16], "PlayingItemPosition": 0, "StartPositionTicks": 0}
    assert client.post("/SyncPlay/SetNewQueue", queue).status == 204
    while True:
        try:
            update = controlled.receive_type("SyncPlayGroupUpdate", 1)["Data"]
        except TimeoutError:
            break
        assert update["Type"] != "PlayQueue", "nobody is told"
    assert client.post("/SyncPlay/Leave").status == 204
