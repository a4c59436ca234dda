"""Walkers: clients that do one thing after another, and how what happens to them is judged.

What happens is counted per activity as
  done      it went as it should
  refused   the upstream was away: 502, 503, 504, or a transfer that broke and showed it
  fault     anything else; the first ones are kept with a sentence
Bytes that differ are a fault at any time.
"""
from __future__ import annotations

import asyncio
import collections
import json
import random
import time
from typing import Any, AsyncIterator, Awaitable, Callable
from urllib.parse import quote

from .content import Content
from .window import Window
from .wire import Answer, Broken, Wire, Wrong

AWAY = (502, 503, 504)
FAULTS_KEPT = 20
THINK_S = 0.2
Counts = collections.Counter[tuple[str, str]]
Activity = Callable[["Walker"], Awaitable[None]]


class Unexpected(Exception):
    """An answer that is right only while the upstream is away, or never."""


class Refused(Exception):
    """The upstream is away, and the proxy said so."""


class Tally:
    """What one process saw; travels to the parent when the process ends."""

    def __init__(self) -> None:
        self.counts: Counts = collections.Counter()
        self.faults: list[str] = []
        self.bytes_checked = 0

    def fault(self, activity: str, problem: object) -> None:
        self.counts[activity, "fault"] += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(f"{time.strftime('%H:%M:%S')} {activity}: {problem!r}")


class Stage:
    """What all walkers of a process share."""

    def __init__(self, port: int, window: Window, until: float, truths: dict[str, Any], seed: int) -> None:
        self.port, self.window, self.until, self.truths = port, window, until, truths
        self.random = random.Random(seed)
        self.tally = Tally()

    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    async def attempt(self, activity: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Runs it and judges how it ended."""
        started = time.monotonic()
        try:
            await work()
        except Refused as problem:
            if not self.window.overlaps(started):
                self.tally.fault(activity, problem)
                return False
            self.tally.counts[activity, "refused"] += 1
            return False
        except (Broken, Unexpected) as problem:
            if isinstance(problem, Broken) and self.window.overlaps(started):
                self.tally.counts[activity, "refused"] += 1
            else:
                self.tally.fault(activity, problem)
            return False
        except Wrong as problem:
            self.tally.fault(activity, problem)
            return False
        self.tally.counts[activity, "done"] += 1
        return True


class Walker:
    """A client with a device, a token, and mostly one connection that it keeps."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.random = stage, random.Random(stage.random.random())
        self.device_id = f"soak-{number}"
        self.token = self.user_id = ""
        self._wire: Wire | None = None

    # Requests

    def headers(self, more: dict[str, str]) -> bytes:
        parts = {"Client": "Soak", "Device": "Soak", "DeviceId": self.device_id, "Version": "1.0"}
        if self.token:
            parts["Token"] = self.token
        identity = ", ".join(f'{name}="{quote(value)}"' for name, value in parts.items())
        lines = {"Host": "jellyfin.example", "Authorization": f"MediaBrowser {identity}", **more}
        return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n"

    async def wire(self) -> Wire:
        if self._wire is None:
            self._wire = await Wire.open(self.stage.port)
        return self._wire

    def drop(self, *, by_reset: bool = False) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.reset() if by_reset else wire.close()

    async def ask(self, method: str, target: str, *, expect: tuple[int, ...] = (200,), body: bytes = b"",
                  **more: str) -> tuple[Wire, Answer]:
        """Sends a request; the answer's body is still to be read."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if self.random.random() < 0.2:
            headers.setdefault("Connection", "close")
        if body or method == "POST":
            headers.setdefault("Content-Length", str(len(body)))
        wire = await self.wire()
        await wire.send(f"{method} {target} HTTP/1.1\r\n".encode() + self.headers(headers) + body)
        answer = await wire.answer(method)
        if answer.status in AWAY and answer.status not in expect:
            await wire.whole(answer)
            self.finish(answer)
            raise Refused(f"{method} {target} is answered {answer.status}")
        if answer.status not in expect:
            raise Unexpected(f"{method} {target} is answered {answer.status}")
        return wire, answer

    def finish(self, answer: Answer) -> None:
        if not answer.keeps_open:
            self.drop()

    async def fetch(self, method: str, target: str, **arguments: Any) -> bytes:
        wire, answer = await self.ask(method, target, **arguments)
        body = await wire.whole(answer)
        self.finish(answer)
        return body

    async def fetch_json(self, method: str, target: str, value: Any = None, **arguments: Any) -> Any:
        body = b"" if value is None else json.dumps(value).encode()
        if body:
            arguments["Content_Type"] = "application/json"
        text = await self.fetch(method, target, body=body, **arguments)
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise Wrong(f"{method} {target}: no JSON: {text[:80]!r}") from None

    async def compare(self, pieces: AsyncIterator[bytes], content: Content, offset: int, size: int, *,
                      stop_after: int | None = None, pause_s: float = 0) -> None:
        """Every byte is that of the content; the whole of it when nothing stops us."""
        got = 0
        async for piece in pieces:
            if piece != content.block(offset + got, len(piece)):
                raise Wrong(f"{content.query()} differs between {offset + got} and "
                            f"{offset + got + len(piece)}")
            got += len(piece)
            self.stage.tally.bytes_checked += len(piece)
            if stop_after is not None and got >= stop_after:
                return
            if pause_s:
                await asyncio.sleep(pause_s)
        if stop_after is None and got != size:
            raise Wrong(f"{content.query()} ended well after {got} of {size} bytes")

    def content(self, least: int, most: int, *, chunked: bool = False) -> Content:
        return Content(self.random.randrange(1 << 30), self.random.randint(least, most), chunked)

    def item_path(self, rest: str) -> str:
        return f"/{rest.format(id=f'{self.random.randrange(1 << 60):032x}')}"

    # Life

    async def log_in(self) -> None:
        user = self.random.choice(("alice", "bob"))
        answer = await self.fetch_json("POST", "/Users/AuthenticateByName",
                                       {"Username": user, "Pw": f"{user}-pw"})
        self.token, self.user_id = answer["AccessToken"], answer["User"]["Id"]

    async def live(self, activities: list[tuple[int, Activity]]) -> None:
        """One activity after the other until the soak is over."""
        weights = [weight for weight, _ in activities]
        while not self.stage.is_over():
            if not self.token and not await self.stage.attempt("log in", self.log_in):
                self.drop()
                await asyncio.sleep(1)
                continue
            activity = self.random.choices(activities, weights)[0][1]
            name = activity.__name__.replace("_", " ")
            if not await self.stage.attempt(name, lambda chosen=activity: chosen(self)):
                self.drop()
            await asyncio.sleep(self.random.random() * THINK_S)
        self.drop()
