"""HTTP/1.1 and WebSockets on asyncio streams, strict: what is not exactly right is `Wrong`.

A connection that ends or says less than it promised is `Broken`; whether that was to be
expected is for the caller to judge.
"""
from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import AsyncIterator

READ = 1 << 16
WAIT_S = 60.0
BINARY, TEXT, CLOSE, PING, PONG = 2, 1, 8, 9, 10


class Broken(Exception):
    """The connection ended before the answer did, or nothing came for WAIT_S."""


class Wrong(Exception):
    """Something came that must never come."""


class Answer:
    def __init__(self, status: int, headers: dict[str, str], method: str) -> None:
        self.status, self.headers = status, headers
        self.has_body = method != "HEAD" and status not in (204, 304) and status >= 200
        self.keeps_open = "close" not in headers.get("connection", "").lower()


class Wire:
    """One connection to the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Wire:
        try:
            return cls(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), WAIT_S))
        except (OSError, TimeoutError) as problem:
            raise Broken(f"connect: {problem!r}") from None

    async def send(self, *parts: bytes | memoryview) -> None:
        try:
            for part in parts:
                self._writer.write(part)
                await asyncio.wait_for(self._writer.drain(), WAIT_S)
        except (OSError, TimeoutError) as problem:
            raise Broken(f"send: {problem!r}") from None

    async def _guard(self, reading: object, what: str) -> bytes:
        try:
            return await asyncio.wait_for(reading, WAIT_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as problem:
            raise Broken(f"{what}: {problem!r}") from None
        except asyncio.LimitOverrunError:
            raise Wrong(f"{what}: no end in sight") from None

    async def answer(self, method: str = "GET") -> Answer:
        """The head of the final answer; 100 is skipped."""
        head = await self._guard(self._reader.readuntil(b"\r\n\r\n"), "head")
        lines = head.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ", 2)
        if len(parts) < 2 or parts[0] != "HTTP/1.1" or not parts[1].isdigit():
            raise Wrong(f"status line {lines[0]!r}")
        headers = {}
        for line in lines[1:-2]:
            name, colon, value = line.partition(":")
            if not colon:
                raise Wrong(f"header line {line!r}")
            headers[name.lower()] = value.strip()
        if parts[1] == "100":
            return await self.answer(method)
        return Answer(int(parts[1]), headers, method)

    async def body(self, answer: Answer) -> AsyncIterator[bytes]:
        """The body in pieces, its framing checked."""
        if not answer.has_body:
            return
        if answer.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := await self._chunk_size():
                async for piece in self._exactly(size):
                    yield piece
                if await self._guard(self._reader.readexactly(2), "chunk") != b"\r\n":
                    raise Wrong("a chunk without its end")
        elif "content-length" in answer.headers:
            async for piece in self._exactly(int(answer.headers["content-length"])):
                yield piece
        else:
            answer.keeps_open = False
            while piece := await self._guard(self._reader.read(READ), "body"):
                yield piece

    async def _chunk_size(self) -> int:
        line = await self._guard(self._reader.readuntil(b"\r\n"), "chunk size")
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise Wrong(f"chunk size {line!r}") from None
        if size == 0 and await self._guard(self._reader.readexactly(2), "last chunk") != b"\r\n":
            raise Wrong("trailers that nobody sent")
        return size

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size > 0:
            piece = await self._guard(self._reader.read(min(READ, size)), "body")
            if not piece:
                raise Broken(f"body: {size} bytes are missing")
            size -= len(piece)
            yield piece

    async def whole(self, answer: Answer) -> bytes:
        return b"".join([piece async for piece in self.body(answer)])

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """Ends without goodbye: the other side sees RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    # WebSocket

    async def send_frame(self, opcode: int, data: bytes) -> None:
        head = bytes([0x80 | opcode])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 1 << 16:
            head += bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
        else:
            head += bytes([0x80 | 127]) + len(data).to_bytes(8, "big")
        mask = os.urandom(4)
        stretched = mask * (len(data) // 4 + 1)
        masked = int.from_bytes(data, "big") ^ int.from_bytes(stretched[:len(data)], "big")
        await self.send(head + mask + masked.to_bytes(len(data), "big"))

    async def _frame(self, wait_s: float) -> tuple[bool, int, bytes]:
        try:
            head = await asyncio.wait_for(self._reader.readexactly(2), wait_s)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as problem:
            raise Broken(f"frame: {problem!r}") from None
        if head[0] & 0x70 or head[1] & 0x80:
            raise Wrong(f"frame head {head!r}")
        size = head[1]
        if size >= 126:
            size = int.from_bytes(await self._guard(
                self._reader.readexactly(2 if size == 126 else 8), "frame"), "big")
        data = await self._guard(self._reader.readexactly(size), "frame") if size else b""
        return bool(head[0] & 0x80), head[0] & 0x0F, data

    async def message(self, wait_s: float = WAIT_S) -> bytes:
        """The next text or binary message; pings are answered, a close is Broken."""
        parts: list[bytes] = []
        while True:
            is_last, opcode, data = await self._frame(wait_s)
            if opcode == CLOSE:
                raise Broken(f"closed: {data!r}")
            if opcode == PING:
                await self.send_frame(PONG, data)
            elif opcode in (0, TEXT, BINARY):
                if (opcode == 0) != bool(parts):
                    raise Wrong("a fragment out of order")
                parts.append(data)
                if is_last:
                    return b"".join(parts)
            elif opcode != PONG:
                raise Wrong(f"opcode {opcode}")
