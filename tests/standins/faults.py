"""Faults on demand: what a stand-in does instead of, or before, answering.

A rule is a JSON object: `route` (regular expression, searched in
"METHOD /path?query", default everything), `times` (how often, default for
ever), and any of
  delay_ms   wait before going on
  status     answer with this status (and `body`, or an empty one)
  body       answer with this text, as JSON, status 200 unless given
  hang       take the request and never answer
  abort      send the head and half of the real body, then close
  stall      send the head and half of the real body, then nothing
  share      for these two: another part of the body than 0.5
  bytes_per_s  send the real body no faster than this
  garbage    send bytes that are not HTTP, then close
  reset      close without a byte
"""
from __future__ import annotations

import asyncio
import dataclasses
import re
from typing import Any

from aiohttp import web

POLL_S = 0.02


@dataclasses.dataclass
class Fault:
    """One rule, still to be applied `times` times (None: for ever)."""

    route: re.Pattern[str]
    times: int | None = None
    delay_ms: int = 0
    status: int | None = None
    body: str | None = None
    hang: bool = False
    abort: bool = False
    stall: bool = False
    share: float = 0.5
    bytes_per_s: int = 0
    garbage: bool = False
    reset: bool = False

    @property
    def spoils_body(self) -> bool:
        return self.abort or self.stall or self.bytes_per_s > 0

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Fault:
        return cls(**{**value, "route": re.compile(value.get("route", ""), re.IGNORECASE)})


class Faults:
    """The rules of one stand-in; the first that matches is used."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, value: dict[str, Any]) -> None:
        self._rules.append(Fault.from_json(value))

    def clear(self) -> None:
        self._rules.clear()

    def take(self, method: str, target: str) -> Fault | None:
        for rule in self._rules:
            if rule.times == 0 or not rule.route.search(f"{method} {target}"):
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None


async def until_gone(request: web.BaseRequest) -> None:
    """Return when the client has closed the connection."""
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(POLL_S)


async def _close(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    raise asyncio.CancelledError  # the one way out of a handler on which aiohttp says nothing


async def apply_before(fault: Fault, request: web.BaseRequest) -> web.StreamResponse | None:
    """The faulty answer, or None when the real answer is to be made."""
    if fault.delay_ms:
        await asyncio.sleep(fault.delay_ms / 1000)
    if fault.hang:
        await until_gone(request)
        return await _close(request)
    if fault.reset:
        return await _close(request)
    if fault.garbage:
        if request.transport is not None:
            request.transport.write(b"\x00\x01this is not HTTP\r\n\r\n")
        return await _close(request)
    if fault.status is not None or fault.body is not None:
        return web.Response(status=fault.status or 200, text=fault.body or "",
                            content_type="application/json")
    return None


async def _send_slowly(request: web.BaseRequest, part: web.StreamResponse, body: bytes,
                       bytes_per_s: int) -> web.StreamResponse:
    piece = max(1, int(bytes_per_s * POLL_S))
    for at in range(0, len(body), piece):
        if request.transport is None or request.transport.is_closing():
            return await _close(request)
        await part.write(body[at:at + piece])
        await asyncio.sleep(POLL_S)
    await part.write_eof()
    return part


async def send_part(request: web.BaseRequest, answer: web.Response, fault: Fault) -> web.StreamResponse:
    """Promise the whole body, send it slowly, or a part of it and hang up or wait for the client to."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    part = web.StreamResponse(status=answer.status, headers=answer.headers)
    part.headers.pop("Transfer-Encoding", None)
    part.content_length = len(body)
    await part.prepare(request)
    if fault.bytes_per_s:
        return await _send_slowly(request, part, body, fault.bytes_per_s)
    await part.write(body[:int(len(body) * fault.share)])
    if fault.stall:
        await until_gone(request)
    return await _close(request)
