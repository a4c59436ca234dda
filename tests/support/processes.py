"""Starting and stopping the stand-ins and the real binary."""
from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
from typing import Any, Iterator
from urllib.parse import urlsplit

from .http import Answer, send
from .waiting import wait_for

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_BINARY = "build/debug/sidetrack"
STARTUP_S = 20.0
SHUTDOWN_S = 40.0
SANITIZER = re.compile(r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:"
                       r"|WARNING: ThreadSanitizer")


class Process:
    """A child whose stderr is collected while it runs."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.url = ""
        self.lines: list[str] = []
        self._child = subprocess.Popen(command, cwd=REPOSITORY, env=environment, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, errors="replace")
        self.output: list[str] = []
        self._readers = [threading.Thread(target=self._collect, args=(stream, lines), daemon=True)
                         for stream, lines in ((self._child.stderr, self.lines),
                                               (self._child.stdout, self.output))]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(stream: Any, lines: list[str]) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))

    @property
    def stderr(self) -> str:
        return "\n".join(self.lines)

    @property
    def exit_status(self) -> int | None:
        return self._child.poll()

    @property
    def pid(self) -> int:
        return self._child.pid

    def wait_exit(self, timeout_s: float = SHUTDOWN_S) -> int:
        try:
            status = self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise AssertionError(f"{self.name} did not end within {timeout_s} s\n{self.stderr}") from None
        for reader in self._readers:
            reader.join(5)
        return status

    def stop(self) -> int:
        if self.exit_status is None:
            self._child.send_signal(signal.SIGTERM)
        return self.wait_exit()

    def send(self, method: str, path: str, **arguments: Any) -> Answer:
        return send(self.url, method, path, **arguments)


class StandIn(Process):
    """A stand-in of tests/standins, with its control door."""

    def __init__(self, module: str, *arguments: str) -> None:
        super().__init__(module, [sys.executable, "-m", f"tests.standins.{module}", *arguments])
        line = wait_for(lambda: self.output or self.exit_status is not None, STARTUP_S,
                        f"{module} says where it listens")
        assert line is not True, f"{module} ended: {self.stderr}"
        self.url = json.loads(self.output[0])["url"]
        self._door = f"http://{urlsplit(self.url).netloc}"

    def control(self, method: str, name: str, **value: Any) -> Any:
        return send(self._door, method, f"/standin/{name}", json=value or None).json()

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", **rule)

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def advance(self, milliseconds: int) -> None:
        self.control("POST", "clock", advance_ms=milliseconds)

    def restart(self, away_ms: int = 0) -> None:
        """Lose what is in memory; returns when it answers again."""
        count = self._restarts()
        self.control("POST", "restart", away_ms=away_ms)
        wait_for(lambda: self._restarts() > count, 5 + away_ms / 1000, f"{self.name} is back")

    @contextlib.contextmanager
    def refusing(self, milliseconds: int) -> Iterator[None]:
        """Connections are refused meanwhile; leaving waits until they are taken again."""
        count = self._restarts()
        self.control("POST", "restart", away_ms=milliseconds)
        wait_for(lambda: self._restarts() < 0, 5, f"{self.name} is away")
        yield
        wait_for(lambda: self._restarts() > count, 5 + milliseconds / 1000, f"{self.name} is back")

    def _restarts(self) -> int:
        try:
            return sum(entry["kind"] == "restart_done" for entry in self.log())
        except OSError:
            return -1

    def log(self, kind: str | None = None) -> list[dict[str, Any]]:
        entries = send(self._door, "GET", "/standin/log").json()
        return [entry for entry in entries if kind is None or entry["kind"] == kind]

    def requests(self, pattern: str = "") -> list[dict[str, Any]]:
        """Requests received whose "METHOD target" matches."""
        return [entry for entry in self.log("request")
                if re.search(pattern, f"{entry['method']} {entry['target']}", re.IGNORECASE)]


def binary() -> pathlib.Path:
    path = pathlib.Path(os.environ.get("SIDETRACK_BIN", DEFAULT_BINARY))
    return path if path.is_absolute() else REPOSITORY / path


def is_sanitized() -> bool:
    """Sanitizers keep freed memory for a while, and their own notes beside it."""
    return binary().parent.name in ("asan", "tsan")


class Sidetrack(Process):
    """The real binary; `settings` are environment variables, None removes one; `through` is a
    command that runs it in its own place."""

    def __init__(self, settings: dict[str, str | None], *, wait: bool = True,
                 through: list[str] | None = None) -> None:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("SIDETRACK_", "JELLYFIN_"))}
        given = {"SIDETRACK_LISTEN": "127.0.0.1:0", "SIDETRACK_TEST_CLOCK": "1", "SIDETRACK_LRCLIB": "off",
                 "SIDETRACK_LOG_LEVEL": "debug", **settings}
        environment.update({name: value for name, value in given.items() if value is not None})
        super().__init__("sidetrack", [*(through or []), str(binary())], environment)
        self.finished = False
        if wait:
            port = wait_for(self._port, STARTUP_S, "sidetrack says event=listening")
            assert port != "ended", f"sidetrack ended with {self.exit_status}:\n{self.stderr}"
            self.url = f"http://127.0.0.1:{port}"

    def _port(self) -> str | None:
        if self.exit_status is not None:
            return "ended"
        for line in list(self.lines):
            if " event=listening " in f" {line} ":
                match = re.search(r"\bport=(\d+)", line)
                if match:
                    return match[1]
        return None

    def advance(self, milliseconds: int) -> None:
        answer = self.send("POST", "/sidetrack/test/clock", json={"advance_ms": milliseconds})
        assert answer.status in (200, 204), f"{answer.status}: {answer.text}"

    def is_ready(self) -> bool:
        return self.send("GET", "/sidetrack/health/ready").status == 200

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._child.kill()
        self.wait_exit()
        self.finished = True
        self.assert_no_sanitizer_report()

    def freeze(self) -> None:
        """As when a machine is suspended: it does nothing, and notices nothing, until `thaw`."""
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def finish(self) -> None:
        """Stop it and insist on a clean end; once, however often it is called."""
        if self.finished:
            return
        self.finished = True
        died = self.exit_status
        status = self.stop()
        assert died is None, f"sidetrack died with {died}:\n{self.stderr[-8000:]}"
        assert status == 0, f"sidetrack ended with {status}:\n{self.stderr[-8000:]}"
        self.assert_no_sanitizer_report()

    def assert_no_sanitizer_report(self) -> None:
        found = SANITIZER.search(self.stderr)
        assert not found, self.stderr[max(0, found.start() - 200):found.start() + 6000]
