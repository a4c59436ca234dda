"""A server that says exactly the bytes a test tells it to, when it tells it to."""
from __future__ import annotations

import contextlib
import socket
import ssl
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
        return self.read_head() and self.read_body()

    def read_head(self) -> bool:
        while (end := self._ahead.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return False
        self.head = self._take(end)
        self._take(4)
        return True

    def read_body(self) -> bool:
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
        """The end as it should be, over TLS with close_notify."""
        if isinstance(self.socket, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self.socket.unwrap()
        self.socket.close()

    def slam(self) -> None:
        """The end with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Handler = Callable[[Talk], None]


class RawUpstream:
    """Answers each path by its handler, on a thread per connection. Paths nobody named are for
    `other`, a 404 at first; /health says Healthy. With a certificate (files of it and its key) it
    speaks TLS."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0,
                 certificate: tuple[str, str] | None = None) -> None:
        self.handlers: dict[str, Handler] = {"/health": saying(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nHealthy")}
        self.other: Handler = not_found
        self.on_head: dict[str, Handler] = {}  # called before the body is read; then it hangs up
        self.heads: list[bytes] = []
        self.calls: dict[str, int] = {}
        self._open: dict[socket.socket, str] = {}  # by the path asked for last
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)
        self._address = address
        self.port = port
        self._listen()
        host = f"[{address}]" if ":" in address else address
        self.url = f"{'http' if certificate is None else 'https'}://{host}:{self.port}"

    def _listen(self) -> None:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        self._listener = socket.create_server((self._address, self.port), family=family, backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def open_to(self, path: str) -> int:
        """Connections that are open now, idle ones included, and were used for this path last."""
        with self._lock:
            return sum(last == path for last in self._open.values())

    def _serve(self, connection: socket.socket) -> None:
        if self._context is not None:
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with self._lock:
            self._open[connection] = ""
        try:
            self._converse(connection)
        finally:
            with self._lock:
                del self._open[connection]
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        talk = Talk(connection)
        try:
            while connection.fileno() >= 0 and talk.read_head():
                path = talk.target.partition("?")[0]
                with self._lock:
                    self.heads.append(talk.head)
                    self.calls[path] = self.calls.get(path, 0) + 1
                    self._open[connection] = path
                if path in self.on_head:
                    self.on_head[path](talk)
                    return
                if not talk.read_body():
                    return
                self.handlers.get(path, self.other)(talk)
        except OSError:
            pass

    def stop(self) -> None:
        """Nobody is let in any more; who is inside may stay."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def go_away(self) -> None:
        """As a process that ends: everybody inside is thrown out too."""
        self.stop()
        with self._lock:
            inside = list(self._open)
        for connection in inside:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """At the same port."""
        self._listen()


def saying(data: bytes, then: Callable[[Talk], None] | None = None) -> Handler:
    """A handler that says these bytes, and then perhaps hangs up or slams."""
    def handler(talk: Talk) -> None:
        talk.say(data)
        if then is not None:
            then(talk)
    return handler


not_found = saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
