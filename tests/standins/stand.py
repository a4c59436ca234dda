"""What all stand-ins share: one loopback listener with a control door.

Every request is read whole, written to the journal, checked against the
faults, and given to `answer`. Requests under /standin/ are the control door:
they are neither journalled nor faulty.

  GET    /standin/log?since=N     the journal          DELETE  forget it
  POST   /standin/faults {rule}   see faults.py        DELETE  none any more
  POST   /standin/clock {"advance_ms": N}
  POST   /standin/restart {"away_ms": N}   drop every connection, refuse new
                                           ones for N ms, then listen again
"""
from __future__ import annotations

import argparse
import asyncio
import json
import pathlib
import signal
from email.utils import format_datetime
from typing import Any, Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web

from . import faults
from .clock import Clock
from .journal import Journal

HOST = "127.0.0.1"
BODY_LIMIT = 30_000_000
Control = Callable[[web.BaseRequest, dict[str, Any]], Awaitable[Any]]


class BodyTooLarge(Exception):
    """The client sent more than BODY_LIMIT bytes."""


class Stand:
    """A server on the loopback; subclasses implement `answer`."""

    server_header = "stand-in"

    def __init__(self) -> None:
        self.clock = Clock()
        self.journal = Journal(self.clock)
        self.faults = faults.Faults()
        self.port = 0
        self._controls: dict[tuple[str, str], Control] = {}
        self._web: web.Server | None = None
        self._listener: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.control("GET", "log", self._get_log)
        self.control("DELETE", "log", self._delete_log)
        self.control("POST", "faults", self._post_faults)
        self.control("DELETE", "faults", self._delete_faults)
        self.control("POST", "clock", self._post_clock)
        self.control("POST", "restart", self._post_restart)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    # What subclasses provide

    async def answer(self, request: web.BaseRequest, target: str, body: bytes) -> web.StreamResponse:
        raise NotImplementedError

    async def body_too_large(self) -> web.StreamResponse:
        return web.Response(status=413)

    async def clock_moved(self) -> None:
        """Timers are checked here; called after every move."""

    async def forget(self) -> None:
        """What lives in memory only and is lost at a restart."""

    # Listening

    async def listen(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        if self._web is None:  # it belongs to the loop that is running now
            self._web = web.Server(self._handle, access_log=None, keepalive_timeout=130)
        self._listener = await loop.create_server(self._web, HOST, port, reuse_address=True,
                                                  backlog=512)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def go_away(self) -> None:
        """Refuse new connections and drop the old ones, without goodbye."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._web.connections if self._web else ()):
            if connection.transport is not None:
                connection.transport.abort()

    def later(self, work: Awaitable[Any]) -> None:
        """Run `work` on its own, and keep a reference until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def control(self, method: str, name: str, handler: Control) -> None:
        self._controls[method, name] = handler

    # One request

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        request._client_max_size = BODY_LIMIT + 1  # aiohttp keeps this per request
        target = request._message.path  # as sent: yarl would normalise it
        if target.startswith("/standin/"):
            return await self._handle_control(request, target)
        try:
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await self._read(request)
        except BodyTooLarge:
            self.journal.add_request(request, target, b"")
            return self._named(await self.body_too_large())
        entry = self.journal.add_request(request, target, body)
        fault = self.faults.take(request.method, target)
        if fault is not None:
            answer = await faults.apply_before(fault, request)
            if answer is not None:
                return self._named(answer)
        try:
            answer = self._named(await self.answer(request, target, body))
        except ConnectionError:
            raise asyncio.CancelledError from None  # the client has left
        entry["status"] = answer.status
        if fault is not None and fault.spoils_body and isinstance(answer, web.Response):
            return await faults.send_part(request, answer, fault)
        return answer

    async def _read(self, request: web.BaseRequest) -> bytes:
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise BodyTooLarge from None

    def _named(self, answer: web.StreamResponse) -> web.StreamResponse:
        if not answer.prepared:
            answer.headers.setdefault("Server", self.server_header)
            answer.headers.setdefault("Date", format_datetime(self.clock.utc(), usegmt=True))
        return answer

    async def _handle_control(self, request: web.BaseRequest, target: str) -> web.StreamResponse:
        path, _, query = target.partition("?")
        handler = self._controls.get((request.method, path.removeprefix("/standin/")))
        if handler is None:
            return web.json_response({"error": f"no control {request.method} {path}"}, status=404)
        text = await request.text()
        value = {**dict(parse_qsl(query)), **(json.loads(text) if text else {})}
        try:
            result = await handler(request, value)
        except (KeyError, TypeError, ValueError) as problem:
            return web.json_response({"error": repr(problem)}, status=400)
        return web.json_response(result if result is not None else {"ok": True})

    # The controls

    async def _get_log(self, _: web.BaseRequest, value: dict[str, Any]) -> Any:
        return self.journal.since(int(value.get("since", 0)))

    async def _delete_log(self, *_: Any) -> None:
        self.journal.clear()

    async def _post_faults(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self.faults.add(value)

    async def _delete_faults(self, *_: Any) -> None:
        self.faults.clear()

    async def _post_clock(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self.clock.advance(float(value["advance_ms"]))
        await self.clock_moved()

    async def _post_restart(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self.later(self._restart(float(value.get("away_ms", 0)) / 1000))

    async def _restart(self, away_s: float) -> None:
        await asyncio.sleep(0.02)  # lets the answer to this very request leave
        self.journal.add("restart_began")
        await self.forget()
        await self.go_away()
        await asyncio.sleep(away_s)
        await self.listen(self.port)
        self.journal.add("restart_done")


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--port-file", type=pathlib.Path, help="write the port here when listening")
    return parser


def run(stand: Stand, port: int, port_file: pathlib.Path | None) -> None:
    """Serve until SIGTERM or SIGINT; says where on stdout, as one line of JSON."""

    async def serve() -> None:
        await stand.listen(port)
        if port_file is not None:
            port_file.write_text(f"{stand.port}\n", encoding="utf-8")
        print(json.dumps({"url": stand.url}), flush=True)
        done = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        ticker = asyncio.ensure_future(_tick(stand))
        await done.wait()
        ticker.cancel()
        await stand.go_away()

    asyncio.run(serve())


async def _tick(stand: Stand) -> None:
    """Real time passes as well: look at the timers every now and then."""
    while True:
        await asyncio.sleep(0.25)
        await stand.clock_moved()
