"""Deezer with an account: whole songs, their words, and what happens when the account is not good."""
from __future__ import annotations

import secrets
from typing import Any, Callable, Iterator

import pytest

from tests.support import prometheus
from tests.support.client import Client, FinampLike
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

from .conftest import World

Start = Callable[..., Sidetrack]

# Made up for this run, as the stand-in wants them.
SECRET = secrets.token_hex(8)
HOUSEHOLD = secrets.token_hex(96)
CONFIDENTIAL = ("arl=", "sid=", "-stand-in-", SECRET, HOUSEHOLD)


def song(number: int) -> str:
    return f"657874011100{number:020x}"


STRONGER, ONE_MORE, AERODYNAMIC, DIGITAL_LOVE = song(3135556), song(3135553), song(3135554), song(3135555)


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{HOUSEHOLD}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_DEEZER_ARL": HOUSEHOLD, "SIDETRACK_DEEZER_SECRET": SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url}


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def logged_in(process: Sidetrack, user: str) -> FinampLike:
    client = FinampLike(process.url, f"device-{secrets.token_hex(4)}", "Pixel")
    client.log_in(user)
    return client


def calls(deezer: StandIn, method: str) -> int:
    return deezer.control("GET", "counters").get(method, 0)


def without_secrets(process: Sidetrack) -> bool:
    return not any(word in process.stderr for word in CONFIDENTIAL)


def test_words_come_through_the_account_with_their_times(world: World, client: FinampLike) -> None:
    answer = client.get(f"/Audio/{STRONGER}/Lyrics").json()
    assert [(line["Text"], line.get("Start")) for line in answer["Lyrics"][:3]] == [
        ("Harder, Better, Faster, Stronger, line 1", 0), ("", 80_000_000),
        ("Harder, Better, Faster, Stronger, line 2", 100_000_000)]
    world.deezer.control("POST", "song", id=3135553, lyrics="text")
    answer = client.get(f"/Audio/{ONE_MORE}/Lyrics").json()
    assert answer["Lyrics"][1]["Text"] == "One More Time, line 2"
    assert "Start" not in answer["Lyrics"][1]
    assert without_secrets(world.sidetrack)


def test_an_arl_without_a_secret_ends_it_with_a_sentence(start_sidetrack: Start) -> None:
    for missing, other in (("SECRET", "ARL"), ("ARL", "SECRET")):
        process = start_sidetrack({f"SIDETRACK_DEEZER_{missing}": None}, wait=False)
        assert process.wait_exit(10) != 0
        assert f"SIDETRACK_DEEZER_{other} is set without SIDETRACK_DEEZER_{missing}" in process.stderr
        assert without_secrets(process)
