"""A redis-server of the test's own on loopback, and a wire to it that can be cut."""
from __future__ import annotations

import pathlib
import selectors
import signal
import socket
import subprocess
import threading
from typing import Any

from .waiting import wait_for

PASSWORD = "open sesame"
CHUNK = 64 * 1024


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Redis:
    """Keeps nothing on disk: what is restarted is empty."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._child = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
             "no", "--dir", str(self._folder), "--requirepass", PASSWORD, "--logfile", "redis.log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, 10, "redis-server answers")

    def _answers(self) -> bool:
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False

    def url(self, port: int | None = None) -> str:
        return f"redis://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port or self.port}/2"

    def kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None

    def pause(self) -> None:
        self._child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def ask(self, *words: str | bytes) -> Any:
        """One command, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            stream = connection.makefile("rb")
            for command in (("AUTH", PASSWORD), ("SELECT", "2"), words):
                encoded = [word.encode() if isinstance(word, str) else word for word in command]
                connection.sendall(b"*%d\r\n" % len(encoded) + b"".join(
                    b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
                answer = self._read(stream)
            return answer

    def _read(self, stream: Any) -> Any:
        line = stream.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"*":
            return [self._read(stream) for _ in range(max(0, int(rest)))]
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else stream.read(size + 2)[:-2]
        return int(rest) if kind == b":" else rest.decode()

    def keys(self, pattern: str = "*") -> list[str]:
        return sorted(key.decode() for key in self.ask("KEYS", pattern))

    def everything(self) -> bytes:
        """All keys and all that lies under them."""
        reads = {"string": ("GET",), "hash": ("HGETALL",), "set": ("SMEMBERS",),
                 "list": ("LRANGE", "0", "-1")}
        found = []
        for key in self.keys():
            kind = self.ask("TYPE", key)
            if kind == "none":
                continue  # it has expired meanwhile
            verb, *more = reads[kind]
            value = self.ask(verb, key, *more)
            found += [key.encode(), *(value if isinstance(value, list) else [value or b""])]
        return b"\n".join(found)


class Wire:
    """TCP to `port` on loopback, through a port of its own. While it is cut nothing passes, and nobody
    is told: as when a cable is pulled."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._whole = threading.Event()
        self._whole.set()
        self._ended = False
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._whole.clear()

    def heal(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self._ended = True
        self._whole.set()
        self._thread.join(5)
        for peer in [self._listener, *self._peers]:
            peer.close()

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select(0.05):
                self._whole.wait()
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._peers:
                    self._pass_on(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 1)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            self._peers[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, source: socket.socket) -> None:
        try:
            data = source.recv(CHUNK)
            if data:
                self._peers[source].sendall(data)
                return
        except OSError:
            pass
        for peer in (source, self._peers[source]):
            self._selector.unregister(peer)
            del self._peers[peer]
            peer.close()
