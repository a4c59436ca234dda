"""Bad settings are named in a sentence; a Jellyfin that is away is waited for."""
from __future__ import annotations

import pathlib
import socket
from typing import Callable

import pytest

from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

Start = Callable[..., Sidetrack]


@pytest.mark.parametrize("name, value", [
    ("JELLYFIN_URL", "127.0.0.1:8096"), ("JELLYFIN_URL", ""), ("JELLYFIN_URL", "ftp://example.org"),
    ("SIDETRACK_LISTEN", "127.0.0.1:70000"), ("SIDETRACK_LISTEN", "nonsense"),
    ("SIDETRACK_PROVIDERS", "deezer,tidal"), ("SIDETRACK_PROVIDERS", "qobuz,qobuz"),
    ("SIDETRACK_EXPLICIT", "sometimes"), ("SIDETRACK_SEARCHES_PER_USER", "-1"),
    ("SIDETRACK_DEEZER_URL", "api.deezer.com"), ("SIDETRACK_WORKERS", "-1"),
    ("SIDETRACK_WORKERS", "many"), ("SIDETRACK_LOG_LEVEL", "loud"),
    ("SIDETRACK_TRUSTED_PROXIES", "proxy.example"), ("SIDETRACK_LEGACY_AUTH", "sometimes"),
    ("SIDETRACK_PUBLIC_URL", "media.example.org"), ("SIDETRACK_PUBLIC_URL", "https://h/?a"),
    ("SIDETRACK_NO_SUCH_SETTING", "1"),
])
def test_a_bad_setting_ends_it_with_a_sentence(start_sidetrack: Start, name: str, value: str) -> None:
    process = start_sidetrack({name: value}, wait=False)
    assert process.wait_exit(10) != 0
    said = next((line for line in process.stderr.splitlines() if name in line), "")
    assert said, f"{name} is not named in:\n{process.stderr}"
    assert len(said.split()) >= 4, f"not a sentence: {said}"


def test_a_missing_jellyfin_url_is_named(start_sidetrack: Start) -> None:
    process = start_sidetrack({"JELLYFIN_URL": None}, wait=False)
    assert process.wait_exit(10) != 0
    assert "JELLYFIN_URL" in process.stderr


def test_a_data_folder_that_cannot_be_written_is_named(start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    # A file where the folder should be: unwritable for root as well.
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    process = start_sidetrack({"SIDETRACK_DATA": str(in_the_way / "data")}, wait=False)
    assert process.wait_exit(10) != 0
    assert "SIDETRACK_DATA" in process.stderr or str(in_the_way) in process.stderr


def test_a_data_folder_has_one_program(sidetrack: Sidetrack, settings: dict[str, str | None],
                                       start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_DATA": settings["SIDETRACK_DATA"]}, wait=False)
    assert process.wait_exit(10) == 1
    assert "SIDETRACK_DATA" in process.stderr and f"(process {sidetrack.pid})" in process.stderr


def test_a_port_in_use_is_named(start_sidetrack: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        process = start_sidetrack({"SIDETRACK_LISTEN": listen}, wait=False)
        assert process.wait_exit(10) != 0
        assert "SIDETRACK_LISTEN" in process.stderr or listen.split(":")[1] in process.stderr


def test_a_port_that_another_sidetrack_serves_is_in_use(sidetrack: Sidetrack, start_sidetrack: Start) -> None:
    """Its workers share a port among themselves, not with a second program."""
    listen = sidetrack.url.removeprefix("http://")
    process = start_sidetrack({"SIDETRACK_LISTEN": listen}, wait=False)
    assert process.wait_exit(10) != 0
    assert "SIDETRACK_LISTEN" in process.stderr and "in use" in process.stderr


def test_secrets_come_from_files_and_are_never_logged(start_sidetrack: Start, tmp_path: pathlib.Path) -> None:
    secret = "0123456789abcdefSECRET"
    (tmp_path / "secret").write_text(secret + "\n")
    process = start_sidetrack({"SIDETRACK_METRICS_TOKEN_FILE": str(tmp_path / "secret")})
    process.finish()
    assert secret not in process.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_jellyfin_that_is_away_is_waited_for(start_sidetrack: Start) -> None:
    port = free_port()
    sidetrack = start_sidetrack({"JELLYFIN_URL": f"http://127.0.0.1:{port}"})
    answer = sidetrack.send("GET", "/System/Info/Public")
    assert answer.status == 502
    assert answer.header("Content-Type", ).startswith("application/json")
    assert '"jellyfin_unreachable"' in answer.text.replace(" ", "")
    assert sidetrack.send("GET", "/sidetrack/health/live").status == 200
    assert sidetrack.send("GET", "/sidetrack/health/ready").status == 503

    jellyfin = StandIn("jellyfin", "--port", str(port))
    try:
        wait_for(lambda: (sidetrack.advance(5000), sidetrack.is_ready())[1], 20, "it is ready by itself")
        assert sidetrack.send("GET", "/System/Info/Public").json()["ServerName"] == "StandIn"
    finally:
        jellyfin.stop()
    wait_for(lambda: (sidetrack.advance(5000), not sidetrack.is_ready())[1], 20, "it notices the loss")
    assert sidetrack.send("GET", "/System/Info/Public").status == 502


def test_a_jellyfin_that_still_starts_is_not_ready(start_sidetrack: Start, jellyfin: StandIn) -> None:
    jellyfin.control("POST", "starting", on=True)
    try:
        sidetrack = start_sidetrack()
        assert sidetrack.send("GET", "/sidetrack/health/ready").status == 503
        assert sidetrack.send("GET", "/Users/Public").status == 503  # Jellyfin's own answer
    finally:
        jellyfin.control("POST", "starting", on=False)
    wait_for(lambda: (sidetrack.advance(5000), sidetrack.is_ready())[1], 20, "it is ready by itself")


def test_it_runs_with_a_base_path(start_sidetrack: Start) -> None:
    jellyfin = StandIn("jellyfin", "--base-path", "/jf")
    try:
        sidetrack = start_sidetrack({"JELLYFIN_URL": jellyfin.url})
        wait_for(sidetrack.is_ready, 10, "it is ready")
        paths = ("/System/Info/Public", "/jf/System/Info/Public")
        assert 200 in [sidetrack.send("GET", path).status for path in paths]
    finally:
        jellyfin.stop()


