"""What is measured in rounds: CPU time per request, per message and per MB, and latency.

The servers take turns within a round, another one first each time, so that noise of the
machine falls on all of them. CPU time is what the threads of a server spent, as the
scheduler counts it; wall clock and throughput play no part in it.
"""
from __future__ import annotations

import re
import socket
import subprocess
import sys
from typing import Callable, NamedTuple

from .servers import (BOTH_CORES, CHUNKED_PATH, FILES, HAPROXY, HAPROXY_SPLICE, LOAD_CORE, NGINX,
                      NGINX_64K, SOCKET_PATH, STREAM_BYTES, STREAM_PATH, TOOLS, Running, Server, sidetrack)

HEADERS = [
    'Authorization: MediaBrowser Client="Jellyfin Web", Device="Firefox", '
    'DeviceId="TW96aWxsYS81LjAgKFgxMTsgTGludXggeDg2XzY0KQ", Version="12.0.0", '
    'Token="0123456789abcdef0123456789abcdef"',
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: application/json",
    "Accept-Language: en-US,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br",
    "Referer: http://jellyfin.example/web/index.html",
    "Cache-Control: no-cache",
]
UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
RATE, RATE_CONNECTIONS = 200, 16
MESSAGE_BYTES = 500
CHUNKED_BYTES = 200_000_000


def request_head(path: str, headers: list[str]) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: jellyfin.example", *headers, "", ""]).encode()


def tool(*command: object, data: bytes = b"", cores: str = LOAD_CORE) -> str:
    """Output of a load generator; the bench ends when it fails."""
    done = subprocess.run(["taskset", "-c", cores, *map(str, command)], input=data,
                          capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))}: {done.stderr.decode()}")
    return done.stdout.decode()


def wrk(port: int, path: str, connections: int, seconds: int, *, headers: list[str] = HEADERS,
        cores: str = LOAD_CORE) -> int:
    """Requests completed."""
    given = [part for header in headers for part in ("-H", header)]
    output = tool("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *given,
                  f"http://127.0.0.1:{port}{path}", cores=cores)
    found = re.search(r"(\d+) requests in", output)
    if found is None or "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"bench: bad answers from port {port} for {path}:\n{output}")
    return int(found[1])


def read_stream(port: int, path: str, size: int) -> None:
    """Reads a long answer without looking at it."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(request_head(path, HEADERS))
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        size -= len(head) - head.index(b"\r\n\r\n") - 4
        buffer = bytearray(512 * 1024)
        while size > 0:
            got = client.recv_into(buffer)
            if got == 0:
                sys.exit(f"bench: a stream from port {port} broke")
            size -= got


Load = Callable[[Running, int], float]  # seconds → the divisor of the CPU time


def requests_of(path: str, connections: int, *more: str, cores: str = LOAD_CORE) -> Load:
    def load(server: Running, seconds: int) -> float:
        return wrk(server.port, path, connections, seconds, headers=[*HEADERS, *more], cores=cores)
    return load


def stream(server: Running, _seconds: int) -> float:
    read_stream(server.port, STREAM_PATH, STREAM_BYTES)
    return STREAM_BYTES / 1e6


def chunked(server: Running, _seconds: int) -> float:
    """The answer has no end: the client leaves."""
    read_stream(server.port, CHUNKED_PATH, CHUNKED_BYTES)
    return CHUNKED_BYTES / 1e6


def messages(server: Running, seconds: int) -> float:
    return float(tool(TOOLS / "echo", server.port, seconds, 64, MESSAGE_BYTES,
                      data=request_head(SOCKET_PATH, [*HEADERS, *UPGRADE])))


class Workload(NamedTuple):
    name: str
    label: str
    unit: str
    servers: list[Server]  # beside sidetrack
    load: Load


PATHS = list(FILES)
EVERYBODY = [NGINX, NGINX_64K, HAPROXY, HAPROXY_SPLICE]
WORKLOADS = [
    Workload("1k", "JSON of 1 KB", "µs CPU/request", EVERYBODY, requests_of(PATHS[0], 64)),
    Workload("50k", "image of 50 KB", "µs CPU/request", EVERYBODY, requests_of(PATHS[1], 64)),
    Workload("200k", "image of 200 KB", "µs CPU/request", EVERYBODY, requests_of(PATHS[2], 32)),
    Workload("1m", "track of 1 MB", "µs CPU/request", EVERYBODY, requests_of(PATHS[3], 16)),
    Workload("stream", "one stream of 500 MB", "µs CPU/MB", EVERYBODY, stream),
    Workload("chunked", "200 MB without length", "µs CPU/MB", [NGINX, HAPROXY], chunked),
    Workload("close", "JSON, new connection each", "µs CPU/request", [NGINX, HAPROXY],
             requests_of(PATHS[0], 64, "Connection: close")),
    Workload("websocket", f"message of {MESSAGE_BYTES} bytes and its echo", "µs CPU/message",
             [NGINX, HAPROXY], messages),
]


def worker_servers(program: str) -> list[Server]:
    return [sidetrack(program, f"{count}-worker", workers=count, cores=BOTH_CORES)
            for count in (2, 1)]


def measure_cpu(server: Running, load: Load, seconds: int) -> float:
    """Microseconds per what the load counts."""
    before = server.cpu_seconds()
    done = load(server, seconds)
    return (server.cpu_seconds() - before) * 1e6 / max(done, 1)


unpinned_load = requests_of(PATHS[0], 64, cores=BOTH_CORES)


def measure_latency(port: int, seconds: int) -> list[float]:
    """Microseconds from when each request was due to its answer's end, sorted."""
    output = tool(TOOLS / "pace", port, RATE, seconds, RATE_CONNECTIONS,
                  data=request_head(PATHS[0], HEADERS))
    return sorted(map(float, output.split()))
