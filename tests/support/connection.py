"""A client's raw connection: it says the bytes it is told to, and hears what comes."""
from __future__ import annotations

import socket
import struct
import threading
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
PART = 1 << 20


class Connection:
    def __init__(self, url: str, receive_bytes: int = 0) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect((parts.hostname or "", parts.port or 80))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say_aside(self, data: bytes, piece: int = PART) -> threading.Thread:
        """Says it in pieces while we listen; an end on the other side ends it."""
        def speak() -> None:
            try:
                for start in range(0, len(data), piece):
                    self.socket.sendall(data[start:start + piece])
            except OSError:
                pass
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        return thread

    def say_end(self) -> None:
        """Nothing more will be said; what comes is still heard."""
        self.socket.shutdown(socket.SHUT_WR)

    def hear(self, size: int) -> bytes:
        """So many bytes, fewer only when the connection ends."""
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(min(size - len(data), PART))
            if not part:
                break
            data += part
        return bytes(data)

    def hear_all(self) -> bytes:
        """Everything until the connection ends; a reset is an end too."""
        data = bytearray()
        try:
            while part := self.socket.recv(PART):
                data += part
        except ConnectionResetError:
            pass
        return bytes(data)

    def hear_head(self) -> bytes:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            part = self.socket.recv(1)
            assert part, f"ended after {data!r}"
            data += part
        return data

    def hear_line(self) -> bytes:
        """Up to the next CRLF, without it."""
        data = b""
        while not data.endswith(b"\r\n"):
            part = self.socket.recv(1)
            assert part, f"ended after {data!r}"
            data += part
        return data[:-2]

    def hear_answer(self, *, to_head: bool = False) -> tuple[bytes, bytes] | None:
        """The next final answer's head and body of known length; None when the connection
        ends instead. Interim answers are passed over."""
        try:
            while True:
                first = self.socket.recv(1)
                if not first:
                    return None
                head = first + self.hear_head()
                if head[9:10] != b"1":
                    break
        except ConnectionResetError:
            return None
        size = next((int(line[15:]) for line in head.lower().split(b"\r\n")
                     if line.startswith(b"content-length:")), 0)
        return head, b"" if to_head else self.hear(size)

    def ends(self) -> bool:
        """Does the connection end here, without another byte?"""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_quiet(self) -> bool:
        self.socket.settimeout(0.05)
        try:
            return self.socket.recv(1) == b"\0"  # never: neither a byte nor an end may come
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT_S)

    def slam(self) -> None:
        """The end with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def get(path: str, *lines: str, version: str = "1.1", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: h", *lines, "", ""]).encode()
