"""test_clients.py with Qobuz: a listener of hi-res, one whose account gives MP3 only, and one without."""
from __future__ import annotations

import secrets
from typing import Iterator

import pytest

from tests.support.players import Player
from tests.support.processes import StandIn

from .conftest import World
# pylint: disable=unused-import
from .test_clients import (kind, test_it_plays_what_it_was_told_and_shows_it, test_it_searches_and_browses,  # noqa: F401
                           test_what_plays_is_what_was_said)

APP = str(secrets.randbelow(10**9)).zfill(9)
SECRET = secrets.token_hex(16)
ALICE, BOB = secrets.token_hex(32), secrets.token_hex(32)
LISTENERS = {"hi-res": "alice", "lossy": "bob"}


@pytest.fixture(scope="module")
def qobuz() -> Iterator[StandIn]:
    process = StandIn("qobuz", "--app", APP, "--secret", SECRET, "--account", f"{ALICE}:hires",
                      "--account", f"{BOB}:lossy")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], qobuz: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_PROVIDERS": "qobuz", "SIDETRACK_QOBUZ_URL": qobuz.url,
            "SIDETRACK_QOBUZ_APP_ID": APP, "SIDETRACK_QOBUZ_APP_SECRET": SECRET,
            "SIDETRACK_QOBUZ_TOKEN": f"alice={ALICE};bob={BOB}"}


@pytest.fixture(params=LISTENERS)
def player(world: World, qobuz: StandIn, kind: type[Player],  # noqa: F811
           request: pytest.FixtureRequest) -> Player:
    qobuz.advance(6000)  # as the others have: its signatures are dated
    found = kind(world.sidetrack.url, world.device_id(), "Pixel")
    found.log_in(LISTENERS[request.param])
    return found
