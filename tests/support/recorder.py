"""An upstream that keeps every byte it was sent, request by request.

It reads as the strictest server would: a head ends with an empty line, a body has the
length that one Content-Length says, nothing else begins a request. Each is answered with
200 and its own request line, so that a client can tell whose answer it got.
"""
from __future__ import annotations

import socket
import threading


class Recorder:
    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.authority = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.url = f"http://{self.authority}"
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
        data = b""
        with connection:
            while True:
                end = end_of_request(data)
                if end is None:
                    try:
                        more = connection.recv(65536)
                    except OSError:
                        more = b""
                    if not more:
                        if data:
                            self._note(data)  # a request that never became whole
                        return
                    data += more
                    continue
                request, data = data[:end], data[end:]
                self._note(request)
                try:
                    connection.sendall(answer_to(request))
                except OSError:
                    return

    def _note(self, request: bytes) -> None:
        if not is_sidetracks_own(request):
            with self._lock:
                self.seen.append(request)

    def take(self) -> list[bytes]:
        """What has been seen since the last time."""
        with self._lock:
            seen, self.seen = self.seen, []
            return seen

    def stop(self) -> None:
        self._listener.close()


def is_sidetracks_own(request: bytes) -> bool:
    """What it asks of Jellyfin for itself: whether it is well, who it is, whom it trusts."""
    paths = (b"GET /health ", b"GET /System/Info/Public ", b"GET /web ")
    return request.startswith(paths) and b"\r\nUser-Agent: Sidetrack/" in request


def end_of_request(data: bytes) -> int | None:
    head, found, _ = data.partition(b"\r\n\r\n")
    if not found:
        return None
    sizes = [line.partition(b":")[2].strip() for line in head.split(b"\r\n")
             if line.lower().startswith(b"content-length:")]
    end = len(head) + 4 + (int(sizes[0]) if sizes else 0)
    return end if len(data) >= end else None


def answer_to(request: bytes) -> bytes:
    if request.startswith(b"GET /health "):
        return b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHealthy"
    return b"HTTP/1.1 200 OK\r\nX-Answers: %b\r\nContent-Length: 0\r\n\r\n" % request.partition(b"\r\n")[0]
