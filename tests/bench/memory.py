"""Memory: bytes per idle client, per tunnel, per reader that has stalled; after a long stream.

Each figure comes from a program of its own, started for it: RssAnon after a few connections of
the kind have come and gone, and again with all of them open, divided by their number. What the
kernel holds is not in it; of pipes it is counted beside.
"""
from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import socket
import struct
import sys
import termios
import time
from typing import Iterator, NamedTuple

from .servers import (CHUNKED_PATH, FILES, HAPROXY, HAPROXY_SPLICE, NGINX, SOCKET_PATH, STREAM_BYTES,
                      STREAM_PATH, Running, Server, Yard, sidetrack)
from .speed import HEADERS, UPGRADE, read_stream, request_head

WARM_UP, SETTLE_S = 8, 10.0
F_GETPIPE_SZ = 1032


class Kind(NamedTuple):
    name: str
    label: str
    request: bytes
    ends: bool  # whether its answer is read to the end; otherwise only its head is
    count: int
    servers: list[Server]  # beside sidetrack; nginx would write a stalled reader's stream to disk
    tls: bool = False


KINDS = [
    Kind("idle", "idle client", request_head(list(FILES)[0], HEADERS), True, 1000, [NGINX, HAPROXY]),
    Kind("tunnel", "tunnel", request_head(SOCKET_PATH, [*HEADERS, *UPGRADE]), False, 1000,
         [NGINX, HAPROXY]),
    Kind("stalled", "stalled reader, long body", request_head(STREAM_PATH, HEADERS), False, 100,
         [HAPROXY, HAPROXY_SPLICE]),
    Kind("stalled-chunked", "stalled reader, chunked", request_head(CHUNKED_PATH, HEADERS), False, 100,
         [HAPROXY]),
    Kind("stalled-tls", "stalled reader, Jellyfin behind TLS", request_head(STREAM_PATH, HEADERS),
         False, 100, [], tls=True),
]


class Pipes(NamedTuple):
    count: int
    capacity: int
    filled: int


def open_one(port: int, kind: Kind) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(kind.request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        got = client.recv(1024)
        if not got:
            sys.exit(f"bench: {kind.label}: no answer")
        answer += got
    if not answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 101 ")):
        sys.exit(f"bench: {kind.label}: {answer[:60]!r}")
    if kind.ends:
        left = int(re.search(rb"\r\nContent-Length: (\d+)", answer, re.IGNORECASE)[1])
        left -= len(answer) - answer.index(b"\r\n\r\n") - 4
        while left > 0:
            left -= len(client.recv(left))
    return client


@contextlib.contextmanager
def clients(port: int, kind: Kind, count: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(open_one(port, kind))
        yield


def settled(server: Running) -> int:
    """RssAnon once it has stood still for half a second."""
    value, same, deadline = -1, 0, time.monotonic() + SETTLE_S
    while same < 5 and time.monotonic() < deadline:
        now = server.memory_bytes("RssAnon")
        same = same + 1 if now == value else 0
        value = now
        time.sleep(0.1)
    return value


def pipes_of(server: Running) -> Pipes:
    """The kernel's pipes that a program holds, each counted once."""
    seen: dict[str, tuple[int, int]] = {}
    for entry in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(entry)
            if not target.startswith("pipe:") or target in seen:
                continue
            fd = os.open(entry, os.O_RDONLY | os.O_NONBLOCK)
            try:
                size = fcntl.fcntl(fd, F_GETPIPE_SZ)
                filled = struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]
            finally:
                os.close(fd)
            seen[target] = size, filled
    return Pipes(len(seen), sum(size for size, _ in seen.values()),
                 sum(filled for _, filled in seen.values()))


def measure_kind(yard: Yard, server: Server, kind: Kind) -> tuple[float, Pipes]:
    """Bytes per connection, and the pipes that there are now and were not before."""
    running = yard.start(server, tls=kind.tls)
    with clients(running.port, kind, WARM_UP):
        pass
    before, before_pipes = settled(running), pipes_of(running)
    with clients(running.port, kind, kind.count):
        after, after_pipes = settled(running), pipes_of(running)
    running.stop()
    return ((after - before) / kind.count,
            Pipes(*(now - then for now, then in zip(after_pipes, before_pipes))))


def measure_after_stream(yard: Yard, server: Server) -> tuple[float, float]:
    """VmRSS before and after STREAM_BYTES have passed."""
    running = yard.start(server)
    before = running.memory_bytes("VmRSS")
    read_stream(running.port, STREAM_PATH, STREAM_BYTES)
    settled(running)
    after = running.memory_bytes("VmRSS")
    running.stop()
    return before, after


def sidetrack_for(program: str, yard: Yard, kind: Kind) -> Server:
    return sidetrack(program, ca_file=yard.ca_file if kind.tls else None)
