"""Logging in by a code that somebody who is logged in types."""
from __future__ import annotations

import dataclasses
import secrets
from typing import Any

from aiohttp import web

from .accounts import Auth, User
from .call import PUBLIC, Call, Route, bare, thrown
from .sessions import timestamp
from .system_api import log_in


@dataclasses.dataclass
class Request:
    """One device that waits to be let in."""

    auth: Auth
    code: str
    secret: str
    added: str
    user: User | None = None

    def to_json(self) -> dict[str, Any]:
        return {"Authenticated": self.user is not None, "Secret": self.secret, "Code": self.code,
                "DeviceId": self.auth.device_id, "DeviceName": self.auth.device, "AppName": self.auth.client,
                "AppVersion": self.auth.version, "DateAdded": self.added}


def _find(call: Call, **wanted: str | None) -> Request | None:
    (name, value), = wanted.items()
    return next((entry for entry in call.server.quick_connects if getattr(entry, name) == value), None)


async def get_enabled(call: Call) -> web.Response:
    return call.json(True)


async def post_initiate(call: Call) -> web.Response:
    auth = call.auth
    if not (auth.client and auth.device_id and auth.device and auth.version):
        raise thrown(400)
    entry = Request(auth, f"{secrets.randbelow(1_000_000):06}", secrets.token_hex(32).upper(),
                    timestamp(call.server.clock.utc()))
    call.server.quick_connects.append(entry)
    return call.json(entry.to_json())


async def get_connect(call: Call) -> web.Response:
    entry = _find(call, secret=call.query.text("secret"))
    return call.json(entry.to_json()) if entry else call.json("Unknown secret", status=404)


async def post_authorize(call: Call) -> web.Response:
    entry = _find(call, code=call.query.text("code"))
    if entry is None:
        raise thrown(404)
    if entry.user is not None:
        raise bare(403)
    entry.user = call.user
    return call.json(True)


async def post_log_in(call: Call) -> web.Response:
    entry = _find(call, secret=call.json_body().get("secret"))
    if entry is None or entry.user is None:
        raise thrown(401)
    call.server.quick_connects.remove(entry)
    return await log_in(call, entry.user, entry.auth)


ROUTES = [
    Route("GET", "/QuickConnect/Enabled", get_enabled, PUBLIC),
    Route("POST", "/QuickConnect/Initiate", post_initiate, PUBLIC),
    Route("GET", "/QuickConnect/Connect", get_connect, PUBLIC),
    Route("POST", "/QuickConnect/Authorize", post_authorize),
    Route("POST", "/Users/AuthenticateWithQuickConnect", post_log_in, PUBLIC),
]
