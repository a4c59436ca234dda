"""What the server feed relies on: an API key sees who plays what, since when, and is told of changes."""
from __future__ import annotations

import datetime
import email.utils
import uuid
from typing import Any, Iterator

import pytest

from tests.support.client import Client, FinampLike, ticks
from tests.support.http import Answer, send
from tests.support.processes import StandIn
from tests.support.waiting import wait_for
from tests.support.websocket import WebSocket

from .conftest import Server

pytestmark = pytest.mark.needs_admin
NEVER = "0001-01-01T00:00:00.0000000Z"
Row = dict[str, Any]


class Feed:
    """Somebody who has nothing but an API key."""

    def __init__(self, url: str, app: str, key: str) -> None:
        self.url, self.app, self.key = url, app, key
        self.device_id = f"contract-feed-{uuid.uuid4().hex[:8]}"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f'MediaBrowser Client="Sidetrack", Device="Sidetrack", Version="1", '
                                 f'DeviceId="{self.device_id}", Token="{self.key}"'}

    def ask(self, query: str = "?activeWithinSeconds=960") -> Answer:
        return send(self.url, "GET", f"/Sessions{query}", headers=self.headers())

    def row(self, client: Client, query: str = "?activeWithinSeconds=960") -> Row | None:
        rows = self.ask(query).json()
        return next((row for row in rows if row["DeviceId"] == client.device_id), None)

    def playing(self, client: Client) -> Row:
        row = self.row(client)
        assert row is not None and row.get("NowPlayingItem"), row
        return row

    def open_socket(self) -> WebSocket:
        return WebSocket(self.url, "/socket", self.headers())


@pytest.fixture
def feed(server: Server, admin: Client) -> Iterator[Feed]:
    app = f"Contract-{uuid.uuid4().hex[:8]}"
    assert admin.post(f"/Auth/Keys?app={app}").status == 204
    keys = admin.get("/Auth/Keys").json()["Items"]
    key = next(entry["AccessToken"] for entry in keys if entry["AppName"] == app)
    yield Feed(server.url, app, key)
    admin.send("DELETE", f"/Auth/Keys/{key}")


@pytest.fixture
def playing(client: FinampLike, songs: list[dict[str, Any]]) -> Iterator[FinampLike]:
    client.start(songs[0], 1)
    yield client
    client.stop(songs[0], 2)


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text[:19] + "+00:00")


def test_it_sees_everybody_with_who_what_and_where(feed: Feed, server: Server, playing: FinampLike,
                                                   songs: list[dict[str, Any]]) -> None:
    row = feed.playing(playing)
    assert row["NowPlayingItem"]["Id"] == songs[0]["Id"]
    assert row["NowPlayingItem"]["RunTimeTicks"] and row["NowPlayingItem"]["Name"] == songs[0]["Name"]
    assert (row["UserId"], row["Client"], row["DeviceName"]) == (playing.user_id, playing.client, playing.device)
    assert row["Id"] and row["UserName"] and row["RemoteEndPoint"] and row["ApplicationVersion"]
    state = row["PlayState"]
    assert state["PositionTicks"] >= ticks(1) and state["IsPaused"] is False
    assert (state["PlayMethod"], state["RepeatMode"]) == ("DirectPlay", "RepeatNone")
    admin = server.client("admin", kind=Client)
    assert feed.row(admin) is not None
    admin.post("/Sessions/Logout")


def test_asking_makes_no_session(feed: Feed) -> None:
    feed.ask()
    assert feed.device_id not in [row["DeviceId"] for row in feed.ask("").json()]


def test_a_check_in_is_dated_by_the_servers_clock(feed: Feed, playing: FinampLike,
                                                  songs: list[dict[str, Any]]) -> None:
    answer = feed.ask()
    now = email.utils.parsedate_to_datetime(answer.headers["Date"])
    first = feed.playing(playing)["LastPlaybackCheckIn"]
    assert abs((moment(first) - now).total_seconds()) < 5
    playing.progress(songs[0], 2)
    assert feed.playing(playing)["LastPlaybackCheckIn"] > first


def test_a_position_that_moves_by_itself_is_no_check_in(feed: Feed, playing: FinampLike) -> None:
    before = feed.playing(playing)
    position = before["PlayState"]["PositionTicks"]
    after = wait_for(lambda: (row := feed.playing(playing))["PlayState"]["PositionTicks"] > position and row, 5,
                     "the position moves on")
    assert after["LastPlaybackCheckIn"] == before["LastPlaybackCheckIn"]


def test_a_pause_is_dated(feed: Feed, playing: FinampLike, songs: list[dict[str, Any]]) -> None:
    assert feed.playing(playing).get("LastPausedDate") is None
    playing.progress(songs[0], 2, paused=True)
    row = feed.playing(playing)
    began = row["LastPausedDate"]
    assert row["PlayState"]["IsPaused"] is True
    assert abs((moment(began) - moment(row["LastPlaybackCheckIn"])).total_seconds()) <= 1
    playing.progress(songs[0], 2, paused=True)
    assert feed.playing(playing)["LastPausedDate"] == began


def test_after_a_stop_the_session_plays_nothing(feed: Feed, client: FinampLike,
                                                songs: list[dict[str, Any]]) -> None:
    client.start(songs[0])
    client.stop(songs[0], 1)
    row = feed.row(client)
    assert row is not None and row.get("NowPlayingItem") is None
    assert row["PlayState"].get("PositionTicks") is None


def test_who_has_played_nothing_has_never_checked_in(feed: Feed, client: FinampLike) -> None:
    row = feed.row(client)
    assert row is not None and row["LastPlaybackCheckIn"] == NEVER


def test_sessions_without_activity_may_be_left_out(feed: Feed, playing: FinampLike) -> None:
    assert feed.row(playing) is not None
    wait_for(lambda: feed.row(playing, "?activeWithinSeconds=1") is None, 10, "it has been quiet for a second")
    assert feed.row(playing) is not None


def test_a_socket_with_the_key_is_a_session_of_the_app(feed: Feed) -> None:
    socket = feed.open_socket()
    assert socket.receive_type("ForceKeepAlive")["Data"] == 60
    row = next(row for row in feed.ask("").json() if row["DeviceId"] == feed.device_id)
    assert row["Client"] == feed.app and not row.get("UserName")
    socket.close()
    wait_for(lambda: feed.device_id not in [row["DeviceId"] for row in feed.ask("").json()], 5, "it has gone")


def test_a_subscriber_with_the_key_is_told_of_starts_pauses_and_stops(
        feed: Feed, client: FinampLike, songs: list[dict[str, Any]]) -> None:
    socket = feed.open_socket()
    socket.send("SessionsStart", "0,1500")
    socket.send("KeepAlive")
    socket.receive_type("KeepAlive")

    def told(condition: Any) -> None:
        while True:
            rows = [row for row in socket.receive_type("Sessions")["Data"] if row["DeviceId"] == client.device_id]
            if rows and condition(rows[0]):
                return

    client.start(songs[0])
    told(lambda row: (row.get("NowPlayingItem") or {}).get("Id") == songs[0]["Id"])
    client.progress(songs[0], 1, paused=True)
    told(lambda row: row["PlayState"]["IsPaused"])
    client.stop(songs[0], 1)
    told(lambda row: row.get("NowPlayingItem") is None)
    socket.send("SessionsStop")
    socket.close()


def test_a_revoked_key_is_401(feed: Feed, admin: Client) -> None:
    assert feed.ask().status == 200
    assert admin.send("DELETE", f"/Auth/Keys/{feed.key}").status == 204
    assert feed.ask().status == 401


@pytest.mark.standin_only
def test_after_a_restart_nobody_plays_until_they_report(feed: Feed, playing: FinampLike, standin: StandIn,
                                                        songs: list[dict[str, Any]]) -> None:
    standin.restart()
    assert feed.row(playing) is None
    playing.progress(songs[0], 5)
    assert feed.playing(playing)["NowPlayingItem"]["Id"] == songs[0]["Id"]
