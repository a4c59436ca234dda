"""python3 -m tests.soak.upstream: the stand-in Jellyfin, with as many bytes as one asks for.

Targets with `soak=` (content.py) are answered here, uploads to them with their size and SHA-256,
upgrades to them become an echo. Everything else is the stand-in's. Its journal is dropped now
and then: this one runs for hours.
"""
from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from aiohttp import WSMsgType, web

from .content import BLOCK, Content, content_of
from ..standins.jellyfin.server import Jellyfin
from ..standins.ranges import parse_range
from ..standins.stand import arguments, run

JOURNAL_ENTRIES = 5000


class SoakJellyfin(Jellyfin):
    def __init__(self) -> None:
        super().__init__()
        self._answered = 0

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._answered += 1
        if self._answered % JOURNAL_ENTRIES == 0:
            self.journal.clear()
        content = content_of(request._message.path)
        if content is None:
            return await super()._handle(request)
        try:
            if "Upgrade" in request.headers:
                return await self._echo(request)
            if request.method in ("POST", "PUT"):
                return await self._receive(request)
            return await self._send(request, content)
        except ConnectionError:
            raise asyncio.CancelledError from None  # the proxy has left

    async def _echo(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            elif message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    async def _receive(self, request: web.BaseRequest) -> web.StreamResponse:
        digest, size = hashlib.sha256(), 0
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        async for block in request.content.iter_any():
            digest.update(block)
            size += len(block)
        return web.json_response({"size": size, "sha256": digest.hexdigest()})

    async def _send(self, request: web.BaseRequest, content: Content) -> web.StreamResponse:
        etag = f'"{content.seed}-{content.size}"'
        headers = {"Content-Type": "application/octet-stream", "ETag": etag, "Server": self.server_header}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        span: Any = None if content.is_chunked else parse_range(request.headers.get("Range"), content.size)
        if span == "unsatisfiable":
            return web.Response(status=416, headers={"Content-Range": f"bytes */{content.size}"})
        first, last = span or (0, content.size - 1)
        answer = web.StreamResponse(status=206 if span else 200, headers=headers)
        if span:
            answer.headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
        if not content.is_chunked:
            answer.headers["Accept-Ranges"] = "bytes"
            answer.content_length = last - first + 1
        await answer.prepare(request)
        if request.method != "HEAD":
            for offset in range(first, last + 1, BLOCK):
                await answer.write(content.block(offset, min(BLOCK, last + 1 - offset)))
        await answer.write_eof()
        return answer


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    run(SoakJellyfin(), options.port, options.port_file)


if __name__ == "__main__":
    main()
