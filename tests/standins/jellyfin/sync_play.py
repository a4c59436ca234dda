"""Watching together: groups, and the commands their members get by their sockets."""
from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from aiohttp import web

from .call import PUBLIC, Call, Route
from .sessions import Session, timestamp


@dataclasses.dataclass
class Group:
    name: str
    id: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)
    members: list[Session] = dataclasses.field(default_factory=list)

    def to_json(self, now: str) -> dict[str, Any]:
        return {"GroupId": self.id, "GroupName": self.name, "State": "Idle",
                "Participants": [session.user_name for session in self.members], "LastUpdatedAt": now}


def _now(call: Call) -> str:
    return timestamp(call.server.clock.utc())


def _group_of(call: Call) -> Group | None:
    session = call.server.sessions.seen(call.auth)
    return next((group for group in call.server.groups if session in group.members), None)


async def _tell(call: Call, group: Group, kind: str, data: dict[str, Any]) -> None:
    for session in group.members:
        await call.server.sockets.send_command(session, kind, {"GroupId": group.id, **data})


async def post_new(call: Call) -> web.Response:
    group = Group(call.json_body().get("groupname") or "", members=[call.server.sessions.seen(call.auth)])
    call.server.groups.append(group)
    await _tell(call, group, "SyncPlayGroupUpdate", {"Type": "GroupJoined", "Data": group.to_json(_now(call))})
    return call.json(group.to_json(_now(call)))


async def get_list(call: Call) -> web.Response:
    return call.json([group.to_json(_now(call)) for group in call.server.groups])


async def post_join(call: Call) -> web.Response:
    wanted = call.json_body().get("groupid")
    group = next((entry for entry in call.server.groups if entry.id == wanted), None)
    session = call.server.sessions.seen(call.auth)
    if group is None:  # told by the socket only; the answer is 204 all the same
        await call.server.sockets.send_command(session, "SyncPlayGroupUpdate", {
            "GroupId": wanted, "Type": "GroupDoesNotExist", "Data": ""})
        return call.done()
    await _tell(call, group, "SyncPlayGroupUpdate", {"Type": "UserJoined", "Data": session.user_name})
    group.members.append(session)
    return call.done()


async def post_leave(call: Call) -> web.Response:
    group = _group_of(call)
    if group is not None:
        group.members.remove(call.server.sessions.seen(call.auth))
        await _tell(call, group, "SyncPlayGroupUpdate", {"Type": "UserLeft", "Data": call.user.name})
        call.server.groups = [entry for entry in call.server.groups if entry.members]
    return call.done()


async def post_command(call: Call) -> web.Response:
    group = _group_of(call)
    if group is not None:
        position = call.json_body().get("positionticks") if call.body else 0
        await _tell(call, group, "SyncPlayCommand", {
            "PlaylistItemId": "0" * 32, "When": _now(call), "PositionTicks": position,
            "Command": call.text_param("command"), "EmittedAt": _now(call)})
    return call.done()


async def get_time(call: Call) -> web.Response:
    return call.json({"RequestReceptionTime": _now(call), "ResponseTransmissionTime": _now(call)})


ROUTES = [
    Route("POST", "/SyncPlay/New", post_new), Route("GET", "/SyncPlay/List", get_list),
    Route("POST", "/SyncPlay/Join", post_join), Route("POST", "/SyncPlay/Leave", post_leave),
    Route("POST", "/SyncPlay/{command}", post_command),
    Route("GET", "/GetUtcTime", get_time, PUBLIC),
]
