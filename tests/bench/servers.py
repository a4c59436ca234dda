"""The programs of the benchmark: how each is configured, started, stopped and looked at."""
from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
from typing import Callable, NamedTuple
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / "build/bench"
PROXY_CORE, LOAD_CORE, BOTH_CORES = "0", "1", "0,1"
START_SECONDS = 20
ID = "0123456789abcdef0123456789abcd"
STREAM_BYTES = 500_000_000
STREAM_PATH = f"/Audio/{ID}05/stream"
CHUNKED_PATH = f"/Videos/{ID}06/stream"
SOCKET_PATH = f"/socket?api_key={ID}07&deviceId=bench"
FILES = {f"/Items/{ID}01": 1_000, f"/Items/{ID}02/Images/Primary": 50_000,
         f"/Items/{ID}03/Images/Primary": 200_000, f"/Audio/{ID}04/stream": 1_000_000}


class Server(NamedTuple):
    name: str
    command: Callable[[pathlib.Path, int, int], list[str]]  # folder, its port, upstream's port
    cores: str = PROXY_CORE


def fill(template: str, folder: pathlib.Path, name: str, **values: object) -> pathlib.Path:
    """A configuration file of this folder with @NAMES@ replaced."""
    text = (HERE / template).read_text("utf-8")
    for key, value in {"FOLDER": folder, "NAME": name, **values}.items():
        text = text.replace(f"@{key}@", str(value))
    path = folder / f"{name}.conf"
    path.write_text(text, "utf-8")
    return path


def nginx(name: str = "nginx", buffers: str = "") -> Server:
    def command(folder: pathlib.Path, port: int, upstream: int) -> list[str]:
        return ["nginx", "-p", str(folder), "-c", str(fill(
            "nginx.conf", folder, name, PORT=port, UPSTREAM=upstream, BUFFERS=buffers))]
    return Server(name, command)


def haproxy(name: str = "haproxy", option: str = "") -> Server:
    def command(folder: pathlib.Path, port: int, upstream: int) -> list[str]:
        return ["haproxy", "-db", "-f", str(fill(
            "haproxy.cfg", folder, name, PORT=port, UPSTREAM=upstream, OPTION=option))]
    return Server(name, command)


def sidetrack(program: str, name: str = "sidetrack", *, workers: int = 1, cores: str = PROXY_CORE,
              ca_file: pathlib.Path | None = None) -> Server:
    def command(folder: pathlib.Path, port: int, upstream: int) -> list[str]:
        url = f"https://localhost:{upstream}" if ca_file else f"http://127.0.0.1:{upstream}"
        return ["env", f"JELLYFIN_URL={url}", f"SIDETRACK_WORKERS={workers}",
                f"SIDETRACK_LISTEN=127.0.0.1:{port}", f"SIDETRACK_DATA={folder}/data-{port}",
                f"SIDETRACK_CA_FILE={ca_file or ''}", "SIDETRACK_LOG_LEVEL=warn", program]
    return Server(name, command, cores)


BIG_BUFFERS = "proxy_buffers 8 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;"
NGINX, NGINX_64K = nginx(), nginx("nginx-64k", BIG_BUFFERS)
HAPROXY, HAPROXY_SPLICE = haproxy(), haproxy("haproxy-splice", "option splice-response")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A program pinned to cores, listening on a port of the loopback."""

    def __init__(self, folder: pathlib.Path, name: str, cores: str, command: list[str],
                 port: int) -> None:
        self.name, self.port = name, port
        self._log = folder / f"{name}.log"
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdout=log,
                                            stderr=log)

    def wait(self, path: str = "/health") -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), \
                    urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2):
                return
            time.sleep(0.05)
        sys.exit(f"bench: {self.name} does not answer:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu_seconds(self) -> float:
        """What all its threads have spent on a core so far."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory_bytes(self, kind: str) -> int:
        """VmRSS, or RssAnon: the part that is its own and not of files."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"{self.name} is gone")


class Yard:
    """A folder, the upstreams in it, and the proxies that were started in front of them."""

    def __init__(self, folder: pathlib.Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.upstream_port = self.tls_port = 0
        self.ca_file = folder / "certificates/ca.pem"

    def start_upstreams(self, certificate: tuple[str, str]) -> None:
        for path, size in FILES.items():
            self._make_file(path, size)
        self._make_file(STREAM_PATH, STREAM_BYTES)
        endless = free_port()
        self.upstream_port, self.tls_port = free_port(), free_port()
        self._run("endless", LOAD_CORE, [str(TOOLS / "upstream"), str(endless)], endless).wait()
        conf = fill("upstream.conf", self.folder, "upstream", PORT=self.upstream_port,
                    TLS_PORT=self.tls_port, ENDLESS=endless, CERTIFICATE=certificate[0],
                    KEY=certificate[1])
        self._run("upstream", LOAD_CORE, ["nginx", "-p", str(self.folder), "-c", str(conf)],
                  self.upstream_port).wait()

    def start(self, server: Server, *, tls: bool = False) -> Running:
        port = free_port()
        upstream = self.tls_port if tls else self.upstream_port
        running = self._run(server.name, server.cores,
                            server.command(self.folder, port, upstream), port)
        running.wait()
        return running

    def _run(self, name: str, cores: str, command: list[str], port: int) -> Running:
        running = Running(self.folder, name, cores, command, port)
        self._stack.callback(running.stop)
        return running

    def _make_file(self, path: str, size: int) -> None:
        """JSON as far as it pays; of a long one the rest is a hole that reads as zeros."""
        row = b'{"Name":"Slow Tide","Type":"Audio","MediaType":"Audio"},'
        text = b"[" + row * (min(size, 1_000_000) // len(row) + 1)
        file = self.folder / "files" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text[:min(size, len(text)) - 1] + b"]")
        os.truncate(file, size)
