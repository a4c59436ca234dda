"""The WebSockets under /socket: keep-alive, subscriptions, and who gets a message."""
from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from .accounts import Auth
from .call import Call, bare
from .library import Item
from .sessions import Session

if TYPE_CHECKING:
    from .server import Jellyfin

LOST_AFTER_S = 60.0
CHECK_EVERY_S = 12.0
REMIND_AFTER_S = 45.0
# Names a client may send; an unknown one breaks the socket, a known one is at worst ignored.
KNOWN = {
    "ForceKeepAlive", "GeneralCommand", "UserDataChanged", "Sessions", "Play",
    "SyncPlayCommand", "SyncPlayGroupUpdate", "Playstate", "RestartRequired",
    "ServerShuttingDown", "ServerRestarting", "LibraryChanged", "UserDeleted", "UserUpdated",
    "SeriesTimerCreated", "TimerCreated", "SeriesTimerCancelled", "TimerCancelled",
    "RefreshProgress", "ScheduledTaskEnded", "PackageInstallationCancelled",
    "PackageInstallationFailed", "PackageInstallationCompleted", "PackageInstalling",
    "PackageUninstalled", "ActivityLogEntry", "ScheduledTasksInfo", "ActivityLogEntryStart",
    "ActivityLogEntryStop", "SessionsStart", "SessionsStop", "ScheduledTasksInfoStart",
    "ScheduledTasksInfoStop", "KeepAlive",
}


def envelope(kind: str, data: Any) -> str:
    """Jellyfin's message; its id comes first, its kind last."""
    value: dict[str, Any] = {"MessageId": uuid.uuid4().hex, "Data": data, "MessageType": kind}
    if data is None:
        del value["Data"]
    return json.dumps(value, ensure_ascii=False)


class Socket:
    """One WebSocket: the session it belongs to, its clocks and subscriptions."""

    def __init__(self, session: Session, auth: Auth, now: float) -> None:
        self.stream = web.WebSocketResponse(compress=False, autoping=True)
        self.session = session
        self.auth = auth
        self.is_lost = False
        self.connected_at = now
        self.last_activity_at = now
        self.last_keep_alive_at = now
        self.checks_done = 0
        self.sessions_interval_s: float | None = None
        self.sessions_sent_at = float("-inf")
        self.wants_activity_log = False

    @property
    def is_open(self) -> bool:
        return not self.is_lost and not self.stream.closed

    async def send(self, kind: str, data: Any = None) -> None:
        if self.is_open:
            try:
                await self.stream.send_str(envelope(kind, data))
            except ConnectionError:
                pass  # the reader will notice


class Sockets:
    """All WebSockets of the server."""

    def __init__(self, server: Jellyfin) -> None:
        self._server = server
        self._sockets: list[Socket] = []
        server.sessions.observers.append(self._sessions_changed)

    async def serve(self, call: Call) -> web.StreamResponse:
        if not call.auth.is_authenticated:
            raise bare(403)
        session = self._server.sessions.seen(call.auth)
        socket = Socket(session, call.auth, self._server.clock.monotonic())
        await socket.stream.prepare(call.request)
        session.sockets.append(socket)
        session.had_socket = True
        self._sockets.append(socket)
        self._server.journal.add("socket_opened", session=session.id, token=call.auth.token)
        await socket.send("ForceKeepAlive", int(LOST_AFTER_S))
        try:
            await self._read(socket)
        finally:
            self._closed(socket)
        return socket.stream

    async def _read(self, socket: Socket) -> None:
        async for message in socket.stream:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            socket.last_activity_at = self._server.clock.monotonic()
            try:
                value = json.loads(message.data)
                kind = value.get("MessageType")
            except (ValueError, AttributeError):
                kind = None
            self._server.journal.add("socket_received", session=socket.session.id, message=kind)
            if kind not in KNOWN:
                self._closed(socket)
                await socket.stream.close(code=1000, message=b"System Shutdown")
                return
            await self._received(socket, kind, value.get("Data"))

    async def _received(self, socket: Socket, kind: str, data: Any) -> None:
        if kind == "KeepAlive":
            socket.last_keep_alive_at = self._server.clock.monotonic()
            socket.checks_done = 0
            await socket.send("KeepAlive")
        elif kind == "SessionsStart":
            try:
                _, interval_ms = (int(part) for part in str(data).split(",")[:2])
            except ValueError:
                return  # Jellyfin logs and says nothing
            socket.sessions_interval_s = interval_ms / 1000
        elif kind == "SessionsStop":
            socket.sessions_interval_s = None
        elif kind == "ActivityLogEntryStart":
            socket.wants_activity_log = socket.auth.is_administrator

    def _closed(self, socket: Socket) -> None:
        if socket not in self._sockets:
            return
        self._sockets.remove(socket)
        socket.is_lost = True
        self._server.journal.add("socket_closed", session=socket.session.id,
                                 code=socket.stream.close_code)
        self._server.sessions.socket_closed(socket.session, socket)

    # Messages out

    async def send_command(self, session: Session, kind: str, data: Any) -> None:
        """Only the socket that spoke last gets it."""
        if session.open_sockets:
            newest = max(session.open_sockets, key=lambda socket: socket.last_activity_at)
            await newest.send(kind, data)

    def user_data_changed(self, user_id: str, item: Item) -> None:
        data = {"UserId": user_id, "UserDataList": [self._server.dto.user_data(item, user_id)]}
        for session in self._server.sessions.all():
            if session.user_id == user_id:
                self._server.later(self.send_command(session, "UserDataChanged", data))

    def activity_logged(self) -> None:
        for socket in self._sockets:
            if socket.wants_activity_log:
                self._server.later(socket.send("ActivityLogEntry", []))

    def _sessions_changed(self, force: bool) -> None:
        now = self._server.clock.monotonic()
        for socket in self._sockets:
            if socket.sessions_interval_s is None:
                continue
            if force or now - socket.sessions_sent_at >= socket.sessions_interval_s:
                socket.sessions_sent_at = now
                shown = self._server.sessions.visible_to(socket.auth)
                data = [self._server.sessions.to_json(session) for session in shown]
                self._server.later(socket.send("Sessions", data))

    async def close_of(self, session: Session) -> None:
        """The server hangs up, as after a logout."""
        for socket in list(session.sockets):
            self._closed(socket)
            self._server.later(socket.stream.close(code=1000, message=b"System Shutdown"))

    # Time

    async def clock_moved(self) -> None:
        """The watchdog's rounds: remind at 48 and 60 s, give up at 72 s."""
        for socket in list(self._sockets):
            silent_s = self._server.clock.monotonic() - socket.last_keep_alive_at
            rounds = int(silent_s / CHECK_EVERY_S)
            for number in range(socket.checks_done + 1, rounds + 1):
                at = number * CHECK_EVERY_S
                if at > LOST_AFTER_S and socket.is_open:
                    # No close frame leaves: the client has to find out by itself.
                    socket.is_lost = True
                    self._server.journal.add("socket_lost", session=socket.session.id)
                    self._server.sessions.changed(True)
                elif at > REMIND_AFTER_S:
                    await socket.send("ForceKeepAlive", int(LOST_AFTER_S))
            socket.checks_done = max(socket.checks_done, rounds)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"session": socket.session.id, "client": socket.session.client,
                 "device_id": socket.session.device_id, "token": socket.auth.token,
                 "silent_s": self._server.clock.monotonic() - socket.last_keep_alive_at,
                 "open": socket.is_open} for socket in self._sockets]
