"""A small blocking WebSocket client: RFC 6455 without extensions.

It sends what it is told and nothing else, so that a test decides about
keep-alives, close frames and sudden ends.
"""
from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from typing import Any
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class UpgradeRefused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"upgrade refused with {status}")
        self.status = status


class Closed(Exception):
    """The other side is gone: with `code`, or None without a close frame."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"closed: {code} {reason}")
        self.code = code
        self.reason = reason


class WebSocket:
    def __init__(self, base_url: str, path: str, headers: dict[str, str] | None = None,
                 timeout_s: float = 5.0) -> None:
        parts = urlsplit(base_url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout_s)
        self._buffer = b""
        lines = [f"GET {parts.path.rstrip('/')}{path} HTTP/1.1", f"Host: {parts.netloc}",
                 "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            self._socket.close()
            raise UpgradeRefused(status)

    def _more(self) -> None:
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise Closed(None)
        self._buffer += data

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    # Sending

    def send_frame(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        head = bytes((0x80 | opcode,))
        size = len(payload)
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65536:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self._socket.sendall(head + mask + masked)

    def send(self, message_type: str, data: Any = None) -> None:
        value = {"MessageType": message_type}
        if data is not None:
            value["Data"] = data
        self.send_frame(TEXT, json.dumps(value).encode())

    def send_text(self, text: str) -> None:
        self.send_frame(TEXT, text.encode())

    # Receiving

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(size)

    def receive(self, timeout_s: float = 5.0) -> dict[str, Any]:
        """The next message; TimeoutError when none comes, Closed when none can."""
        deadline = time.monotonic() + timeout_s
        while True:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            opcode, payload = self._frame()
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            elif opcode in (TEXT, BINARY):
                return json.loads(payload)

    def receive_type(self, message_type: str, timeout_s: float = 5.0) -> dict[str, Any]:
        """The next message of one type; others on the way are dropped."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = self.receive(max(0.001, deadline - time.monotonic()))
            if message.get("MessageType") == message_type:
                return message

    def gets_nothing(self, message_type: str, within_s: float = 0.3) -> bool:
        try:
            self.receive_type(message_type, within_s)
        except TimeoutError:
            return True
        return False

    # Ending

    def close(self, code: int = 1000) -> None:
        """The polite end: a close frame, then the connection."""
        try:
            self.send_frame(CLOSE, struct.pack("!H", code))
        except OSError:
            pass
        self._socket.close()

    def drop(self, reset: bool = False) -> None:
        """The end without a word: FIN, or RST."""
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()
