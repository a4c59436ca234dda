"""WebSockets that stay: most of them idle on /socket, the others with echoes."""
from __future__ import annotations

import asyncio
import json
import time

from .content import Content
from .load import Stage, Walker
from .wire import BINARY, TEXT, Wire, Wrong


class Tunnel:
    """A WebSocket that comes back when it broke: mostly idle on /socket, or with echoes."""

    def __init__(self, stage: Stage, number: int, *, echoes: bool) -> None:
        self.stage = stage
        self.walker = Walker(stage, 100_000 + number)
        self.echoes = echoes

    async def live(self) -> None:
        await asyncio.sleep(self.walker.random.random() * 5)
        name = "tunnel with echoes" if self.echoes else "tunnel on /socket"
        while not self.stage.is_over():
            started = time.monotonic()
            if not self.walker.token and not await self.stage.attempt("log in", self.walker.log_in):
                self.walker.drop()
                await asyncio.sleep(1)
                continue
            self.walker.drop()
            await self.stage.attempt(name, self.echo if self.echoes else self.idle)
            self.walker.drop()
            if time.monotonic() - started < 5:
                await asyncio.sleep(0.2 + 2 * self.walker.random.random())

    async def open(self, target: str) -> Wire:
        wire, _ = await self.walker.ask(
            "GET", target, expect=(101,), Connection="Upgrade", Upgrade="websocket",
            Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
        return wire

    async def idle(self) -> None:
        """Jellyfin's own socket: a KeepAlive now and then, and its answer."""
        wire = await self.open(f"/socket?api_key={self.walker.token}&deviceId={self.walker.device_id}")
        while not self.stage.is_over():
            await wire.send_frame(TEXT, b'{"MessageType":"KeepAlive"}')
            while json.loads(await wire.message())["MessageType"] != "KeepAlive":
                pass
            self.stage.tally.counts["keep-alive through a tunnel", "done"] += 1
            await self.doze(25)

    async def echo(self) -> None:
        random_of = self.walker.random
        wire = await self.open(f"/SyncPlay/Soak?{Content(1, 1).query()}")
        while not self.stage.is_over():
            content = self.walker.content(0, random_of.choice((50, 500, 5_000, 200_000)))
            data = content.bytes()
            for _ in range(random_of.choice((1, 1, 5))):
                await wire.send_frame(BINARY, data)
                if await wire.message() != data:
                    raise Wrong(f"an echo of {len(data)} bytes differs")
                self.stage.tally.bytes_checked += len(data)
                self.stage.tally.counts["echo through a tunnel", "done"] += 1
            await self.doze(5)

    async def doze(self, most_s: float) -> None:
        await asyncio.sleep(min(self.walker.random.random() * most_s,
                                max(0.0, self.stage.until - time.monotonic())))
