"""Nothing that two servers could read in two ways goes further than here."""
from __future__ import annotations

import re
from typing import Iterator

import pytest

from tests.support.connection import Connection
from tests.support.processes import Sidetrack
from tests.support.recorder import Recorder
from tests.support.waiting import wait_for

from .malformed import CLOSED, OPEN, TABLE, UPSTREAM, Outcome, Row

CUT_LIMIT = 1_000  # longer ones do not get more interesting by being cut into single bytes
OURS = re.compile(rb"(?i)^X-Forwarded-(For|Proto|Host):[^\r]*\r\n", re.MULTILINE)
FENCE = b"GET /fence HTTP/1.1\r\nHost: fence\r\n\r\n"
SEEN_FENCE = b"GET /fence HTTP/1.1"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(upstream: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_DEEZER_URL": upstream.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data")),
                         "SIDETRACK_WORKERS": "1"})  # so that a fence is behind everything
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield process
    process.finish()


def status_of(head: bytes) -> int:
    assert re.match(rb"HTTP/1\.1 \d\d\d ", head), head
    return int(head[9:12])


def converse(url: str, row: Row, piece: int) -> tuple[tuple[int, ...], str]:
    """Says what the row says, then, if the connection still stands, asks for the fence. The
    statuses that came before the fence's answer, and whether there was one."""
    most = max(len(outcome.statuses) for outcome in row.outcomes)
    to_head = row.said.startswith(b"HEAD ")
    statuses: list[int] = []
    with Connection(url) as client:
        speaker = client.say_aside(row.said, piece)
        if row.ends:
            speaker.join()
            client.say_end()
        while True:
            answer = client.hear_answer(to_head=to_head and not statuses)
            if answer is None:
                return tuple(statuses), CLOSED
            head, _ = answer
            if SEEN_FENCE in head:
                return tuple(statuses), OPEN
            statuses.append(status_of(head))
            if len(statuses) == most and not row.ends:
                client.say_aside(FENCE)


def without_ours(request: bytes) -> bytes:
    """The request without the three headers that only we may set; each is there once."""
    head, end, body = request.partition(b"\r\n\r\n")
    names = sorted(name.lower() for name in OURS.findall(head + b"\r\n"))
    if names != [b"for", b"host", b"proto"] or b"\r\nX-Forwarded-For: 127.0.0.1\r\n" not in request:
        return b"forwarded wrongly: " + request
    return OURS.sub(b"", head + b"\r\n") + end[2:] + body


def as_seen(request: bytes, authority: str) -> bytes:
    """A request of the table, as our writer spells it: one blank behind each colon."""
    head, end, body = request.partition(b"\r\n\r\n")
    head = re.sub(rb"(?m)^([^:\r\n ]+):[ \t]*", rb"\1: ", head)
    return (head + end + body).replace(UPSTREAM.encode(), authority.encode())


def check(proxy: Sidetrack, upstream: Recorder, row: Row, piece: int) -> None:
    upstream.take()
    statuses, connection = converse(proxy.url, row, piece)
    with Connection(proxy.url) as other:  # the next client is not harmed, and everything has arrived
        other.say(FENCE)
        answer = other.hear_answer()
        assert answer is not None and SEEN_FENCE in answer[0]
    seen = [without_ours(request) for request in upstream.take() if not request.startswith(SEEN_FENCE)]
    wanted = [Outcome(outcome.statuses, outcome.connection,
                      tuple(as_seen(request, upstream.authority) for request in outcome.seen))
              for outcome in row.outcomes]
    got = Outcome(statuses, connection, tuple(seen))
    assert got in wanted, f"got {got}\nwanted one of {wanted}"


@pytest.mark.parametrize("name", TABLE)
def test_a_request_is_read_in_one_way_or_refused(proxy: Sidetrack, upstream: Recorder, name: str) -> None:
    row = TABLE[name]
    check(proxy, upstream, row, len(row.said))


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if len(row.said) <= CUT_LIMIT])
def test_it_makes_no_difference_how_the_bytes_arrive(proxy: Sidetrack, upstream: Recorder, name: str) -> None:
    check(proxy, upstream, TABLE[name], 1)
