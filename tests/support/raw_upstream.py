"""A server that says exactly the bytes a test tells it to, when it tells it to."""
from __future__ import annotations

import socket
import struct
import threading
from typing import Callable

TIMEOUT_S = 10.0


class Talk:
    """One connection of the upstream, inside the request that is being answered."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.head = b""
        self.body = b""
        self._ahead = bytearray()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    def read_request(self) -> bool:
        """False when the peer has left instead."""
        while (end := self._ahead.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return False
        self.head = self._take(end)
        self._take(4)
        size = next((int(line[15:]) for line in self.head.lower().split(b"\r\n")
                     if line.startswith(b"content-length:")), 0)
        while len(self._ahead) < size:
            if not self._more():
                return False
        self.body = self._take(size)
        return True

    def _more(self) -> bool:
        data = self.socket.recv(1 << 18)
        self._ahead += data
        return bool(data)

    def _take(self, size: int) -> bytes:
        data = bytes(self._ahead[:size])
        del self._ahead[:size]
        return data

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, size: int) -> bytes:
        """Bytes behind the request, for other protocols."""
        while len(self._ahead) < size:
            if not self._more():
                break
        return self._take(size)

    def wait_until_left(self) -> bool:
        """True when the peer has closed, False when it speaks or nothing happens."""
        self.socket.settimeout(TIMEOUT_S)
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def hang_up(self) -> None:
        self.socket.close()

    def slam(self) -> None:
        """The end with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Handler = Callable[[Talk], None]


class RawUpstream:
    """Answers each path by its handler, on a thread per connection. Paths nobody named are for
    `other`, a 404 at first; /health says Healthy."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {"/health": saying(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nHealthy")}
        self.other: Handler = not_found
        self.heads: list[bytes] = []
        self.calls: dict[str, int] = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        talk = Talk(connection)
        try:
            while connection.fileno() >= 0 and talk.read_request():
                path = talk.target.partition("?")[0]
                with self._lock:
                    self.heads.append(talk.head)
                    self.calls[path] = self.calls.get(path, 0) + 1
                self.handlers.get(path, self.other)(talk)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self) -> None:
        self._listener.close()


def saying(data: bytes, then: Callable[[Talk], None] | None = None) -> Handler:
    """A handler that says these bytes, and then perhaps hangs up or slams."""
    def handler(talk: Talk) -> None:
        talk.say(data)
        if then is not None:
            then(talk)
    return handler


not_found = saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
