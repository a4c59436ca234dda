"""Jellyfin's SessionManager: who is connected and what they play, in memory only.

A session is named by client + device id. Its now-playing item is whatever the
last report said; the position moves by itself between reports.
"""
from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any, Callable

from . import ids
from .accounts import Auth
from .library import TICKS_PER_SECOND

if TYPE_CHECKING:
    from .server import Jellyfin
    from .sockets import Socket

IDLE_LIMIT_S = IDLE_PERIOD_S = 300.0
NEVER = "0001-01-01T00:00:00.0000000Z"
NO_CAPABILITIES: dict[str, Any] = {"PlayableMediaTypes": [], "SupportedCommands": [],
                                   "SupportsMediaControl": False,
                                   "SupportsPersistentIdentifier": True}


def timestamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}0Z"


def idle_play_state() -> dict[str, Any]:
    return {"CanSeek": False, "IsPaused": False, "IsMuted": False, "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default"}


@dataclasses.dataclass(eq=False)
class Session:
    key: str
    client: str
    device_id: str
    device: str
    version: str
    user_id: str = ids.EMPTY
    user_name: str | None = None
    id: str = ""
    last_activity: str = NEVER
    last_activity_at: float = 0.0
    last_check_in: str = NEVER
    last_check_in_at: float = 0.0
    paused_at: str | None = None
    transcoding: dict[str, Any] | None = None
    now_playing: dict[str, Any] | None = None
    play_state: dict[str, Any] = dataclasses.field(default_factory=idle_play_state)
    playlist_item_id: str | None = None
    queue: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    sockets: list[Socket] = dataclasses.field(default_factory=list)
    had_socket: bool = False

    def __post_init__(self) -> None:
        self.id = ids.made_from(self.key)

    @property
    def open_sockets(self) -> list[Socket]:
        return [socket for socket in self.sockets if socket.is_open]

    @property
    def is_active(self) -> bool:
        return bool(self.open_sockets) or not self.had_socket


class Sessions:
    """All sessions, and the rules by which they come, change and go."""

    def __init__(self, server: Jellyfin) -> None:
        self._server = server
        self._sessions: dict[str, Session] = {}
        self._capabilities: dict[str, dict[str, Any]] = {}
        self._idle_due: float | None = None
        self.observers: list[Callable[[bool], None]] = []

    def forget(self) -> None:
        self._sessions.clear()
        self._capabilities.clear()
        self._idle_due = None

    def all(self) -> list[Session]:
        return list(self._sessions.values())

    def find(self, session_id: str) -> Session | None:
        return next((entry for entry in self.all() if entry.id == session_id), None)

    def changed(self, force: bool) -> None:
        for observer in self.observers:
            observer(force)

    # Coming and going

    def seen(self, auth: Auth) -> Session:
        """The session of this request, made when it is not there."""
        key = f"{auth.client or ''}{auth.device_id or ''}"
        session = self._sessions.get(key)
        if session is None:
            session = Session(key, auth.client or "", auth.device_id or "", auth.device or "",
                              auth.version or "")
            self._sessions[key] = session
            self._server.journal.add("session_started", session=session.id, session_key=key)
            self.changed(True)
        session.user_id = auth.user.id if auth.user else ids.EMPTY
        session.user_name = auth.user.name if auth.user else None
        session.device = auth.device or session.device
        session.version = auth.version or session.version
        self._touch(session)
        self.changed(False)
        return session

    def _touch(self, session: Session) -> None:
        session.last_activity = timestamp(self._server.clock.utc())
        session.last_activity_at = self._server.clock.monotonic()

    def end(self, session: Session) -> None:
        if self._sessions.pop(session.key, None) is not None:
            self._server.journal.add("session_ended", session=session.id, session_key=session.key)
            self.changed(True)

    def socket_closed(self, session: Session, socket: Socket) -> None:
        """The last socket takes the session with it, whatever it plays."""
        if socket in session.sockets:
            session.sockets.remove(socket)
        if not session.open_sockets and self._sessions.get(session.key) is session:
            self.end(session)
            self._server.log_activity("SessionEnded", f"{session.user_name} has disconnected from {session.device}",
                                      session.user_id)

    def set_transcoding(self, device_id: str, info: dict[str, Any] | None) -> None:
        """As if ffmpeg ran for that device; only the next poll or push tells."""
        for session in self.all():
            if session.device_id == device_id:
                session.transcoding = info
                session.play_state["PlayMethod"] = "Transcode" if info else "DirectPlay"

    def set_capabilities(self, session: Session, capabilities: dict[str, Any]) -> None:
        self._capabilities[session.device_id] = capabilities
        self.changed(True)

    def capabilities_of(self, session: Session) -> dict[str, Any]:
        return self._capabilities.get(session.device_id, NO_CAPABILITIES)

    # Reports

    def playing(self, session: Session, report: dict[str, Any]) -> None:
        self._update(session, report)
        self._count_play(session, report)
        if session.now_playing is not None:
            name = session.now_playing.get("Name", "")
            self._server.log_activity("AudioPlayback", f"{session.user_name} is playing {name} on {session.device}",
                                      session.user_id)
        self.changed(True)

    def progress(self, session: Session, report: dict[str, Any]) -> None:
        self._update(session, report)
        self.changed(True)

    def stopped(self, session: Session, report: dict[str, Any]) -> None:
        item = session.now_playing
        if item is not None:
            self._server.log_activity(
                "AudioPlaybackStopped",
                f"{session.user_name} has finished playing {item.get('Name', '')} on {session.device}",
                session.user_id)
        session.now_playing = session.transcoding = None
        session.paused_at = None
        session.play_state = idle_play_state()
        session.playlist_item_id = report.get("playlistitemid")
        session.queue = report.get("nowplayingqueue") or session.queue
        self.changed(True)

    def _update(self, session: Session, report: dict[str, Any]) -> None:
        """Every report replaces the item, also by nothing."""
        item_id = report["itemid"]
        item = report.get("item")
        found = self._server.library.find(item_id)
        if item is None and found is not None:
            current = session.now_playing
            item = current if current and current.get("Id") == item_id else self._server.dto.playing(found)
        session.now_playing = item
        self._touch(session)
        session.last_check_in = session.last_activity
        session.last_check_in_at = session.last_activity_at
        if not report.get("ispaused"):
            session.paused_at = None
        elif session.paused_at is None:
            session.paused_at = session.last_check_in
        method = report.get("playmethod") or "DirectPlay"
        session.play_state = {
            "PositionTicks": report.get("positionticks"), "CanSeek": bool(report.get("canseek")),
            "IsPaused": bool(report.get("ispaused")), "IsMuted": bool(report.get("ismuted")),
            "VolumeLevel": report.get("volumelevel"),
            "MediaSourceId": report.get("mediasourceid") or item_id,
            # Nothing transcodes here, and Jellyfin corrects who says otherwise.
            "PlayMethod": "DirectPlay" if method == "Transcode" else method,
            "RepeatMode": report.get("repeatmode") or "RepeatNone",
            "PlaybackOrder": report.get("playbackorder") or "Default",
        }
        session.playlist_item_id = report.get("playlistitemid")
        if self._idle_due is None:
            self._idle_due = self._server.clock.monotonic() + IDLE_PERIOD_S

    def _count_play(self, session: Session, report: dict[str, Any]) -> None:
        found = self._server.library.find(report["itemid"])
        if found is None or session.user_id == ids.EMPTY:
            return
        data = self._server.library.data_of(session.user_id, found)
        data["PlayCount"] += 1
        data["Played"] = True
        data["LastPlayedDate"] = timestamp(self._server.clock.utc())
        self._server.sockets.user_data_changed(session.user_id, found)

    # Time

    def clock_moved(self) -> None:
        now = self._server.clock.monotonic()
        while self._idle_due is not None and now >= self._idle_due:
            playing = [entry for entry in self.all() if entry.now_playing is not None]
            idle = [entry for entry in playing
                    if self._idle_due - entry.last_check_in_at > IDLE_LIMIT_S]
            self._idle_due = self._idle_due + IDLE_PERIOD_S if playing else None
            for session in idle:
                self._server.journal.add("session_idle", session=session.id)
                self.stopped(session, {})

    def position(self, session: Session) -> int | None:
        """The reported position, moved on a second at a time up to the runtime."""
        reported = session.play_state.get("PositionTicks")
        if session.now_playing is None or session.play_state["IsPaused"]:
            return reported
        elapsed = int(self._server.clock.monotonic() - session.last_check_in_at)
        runtime = session.now_playing.get("RunTimeTicks")
        if elapsed < 1:
            return reported
        start = max(0, reported or 0)
        if runtime is not None:
            elapsed = min(elapsed, max(0, (runtime - 1 - start) // TICKS_PER_SECOND))
        return start + elapsed * TICKS_PER_SECOND if elapsed else reported

    # What is shown

    def visible_to(self, auth: Auth) -> list[Session]:
        if auth.is_administrator:
            return self.all()
        return [entry for entry in self.all() if auth.user and entry.user_id == auth.user.id]

    def is_controllable(self, session: Session) -> bool:
        return self.capabilities_of(session)["SupportsMediaControl"] and bool(session.open_sockets)

    def to_json(self, session: Session) -> dict[str, Any]:
        capabilities = self.capabilities_of(session)
        controllable = self.is_controllable(session)
        state = {**session.play_state, "PositionTicks": self.position(session)}
        value = {
            "PlayState": {name: entry for name, entry in state.items() if entry is not None},
            "AdditionalUsers": [], "Capabilities": capabilities, "RemoteEndPoint": "127.0.0.1",
            "PlayableMediaTypes": capabilities["PlayableMediaTypes"], "Id": session.id,
            "UserId": session.user_id, "UserName": session.user_name, "Client": session.client,
            "LastActivityDate": session.last_activity,
            "LastPlaybackCheckIn": session.last_check_in, "LastPausedDate": session.paused_at,
            "DeviceName": session.device,
            "NowPlayingItem": session.now_playing, "DeviceId": session.device_id,
            "ApplicationVersion": session.version, "IsActive": session.is_active,
            "SupportsMediaControl": controllable, "SupportsRemoteControl": controllable,
            "TranscodingInfo": session.transcoding, "NowPlayingQueue": session.queue, "HasCustomDeviceName": False,
            "PlaylistItemId": session.playlist_item_id, "ServerId": self._server.server_id,
            "SupportedCommands": capabilities["SupportedCommands"],
        }
        return {name: entry for name, entry in value.items() if entry is not None}
