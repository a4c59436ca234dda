"""At start: does Jellyfin believe our X-Forwarded-For, and does it send clients past us?"""
from __future__ import annotations

from typing import Callable, Iterator

import pytest

from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

from .conftest import World

Start = Callable[..., Sidetrack]


def said(process: Sidetrack, event: str) -> list[str]:
    return [line for line in list(process.lines) if f" event={event} " in f"{line} "]


@pytest.fixture
def trusting() -> Iterator[StandIn]:
    process = StandIn("jellyfin", "--known-proxies", "--base-path", "/jf")
    yield process
    assert process.stop() == 0, process.stderr


def test_a_jellyfin_that_does_not_know_us_is_warned_of(world: World, start_sidetrack: Start) -> None:
    process = start_sidetrack()
    wait_for(lambda: said(process, "forwarded_for_ignored"), 10, "the warning")
    line, = said(process, "forwarded_for_ignored")
    assert "level=warn" in line and "Known proxies" in line
    assert not said(process, "forwarded_for_believed")


def test_a_jellyfin_that_knows_us_is_not(start_sidetrack: Start, trusting: StandIn) -> None:
    process = start_sidetrack({"JELLYFIN_URL": trusting.url})
    wait_for(lambda: said(process, "forwarded_for_believed"), 10, "the finding")
    assert not said(process, "forwarded_for_ignored")


def test_no_credential_is_used(world: World, start_sidetrack: Start) -> None:
    before = len(world.jellyfin.requests("^GET /web$"))
    process = start_sidetrack()
    wait_for(lambda: said(process, "forwarded_for_ignored"), 10, "the warning")
    asked = world.jellyfin.requests("^GET /web$")[before:]
    assert len(asked) == 1
    names = {name.lower() for name, _ in asked[0]["headers"]}
    assert not names & {"authorization", "x-emby-authorization", "x-emby-token", "cookie"}


def test_an_address_that_leads_past_us_is_said_once(world: World, start_sidetrack: Start) -> None:
    process = start_sidetrack()
    wait_for(lambda: said(process, "forwarded_for_ignored"), 10, "the checks")
    line, = said(process, "local_address_leads_past")
    assert world.jellyfin.url in line and "SIDETRACK_PUBLIC_URL" in line


def test_an_address_that_is_replaced_needs_no_word(start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_PUBLIC_URL": "https://media.example.org"})
    wait_for(lambda: said(process, "forwarded_for_ignored"), 10, "the checks")
    assert not said(process, "local_address_leads_past")
