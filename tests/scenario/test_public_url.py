"""SIDETRACK_PUBLIC_URL: clients are told this address instead of Jellyfin's own."""
from __future__ import annotations

from typing import Callable

import pytest

from tests.support.client import Client
from tests.support.http import Answer, send
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, saying
from tests.support.waiting import wait_for

from .conftest import World

PATHS = ("/System/Info", "/System/Info/Public", "/system/info/public?x=1")
PUBLIC_URL = "https://media.example.org/music"
Start = Callable[..., Sidetrack]


def shown(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """What does not differ between two answers of the same server."""
    headers = [(name, value) for name, value in answer.headers.items()
               if name not in ("Date", "Content-Length", "Transfer-Encoding")]
    return answer.status, sorted(headers), answer.body


@pytest.mark.parametrize("path", PATHS)
def test_the_address_is_replaced_and_nothing_else(world: World, start_sidetrack: Start, path: str) -> None:
    process = start_sidetrack({"SIDETRACK_PUBLIC_URL": PUBLIC_URL + "/"})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    for origin in ({}, {"Origin": "http://example.org"}):
        status, headers, body = shown(world.admin.get(path, headers=origin))
        expected = body.replace(f'"{world.jellyfin.url}"'.encode(), f'"{PUBLIC_URL}"'.encode())
        assert expected != body
        through = world.admin.through(process.url).get(path, headers={"Accept-Encoding": "gzip", **origin})
        assert shown(through) == (status, headers, expected)


@pytest.mark.parametrize("path", PATHS)
def test_unset_it_is_left_alone(world: World, path: str) -> None:
    through = world.admin.through(world.sidetrack.url).get(path)
    assert shown(through) == shown(world.admin.get(path))
    assert through.json()["LocalAddress"] == world.jellyfin.url


def test_a_refusal_stays_jellyfins(world: World, start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_PUBLIC_URL": PUBLIC_URL})
    stranger = Client(process.url, world.device_id())
    assert shown(stranger.get("/System/Info")) == shown(stranger.through(world.jellyfin.url).get("/System/Info"))
    assert stranger.get("/System/Info").status == 401


def test_what_jellyfin_says_amid_its_start_arrives_whole(start_sidetrack: Start) -> None:
    upstream = RawUpstream()
    try:
        process = start_sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_PUBLIC_URL": PUBLIC_URL})
        upstream.handlers["/System/Info/Public"] = saying(
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nMessage: Starting\r\n"
            b"Content-Type: text/html\r\nContent-Length: 5\r\n\r\n<p>no")
        answer = send(process.url, "GET", "/System/Info/Public")
        assert (answer.status, answer.body) == (503, b"<p>no")
        assert (answer.header("Retry-After"), answer.header("Message")) == ("5", "Starting")
    finally:
        upstream.stop()
