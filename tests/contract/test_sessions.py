"""When a session is there, whose it is, and what a report makes it show."""
from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest

from tests.support.client import Client, FinampLike, now_playing, session_of, ticks
from tests.support.processes import StandIn
from tests.support.waiting import wait_for

from .conftest import Server

GUID = "deadbeefdeadbeefdeadbeefdeadbeef"
FOREIGN: dict[str, Any] = {
    "Id": GUID, "Name": "A Song From Elsewhere", "Type": "Audio", "MediaType": "Audio",
    "Album": "An Album", "Artists": ["Somebody"], "AlbumArtist": "Somebody", "RunTimeTicks": ticks(200),
    "ImageTags": {"Primary": "abcdef"}, "ProviderIds": {"Deezer": "1"},
}


def report(client: Client, what: str = "", **body: Any) -> int:
    return client.post(f"/Sessions/Playing{what}", body).status


def shown(client: Client) -> dict[str, Any] | None:
    return now_playing(client, client.device_id)


def own(client: Client) -> dict[str, Any]:
    session = session_of(client, client.device_id)
    assert session is not None, "no session"
    return session


# Coming, and whose


def test_a_session_appears_at_login(client: FinampLike) -> None:
    session = own(client)
    assert session["IsActive"] is True
    assert session["SupportsRemoteControl"] is False
    assert (session["UserId"], session["Client"], session["DeviceName"]) == (
        client.user_id, client.client, client.device)


def test_its_id_is_the_md5_of_client_and_device(client: FinampLike) -> None:
    digest = hashlib.md5(f"{client.client}{client.device_id}".encode("utf-16-le")).digest()
    assert own(client)["Id"] == uuid.UUID(bytes_le=digest).hex


def test_another_device_in_the_header_is_another_session(client: FinampLike) -> None:
    other = client.through(client.base_url)
    other.device_id += "-other"
    assert report(other, "/Progress", Item=FOREIGN) == 204
    assert own(other)["Id"] != own(client)["Id"]
    assert own(other)["UserId"] == client.user_id


@pytest.mark.needs_other
def test_the_same_client_and_device_is_taken_over_by_another_user(server: Server, client: FinampLike) -> None:
    report(client, Item=FOREIGN)
    other = server.client("other", client.device_id)
    report(other, Item={**FOREIGN, "Name": "Another Song"})
    assert session_of(client, client.device_id) is None
    assert own(other)["NowPlayingItem"]["Name"] == "Another Song"
    other.post("/Sessions/Logout")


@pytest.mark.needs_other
@pytest.mark.needs_admin
def test_others_do_not_see_a_session_and_administrators_do(server: Server, client: FinampLike,
                                                           admin: Client) -> None:
    other = server.client("other")
    assert session_of(other, client.device_id) is None
    assert session_of(admin, client.device_id) is not None
    other.post("/Sessions/Logout")


def test_a_logout_takes_the_session_away(server: Server, client: FinampLike) -> None:
    gone = server.client()
    gone.post("/Sessions/Logout")
    assert session_of(client, gone.device_id) is None


def test_the_list_may_be_narrowed_to_a_device(client: FinampLike) -> None:
    found = client.get("/Sessions", {"deviceId": client.device_id}).json()
    assert [entry["DeviceId"] for entry in found] == [client.device_id]
    assert client.get("/Sessions", {"deviceId": "nobody's"}).json() == []


def test_capabilities_alone_do_not_make_it_controllable(client: FinampLike) -> None:
    client.post_capabilities()
    session = own(client)
    assert session["PlayableMediaTypes"] == ["Audio"]
    assert session["SupportedCommands"] == ["Play", "Playstate"] or "Play" in session["SupportedCommands"]
    assert session["SupportsMediaControl"] is False
    assert session["SupportsRemoteControl"] is False


def test_capabilities_may_come_in_the_query(client: FinampLike) -> None:
    answer = client.post("/Sessions/Capabilities?playableMediaTypes=Audio,Video&supportsMediaControl=true")
    assert answer.status == 204
    assert own(client)["PlayableMediaTypes"] == ["Audio", "Video"]
    assert own(client)["Capabilities"]["SupportsMediaControl"] is True


# What a report makes it show


@pytest.mark.parametrize("body, status, name", [
    ({"ItemId": "ext-deezer-song-123"}, 400, None),
    ({"ItemId": "ext-deezer-song-123", "Item": FOREIGN}, 400, None),
    ({"ItemId": "", "Item": FOREIGN}, 400, None),
    ({"Item": FOREIGN}, 204, FOREIGN["Name"]),
    ({"ItemId": None, "Item": FOREIGN}, 204, FOREIGN["Name"]),
    ({"ItemId": "0" * 32, "Item": FOREIGN}, 204, FOREIGN["Name"]),
    ({"ItemId": GUID}, 204, None),
    ({"ItemId": GUID, "Item": FOREIGN}, 204, FOREIGN["Name"]),
    ({"Item": {**FOREIGN, "Id": "not-a-guid"}}, 400, None),
    ({"Item": {**FOREIGN, "Type": "Foo"}}, 400, None),
    ({"Item": {**FOREIGN, "SomethingNew": 1}}, 204, FOREIGN["Name"]),
    ({"item": {"id": GUID, "name": "camel", "type": "Audio"}}, 204, "camel"),
    ({"Item": {"Name": "no type"}}, 204, "no type"),
    ({"Item": {**FOREIGN, "RunTimeTicks": "2000000000"}}, 204, FOREIGN["Name"]),
    ({"Item": FOREIGN, "NowPlayingQueue": [{"Id": "x"}]}, 400, None),
    ({"Item": FOREIGN, "NowPlayingQueue": [{"Id": GUID, "PlaylistItemId": "p"}]}, 204, FOREIGN["Name"]),
    ({"Item": FOREIGN, "PlayMethod": "directplay"}, 204, FOREIGN["Name"]),
    ({"Item": FOREIGN, "PlayMethod": "Foo"}, 400, None),
])
@pytest.mark.parametrize("what", ["", "/Progress"])
def test_a_report_with_a_foreign_item(client: FinampLike, what: str, body: dict[str, Any], status: int,
                                      name: str | None) -> None:
    assert report(client, what, **body) == status
    item = shown(client)
    assert (item["Name"] if item else None) == name


def test_the_item_is_shown_as_it_was_given(client: FinampLike) -> None:
    report(client, Item=FOREIGN)
    item = shown(client)
    assert item is not None
    assert {name: item[name] for name in FOREIGN} == FOREIGN


def test_an_item_without_an_id_gets_zeros(client: FinampLike) -> None:
    report(client, Item={"Name": "n", "Type": "Audio"})
    assert (shown(client) or {})["Id"] == "0" * 32


def test_a_library_item_may_be_shown_as_another(client: FinampLike, songs: list[dict[str, Any]]) -> None:
    report(client, ItemId=songs[0]["Id"], Item=FOREIGN)
    assert (shown(client) or {})["Name"] == FOREIGN["Name"]


def test_every_progress_replaces_the_item(client: FinampLike) -> None:
    report(client, Item=FOREIGN)
    assert report(client, "/Progress", PositionTicks=ticks(7)) == 204
    assert shown(client) is None
    assert own(client)["PlayState"]["PositionTicks"] == ticks(7)
    report(client, "/Progress", Item=FOREIGN, PositionTicks=ticks(9))
    assert (shown(client) or {})["Name"] == FOREIGN["Name"]


def test_progress_alone_is_enough(client: FinampLike) -> None:
    assert report(client, "/Progress", Item=FOREIGN, PositionTicks=ticks(30)) == 204
    assert (shown(client) or {})["Id"] == GUID


def test_a_pause_is_shown_and_freezes_the_position(client: FinampLike) -> None:
    report(client, "/Progress", Item=FOREIGN, PositionTicks=ticks(30), IsPaused=True, CanSeek=True)
    state = own(client)["PlayState"]
    assert (state["IsPaused"], state["PositionTicks"], state["CanSeek"]) == (True, ticks(30), True)


def test_the_position_moves_by_itself(client: FinampLike) -> None:
    report(client, "/Progress", Item=FOREIGN, PositionTicks=ticks(30))
    wait_for(lambda: own(client)["PlayState"]["PositionTicks"] >= ticks(32), 6, "two seconds more")


@pytest.mark.parametrize("what", ["", "/Progress"])
def test_what_the_player_says_of_itself_is_shown(client: FinampLike, what: str) -> None:
    said = {"IsMuted": True, "VolumeLevel": 37, "RepeatMode": "RepeatAll", "PlaybackOrder": "Shuffle",
            "PlayMethod": "DirectStream"}
    report(client, what, Item=FOREIGN, PlaylistItemId="entry3", **said)
    state = own(client)["PlayState"]
    assert {name: state[name] for name in said} == said
    assert own(client)["PlaylistItemId"] == "entry3"


def test_a_queue_is_shown_once_its_song_has_stopped(client: FinampLike) -> None:
    queue = [{"Id": GUID, "PlaylistItemId": "entry3"}]
    report(client, Item=FOREIGN, NowPlayingQueue=queue)
    report(client, "/Progress", Item=FOREIGN, NowPlayingQueue=queue)
    assert own(client).get("NowPlayingQueue", []) == []
    report(client, "/Stopped", NowPlayingQueue=queue)
    assert own(client)["NowPlayingQueue"] == queue
    report(client, "/Progress", Item=FOREIGN)
    report(client, "/Stopped")
    assert own(client)["NowPlayingQueue"] == queue, "none said, none changed"


def test_transcode_without_a_transcode_is_corrected(client: FinampLike) -> None:
    report(client, Item=FOREIGN, PlayMethod="Transcode")
    wait_for(lambda: own(client)["PlayState"].get("PlayMethod") == "DirectPlay", 5, "DirectPlay")


def test_stopped_clears_it(client: FinampLike) -> None:
    report(client, Item=FOREIGN)
    assert report(client, "/Stopped") == 204
    assert shown(client) is None
    assert own(client)["PlayState"].get("PositionTicks") is None


def test_stopped_of_another_item_clears_it_as_well(client: FinampLike, songs: list[dict[str, Any]]) -> None:
    report(client, ItemId=songs[0]["Id"])
    report(client, Item=FOREIGN)
    assert report(client, "/Stopped", ItemId=songs[0]["Id"], PositionTicks=0) == 204
    assert shown(client) is None


def test_a_negative_stop_is_400(client: FinampLike) -> None:
    assert report(client, "/Stopped", PositionTicks=-1) == 400


def test_a_report_has_to_be_json(client: FinampLike) -> None:
    answer = client.send("POST", "/Sessions/Playing", body=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status == 415


def test_a_native_report_shows_the_librarys_own_item(client: FinampLike, songs: list[dict[str, Any]]) -> None:
    client.start(songs[0], 3)
    item = shown(client)
    assert item is not None
    for name in ("Id", "Name", "Album", "RunTimeTicks"):
        assert item[name] == songs[0][name]
    client.stop(songs[0], 5)
    assert shown(client) is None


def test_a_ping_is_204(client: FinampLike) -> None:
    assert client.post("/Sessions/Playing/Ping?playSessionId=abc").status == 204


@pytest.mark.needs_admin
def test_a_start_is_written_to_the_activity_log(client: FinampLike, admin: Client) -> None:
    name = f"Song {uuid.uuid4().hex}"

    def lines() -> list[str]:
        return [entry["Name"] for entry in admin.get("/System/ActivityLog/Entries", {"limit": 50}).json()["Items"]]
    report(client, "/Progress", Item={**FOREIGN, "Name": name})
    assert not any(name in line for line in lines()), "a progress is not worth a line"
    report(client, Item={**FOREIGN, "Name": name})
    wait_for(lambda: any(name in line and "is playing" in line for line in lines()), 5, "the line")


# Time and restarts


@pytest.mark.standin_only
def test_five_minutes_of_silence_end_what_plays(client: FinampLike, standin: StandIn) -> None:
    report(client, Item=FOREIGN)
    standin.advance(290_000)
    assert shown(client) is not None
    standin.advance(320_000)
    assert shown(client) is None


@pytest.mark.standin_only
def test_a_report_every_half_minute_keeps_it(client: FinampLike, standin: StandIn) -> None:
    for _ in range(25):
        report(client, "/Progress", Item=FOREIGN, IsPaused=True)
        standin.advance(30_000)
    assert shown(client) is not None


@pytest.mark.standin_only
def test_a_restart_forgets_sessions_but_not_tokens(client: FinampLike, standin: StandIn) -> None:
    report(client, Item=FOREIGN)
    standin.restart()
    assert client.is_token_good()
    assert session_of(client, client.device_id) is None
    client.get("/Items")
    assert session_of(client, client.device_id) is None, "a GET does not bring it back"
    report(client, "/Progress", Item=FOREIGN)
    assert (shown(client) or {})["Id"] == GUID


@pytest.mark.standin_only
def test_capabilities_are_lost_at_a_restart(client: FinampLike, standin: StandIn) -> None:
    client.post_capabilities()
    standin.restart()
    report(client, "/Progress", Item=FOREIGN)
    assert own(client)["PlayableMediaTypes"] == []
