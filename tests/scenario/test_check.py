"""`sidetrack check`: everything that the settings name, tried live; one line for each."""
from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
from typing import Callable, Iterator

import pytest

from tests.support.client import Client
from tests.support.processes import StandIn, binary
from tests.support.redis import Redis
from tests.support.waiting import wait_for

from .conftest import World

LINE = re.compile(r"(ok|off|problem) +(api key|[a-z]+) +(\S.*)")
ARL, SECRET, TOKEN = "0123456789abcdef" * 12, "fedcba9876543210", "a1b2c3d4" * 8
Check = Callable[..., tuple[int, dict[str, list[tuple[str, str]]]]]


@pytest.fixture(scope="module")
def lrclib() -> Iterator[StandIn]:
    process = StandIn("lrclib")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{ARL}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def qobuz() -> Iterator[StandIn]:
    process = StandIn("qobuz", "--app", "123456789", "--secret", SECRET * 2, "--account", f"{TOKEN}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture
def check(world: World, lrclib: StandIn, tmp_path: pathlib.Path) -> Check:
    """Runs it; its status, and by subject what it found and said."""
    def run(*arguments: str, **changes: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("SIDETRACK_", "JELLYFIN_"))}
        environment |= {"JELLYFIN_URL": world.jellyfin.url, "SIDETRACK_DEEZER_URL": world.deezer.url,
                        "SIDETRACK_DEEZER_GATEWAY_URL": world.deezer.url,
                        "SIDETRACK_DEEZER_MEDIA_URL": world.deezer.url,
                        "SIDETRACK_LRCLIB_URL": lrclib.url, "SIDETRACK_DATA": str(tmp_path), **changes}
        done = subprocess.run([str(binary()), "check", *arguments], env=environment, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode in (0, 1), done.stderr
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        said: dict[str, list[tuple[str, str]]] = {}
        for line in done.stdout.splitlines():
            match = LINE.fullmatch(line)
            assert match, line
            said.setdefault(match[2], []).append((match[1], match[3]))
        for secret in (ARL, SECRET, TOKEN, "hunter2"):
            assert secret not in done.stdout + done.stderr
        assert (done.returncode == 1) == any(found == "problem" for lines in said.values() for found, _ in lines)
        return done.returncode, said
    return run


def found(said: dict[str, list[tuple[str, str]]], what: str) -> list[str]:
    return [finding for finding, _ in said[what]]


def test_all_is_well(check: Check) -> None:
    status, said = check()
    assert status == 0
    assert said["jellyfin"][0][0] == "ok" and "version 12" in said["jellyfin"][0][1]
    assert found(said, "api key") == ["off"] and found(said, "redis") == ["off"]
    assert found(said, "data") == ["ok"] and found(said, "lrclib") == ["ok"]
    assert found(said, "deezer") == ["ok", "off"], "the catalogue, and no account"


def test_jellyfin_away_or_somebody_else(check: Check, world: World) -> None:
    status, said = check(JELLYFIN_URL="http://127.0.0.1:9")
    assert status == 1 and "JELLYFIN_URL" in said["jellyfin"][0][1] and "api key" not in said
    status, said = check(JELLYFIN_URL=world.deezer.url)
    assert status == 1 and "no Jellyfin" in said["jellyfin"][0][1]


def test_the_api_key(check: Check, world: World) -> None:
    status, said = check(SIDETRACK_JELLYFIN_API_KEY="hunter2")
    assert status == 1 and found(said, "api key") == ["problem"]
    admin = Client(world.jellyfin.url, "checker", "Checker")
    admin.log_in("admin")
    status, said = check(SIDETRACK_JELLYFIN_API_KEY=str(admin.token))
    assert status == 0 and found(said, "api key") == ["ok"]


def test_servers_that_are_watched(check: Check, world: World) -> None:
    admin = Client(world.jellyfin.url, "checker", "Checker")
    admin.log_in("admin")
    servers = [{"name": "attic", "url": world.jellyfin.url, "apiKey": admin.token},
               {"name": "cellar", "url": world.jellyfin.url, "apiKey": "hunter2"},
               {"name": "shed", "url": "http://127.0.0.1:9", "apiKey": "hunter2"}]
    status, said = check(SIDETRACK_SERVERS=json.dumps(servers))
    assert status == 1 and found(said, "server") == ["ok", "problem", "problem"]
    assert "shed" in said["server"][2][1]


def test_what_others_say_moves_no_terminal(check: Check, world: World) -> None:
    world.jellyfin.fault(route="/System/Info/Public", body=json.dumps(
        {"ServerName": "\x1b[2J evil\n", "Version": "12.0.0", "Id": "0" * 32}))
    try:
        _, said = check()
    finally:
        world.jellyfin.clear_faults()
    assert "?[2J evil?" in said["jellyfin"][0][1]


def test_the_data_folder(check: Check, tmp_path: pathlib.Path) -> None:
    status, said = check(SIDETRACK_DATA=str(tmp_path / "not-there"))
    assert status == 0 and "will be made" in said["data"][0][1]
    (tmp_path / "file").write_text("")
    status, said = check(SIDETRACK_DATA=str(tmp_path / "file"))
    assert status == 1 and found(said, "data") == ["problem"]
    assert not list(tmp_path.glob(".check-*"))


def test_redis(check: Check, tmp_path: pathlib.Path) -> None:
    redis = Redis(tmp_path)
    try:
        status, said = check(SIDETRACK_REDIS_URL=redis.url())
        assert status == 0 and "version" in said["redis"][0][1]
        assert "sesame" not in said["redis"][0][1]
        status, said = check(SIDETRACK_REDIS_URL=redis.url().replace("sesame", "hunter2"))
        assert status == 1 and found(said, "redis") == ["problem"]
    finally:
        redis.kill()
    status, said = check(SIDETRACK_REDIS_URL="redis://somebody:hunter2@127.0.0.1:9")
    assert status == 1 and found(said, "redis") == ["problem"]


def test_providers_in_trouble(check: Check, world: World, lrclib: StandIn) -> None:
    world.deezer.fault(status=500)
    lrclib.fault(status=502)
    try:
        status, said = check()
    finally:
        world.deezer.clear_faults()
        lrclib.clear_faults()
    assert status == 1
    assert found(said, "deezer") == ["problem"] and found(said, "lrclib") == ["problem"]
    status, said = check(SIDETRACK_PROVIDERS="none", SIDETRACK_LRCLIB="off")
    assert status == 0 and "deezer" not in said and found(said, "lrclib") == ["off"]


def test_accounts_that_give_whole_songs(check: Check, qobuz: StandIn) -> None:
    status, said = check(SIDETRACK_DEEZER_ARL=ARL, SIDETRACK_DEEZER_SECRET=SECRET,
                         SIDETRACK_QOBUZ_URL=qobuz.url, SIDETRACK_QOBUZ_APP_ID="123456789",
                         SIDETRACK_QOBUZ_APP_SECRET=SECRET * 2, SIDETRACK_QOBUZ_TOKEN=TOKEN)
    assert status == 0, said
    for provider in ("deezer", "qobuz"):
        assert found(said, provider) == ["ok", "ok"]
        assert said[provider][1][1] == "the account of everybody gives whole songs"


@pytest.mark.parametrize("changes, reason", [
    ({"SIDETRACK_DEEZER_SECRET": "0000000000000000"}, "SIDETRACK_DEEZER_SECRET is wrong"),
    ({"SIDETRACK_DEEZER_ARL": "f" * 192}, "the ARL is not or no longer good"),
])
def test_a_wrong_secret_or_account_is_told_apart(check: Check, changes: dict[str, str], reason: str) -> None:
    status, said = check(**{"SIDETRACK_DEEZER_ARL": ARL, "SIDETRACK_DEEZER_SECRET": SECRET, **changes})
    assert status == 1
    assert found(said, "deezer") == ["ok", "problem"] and reason in said["deezer"][1][1]


def test_an_account_that_gives_nothing_is_told_with_its_reason(check: Check, world: World) -> None:
    world.deezer.fault(route="gw-light|get_url", status=500)
    try:
        status, said = check(SIDETRACK_DEEZER_ARL=f"alice={ARL}", SIDETRACK_DEEZER_SECRET=SECRET)
    finally:
        world.deezer.clear_faults()
    assert status == 1
    assert found(said, "deezer") == ["ok", "problem"]
    assert "the account of alice" in said["deezer"][1][1]


def test_it_runs_beside_the_program_and_with_flags(check: Check, world: World,
                                                   settings: dict[str, str | None]) -> None:
    status, said = check("--data", str(settings["SIDETRACK_DATA"]))
    assert status == 0 and found(said, "data") == ["ok"]
    wait_for(world.sidetrack.is_ready, 5, "it still serves")


def test_a_bad_setting_is_told_as_ever(check: Check) -> None:
    done = subprocess.run([str(binary()), "check", "--no-such-flag", "1"], text=True, capture_output=True,
                          timeout=30, env={"JELLYFIN_URL": "http://127.0.0.1:9"})
    assert done.returncode == 2 and "no-such-flag" in done.stderr
    done = subprocess.run([str(binary()), "--help"], text=True, capture_output=True, timeout=30)
    assert "sidetrack check" in done.stdout
