"""Nothing that two servers could read in two ways goes further than here."""
from __future__ import annotations

import random
import re
import threading
from typing import Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.recorder import Recorder
from tests.support.waiting import wait_for

from .malformed import CLOSED, OPEN, TABLE, UPSTREAM, Outcome, Row
from .malformed_answers import REFUSED
from .malformed_answers import TABLE as ANSWERS

CUT_LIMIT = 1_000  # longer ones do not get more interesting by being cut into single bytes
OURS = re.compile(rb"(?i)^X-Forwarded-(For|Proto|Host):[^\r]*\r\n", re.MULTILINE)
FENCE = b"GET /fence HTTP/1.1\r\nHost: fence\r\n\r\n"
SEEN_FENCE = b"GET /fence HTTP/1.1"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"


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


# The other way round: what an upstream says


@pytest.fixture(scope="module")
def liar() -> Iterator[RawUpstream]:
    server = RawUpstream()
    server.handlers["/good"] = saying(GOOD)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def before_liar(liar: RawUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({"JELLYFIN_URL": liar.url, "SIDETRACK_DEEZER_URL": liar.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data")),
                         "SIDETRACK_WORKERS": "1"})  # so that the next client meets the same connections
    yield process
    process.finish()


def expect_own_answer(client: Connection) -> None:
    client.say(get("/good"))
    assert client.hear(len(GOOD)) == GOOD
    assert client.is_quiet()


@pytest.mark.parametrize("name, piece", [
    pytest.param(name, piece, id=f"{name}-{how}") for name, answer in ANSWERS.items()
    for piece, how in ((0, "whole"), (1, "cut")) if not piece or not (answer.at_once or len(answer.said) > CUT_LIMIT)])
def test_an_answer_is_read_in_one_way_or_refused(before_liar: Sidetrack, liar: RawUpstream, name: str,
                                                 piece: int) -> None:
    answer = ANSWERS[name]

    def lie(talk: Talk) -> None:
        for start in range(0, len(answer.said), piece or len(answer.said) or 1):
            talk.say(answer.said[start:start + (piece or len(answer.said))])
        if answer.ends:
            talk.hang_up()

    liar.handlers["/lie"] = lie
    with Connection(before_liar.url) as client, Connection(before_liar.url) as other:
        client.say(get("/lie", *(["Connection: close"] if answer.broken else []),
                       method="HEAD" if answer.to_head else "GET"))
        if answer.heard == REFUSED:
            heard = client.hear_answer(to_head=answer.to_head)
            assert heard is not None and heard[0].startswith(REFUSED)
        elif answer.broken:
            heard_all = client.hear_all().replace(b"Connection: close\r\n", b"")
            # A mistake that is seen before the head has gone out is refused.
            assert heard_all.startswith(REFUSED) or (
                heard_all.startswith(answer.heard) and answer.said.startswith(heard_all))
        else:
            assert client.hear(len(answer.heard)) == answer.heard
        expect_own_answer(other)
        if not answer.broken:
            expect_own_answer(client)


@pytest.mark.parametrize("late", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\r\n", b"\0"])
def test_bytes_that_come_between_two_answers_reach_nobody(before_liar: Sidetrack, liar: RawUpstream,
                                                          late: bytes) -> None:
    heard, said = threading.Event(), threading.Event()

    def lie_later(talk: Talk) -> None:
        talk.say(GOOD)
        heard.wait(5)
        talk.say(late)
        said.set()

    liar.handlers["/later"] = lie_later
    with Connection(before_liar.url) as client:
        client.say(get("/later"))
        assert client.hear(len(GOOD)) == GOOD
        heard.set()
        assert said.wait(5)
        for _ in range(3):
            expect_own_answer(client)


# The place where a connection changes its protocol

UPGRADE = get("/socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
EARLY = b"\x81\x85maskhello"


def test_early_bytes_of_a_socket_wait_for_jellyfins_word(before_liar: Sidetrack, liar: RawUpstream) -> None:
    came: list[bytes] = []

    def agree(talk: Talk) -> None:
        talk.socket.settimeout(0.1)
        try:
            came.append(talk.read(1))
        except TimeoutError:
            came.append(b"")
        talk.socket.settimeout(10)
        talk.say(SWITCH)
        came.append(talk.read(len(EARLY)))
        talk.wait_until_left()

    liar.handlers["/socket"] = agree
    with Connection(before_liar.url) as client:
        client.say(UPGRADE + EARLY)
        assert client.hear(len(SWITCH)) == SWITCH
        wait_for(lambda: len(came) == 2, 5, "the upstream has heard the early bytes")
    assert came == [b"", EARLY]


def test_early_bytes_of_a_socket_that_is_refused_are_no_frames(before_liar: Sidetrack, liar: RawUpstream) -> None:
    liar.handlers["/socket"] = saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    liar.handlers["/good"] = saying(GOOD)
    with Connection(before_liar.url) as client:
        client.say(UPGRADE + get("/good"))
        refused = client.hear_answer()
        assert refused is not None and status_of(refused[0]) == 403
        assert client.hear(len(GOOD)) == GOOD
    before = len(liar.heads)
    with Connection(before_liar.url) as client:
        client.say(UPGRADE + EARLY + b"\r\n\r\n")
        answers = client.hear_all()
    assert [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", answers)] == [403, 400]
    assert not any(b"hello" in head for head in liar.heads[before:])


# What nobody thought of

ODD = [b"\0", b"\t", b"\n", b"\r", b"\r\n", b"\r\n\r\n", b"\r\n ", b" ", b":", b",", b";", b"\x0b", b"\x7f", b"\x80",
       b"\xff", b"0", b"9", b"+", b"-", b"x", b"chunked", b"Host: evil\r\n", b"Content-Length: 1\r\n",
       b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"GET /evil HTTP/1.1\r\n"]
WELL_FORMED = re.compile(
    rb"(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) (/[^\0- \x7f]*|\*) HTTP/1\.1\r\n"
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\0-\x08\x0a-\x1f\x7f]*\r\n)+\r\n", re.DOTALL)


def mutated(source: random.Random, said: bytes) -> bytes:
    data = bytearray(said)
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        at = source.randrange(len(data))
        if (what := source.randrange(4)) == 0:
            data[at:at + source.choice([1, 1, 2, 8])] = b""
        elif what == 1:
            data[at:at + 1] = source.choice(ODD)
        elif what == 2:
            data[at:at] = source.choice(ODD)
        else:
            end = at + source.randrange(1, 40)
            data[at:at] = data[at:end]
    return bytes(data)


def count_of(head: bytes, name: bytes) -> int:
    return len(re.findall(rb"(?im)^" + name + rb"[ \t]*:", head))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_passes_is_well_formed(proxy: Sidetrack, upstream: Recorder, seed: int) -> None:
    source = random.Random(seed)
    bases = [row.said for row in TABLE.values() if len(row.said) < CUT_LIMIT]
    upstream.take()
    for _ in range(1000):
        said = mutated(source, source.choice(bases))
        with Connection(proxy.url) as client:
            client.say_aside(said).join()
            client.say_end()
            heard = client.hear_all()
        assert heard == b"" or heard.startswith(b"HTTP/1.1 "), f"{said!r} got {heard[:200]!r}"
        for request in upstream.take():
            head, end, body = request.partition(b"\r\n\r\n")
            assert WELL_FORMED.fullmatch(head + end), f"{said!r} became {request!r}"
            assert count_of(head, b"Host") == 1 and count_of(head, b"Transfer-Encoding") == 0, request
            length = re.search(rb"(?i)\r\nContent-Length: (\d+)(?=\r\n|$)", head)
            assert count_of(head, b"Content-Length") == (1 if length else 0), request
            assert len(body) == (int(length[1]) if length else 0), f"{said!r} became {request!r}"
    with Connection(proxy.url) as client:
        client.say(FENCE)
        assert client.hear_answer() is not None
