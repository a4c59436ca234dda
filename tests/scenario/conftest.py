"""The stage of every scenario: Jellyfin, Deezer and Sidetrack on loopback ports.

One set of processes serves a test file. Faults are cleared and Deezer's rate
window passes before every test; what a test does with sessions it does under a
device id of its own. Sidetrack's log is attached to every failure.
"""
from __future__ import annotations

import dataclasses
import itertools
import pathlib
from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike, WebLike, now_playing, session_of
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

LOG_SHOWN = 20_000
SLICE_MS = 10_000
KEEP_ALIVE_DUE_S = 45  # Jellyfin asks for one after this long
_running: list[Any] = []
_device_numbers = itertools.count(1)


@dataclasses.dataclass
class World:
    """Everything a scenario touches."""

    jellyfin: StandIn
    deezer: StandIn
    sidetrack: Sidetrack
    admin: Client  # asks Jellyfin directly, past Sidetrack
    others: list[StandIn] = dataclasses.field(default_factory=list)  # whose time passes too

    def advance(self, milliseconds: int) -> None:
        """Time passes for all, in slices, so that none misses a keep-alive of another."""
        for start in range(0, milliseconds, SLICE_MS):
            length = min(SLICE_MS, milliseconds - start)
            for process in (self.deezer, self.jellyfin, *self.others):
                process.advance(length)
            self.sidetrack.advance(length)
            wait_for(lambda: all(entry["silent_s"] < KEEP_ALIVE_DUE_S for entry in self._open_sockets()),
                     5, "every socket sends its KeepAlive in time")

    def _open_sockets(self) -> list[dict[str, Any]]:
        return [entry for entry in self.jellyfin.control("GET", "sockets") if entry["open"]]

    def device_id(self) -> str:
        return f"device-{next(_device_numbers)}"

    def finamp(self, user: str = "alice") -> FinampLike:
        client = FinampLike(self.sidetrack.url, self.device_id(), "Pixel")
        client.log_in(user)
        return client

    def web(self, user: str = "alice") -> WebLike:
        client = WebLike(self.sidetrack.url, self.device_id(), "Firefox")
        client.log_in(user)
        return client

    def direct(self, client: Client) -> Client:
        """The same client without Sidetrack in between."""
        return client.through(self.jellyfin.url)

    def session(self, client: Client) -> dict[str, Any] | None:
        return session_of(self.admin, client.device_id)

    def playing(self, client: Client) -> dict[str, Any] | None:
        return now_playing(self.admin, client.device_id)

    def sockets(self, client: Client) -> list[dict[str, Any]]:
        """WebSockets that Jellyfin has open for this client's session."""
        return [entry for entry in self._open_sockets() if entry["device_id"] == client.device_id]


@pytest.fixture(scope="module")
def jellyfin() -> Iterator[StandIn]:
    process = StandIn("jellyfin")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(jellyfin: StandIn, deezer: StandIn,
             tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """The environment of the binary; a test that starts another one changes a copy."""
    return {"JELLYFIN_URL": jellyfin.url, "SIDETRACK_DEEZER_URL": deezer.url,
            "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data"))}


@pytest.fixture(scope="module")
def sidetrack(settings: dict[str, str | None]) -> Iterator[Sidetrack]:
    process = Sidetrack(settings)
    _running.append(process)
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield process
    _running.remove(process)
    process.finish()


@pytest.fixture
def start_sidetrack(settings: dict[str, str | None],
                    tmp_path: pathlib.Path) -> Iterator[Callable[..., Sidetrack]]:
    """Starts further instances with changed settings; clean ends are insisted on."""
    started: list[tuple[Sidetrack, bool]] = []

    def start(changes: dict[str, str | None] | None = None, *, wait: bool = True) -> Sidetrack:
        process = Sidetrack({**settings, "SIDETRACK_DATA": str(tmp_path), **(changes or {})}, wait=wait)
        _running.append(process)
        started.append((process, wait))
        return process

    yield start
    for process, has_to_end_well in started:
        _running.remove(process)
        if has_to_end_well:
            process.finish()
        else:
            process.stop()
            process.assert_no_sanitizer_report()


@pytest.fixture(scope="module")
def stage(jellyfin: StandIn, deezer: StandIn, sidetrack: Sidetrack) -> World:
    admin = Client(jellyfin.url, "observer", "Observer")
    admin.log_in("admin")
    return World(jellyfin, deezer, sidetrack, admin)


@pytest.fixture
def world(stage: World) -> Iterator[World]:
    """The stage, tidied up."""
    stage.deezer.clear_faults()
    stage.jellyfin.clear_faults()
    stage.deezer.advance(6000)  # past Deezer's rate window
    stage.sidetrack.advance(6000)  # and past Sidetrack's own
    yield stage
    stage.deezer.clear_faults()
    stage.jellyfin.clear_faults()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in _running:
            report.sections.append((f"{process.name} said (pid {process.pid})",
                                    process.stderr[-LOG_SHOWN:]))
