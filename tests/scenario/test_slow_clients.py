"""Time: who may take long, who may not, and how many at once. The clock is moved, nobody waits."""
from __future__ import annotations

import contextlib
import pathlib
import threading
from typing import Callable, Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import stays_true, wait_for

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
MEGABYTE = 1 << 20
LONG = 64 * MEGABYTE  # more than any socket on the way holds
STEP = 65536
OK = b"HTTP/1.1 200 OK\r\n"
GOOD = OK + b"Content-Length: 4\r\n\r\ngood"
HEADER_S, IDLE_S, STALL_S, SILENCE_S = 15, 120, 600, 300  # the defaults
SLACK_S = 8  # real time passes as well
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
UPGRADE = get("/socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
Start = Callable[..., Sidetrack]


@pytest.fixture(scope="module")
def upstream() -> Iterator[RawUpstream]:
    server = RawUpstream()
    server.other = saying(GOOD)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(upstream: RawUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = started(upstream, tmp_path_factory.mktemp("data"))
    yield process
    process.finish()


@pytest.fixture
def start(upstream: RawUpstream, tmp_path: pathlib.Path) -> Iterator[Start]:
    processes: list[Sidetrack] = []

    def start(**settings: str) -> Sidetrack:
        processes.append(started(upstream, tmp_path, **settings))
        return processes[-1]

    yield start
    for process in processes:
        process.finish()


def started(upstream: RawUpstream, data: pathlib.Path, **settings: str) -> Sidetrack:
    """One worker: what is asked behind the clock's move is answered behind its timers."""
    process = Sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_DEEZER_URL": upstream.url,
                         "SIDETRACK_DATA": str(data), "SIDETRACK_WORKERS": "1", "SIDETRACK_LOG_LEVEL": "info",
                         **settings})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    return process


def expect_good(client: Connection) -> None:
    client.say(get("/good"))
    assert client.hear(len(GOOD)) == GOOD


def expect_timeout(client: Connection) -> None:
    answer = client.hear_answer()
    assert answer is not None and answer[0].startswith(b"HTTP/1.1 408 ")
    assert client.ends()


# Requests that do not come


def test_a_head_that_drips_in_is_given_up(proxy: Sidetrack) -> None:
    """A byte now and then keeps nobody waiting for longer than a whole head may take."""
    head = get("/good", "X: " + "x" * 100)
    drips = 4  # few, for real time passes as well
    with Connection(proxy.url) as client:
        for drip in range(drips):
            client.say(head[drip:drip + 1])
            assert client.is_quiet()
            proxy.advance(SECOND)
        proxy.advance((HEADER_S - drips + 1) * SECOND)
        expect_timeout(client)


def test_drips_of_many_clients_harm_nobody_else(proxy: Sidetrack) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Connection(proxy.url)) for _ in range(200)]
        for client in clients:
            client.say(b"GET /good HTTP/1.1\r\nHost: h\r\nX: ")
        with Connection(proxy.url) as other:
            expect_good(other)
            for _ in range(HEADER_S + 1):
                for client in clients[:20]:
                    with contextlib.suppress(OSError):  # the last time, perhaps
                        client.say(b"x")
                proxy.advance(SECOND)
            for client in clients:
                assert client.hear_all().startswith(b"HTTP/1.1 408 ")
            expect_good(other)


def test_the_head_of_the_second_request_has_the_same_time(proxy: Sidetrack) -> None:
    with Connection(proxy.url) as client:
        expect_good(client)
        proxy.advance(100 * SECOND)
        client.say(b"GET /good HTTP/1.1\r\nHost: h\r\n")
        assert client.is_quiet()
        proxy.advance((HEADER_S - SLACK_S) * SECOND)
        client.say(b"\r\n")
        assert client.hear(len(GOOD)) == GOOD
        client.say(b"GET /good HTTP/1.1\r\nHost: h\r\n")
        assert client.is_quiet()
        proxy.advance((HEADER_S + 1) * SECOND)
        expect_timeout(client)


@pytest.mark.parametrize("used", [False, True], ids=["never used", "used"])
def test_an_idle_connection_is_closed_without_a_word(proxy: Sidetrack, used: bool) -> None:
    with Connection(proxy.url) as client:
        if used:
            expect_good(client)
        proxy.advance((IDLE_S - SLACK_S) * SECOND)
        assert client.is_quiet()
        proxy.advance((SLACK_S + 1) * SECOND)
        assert client.hear_all() == b""


def test_a_slow_upload_may_take_an_hour(proxy: Sidetrack, upstream: RawUpstream) -> None:
    bodies: list[bytes] = []

    def keep(talk: Talk) -> None:
        bodies.append(talk.body)
        talk.say(GOOD)

    upstream.handlers["/slow-upload"] = keep
    piece, count = bytes(200_000), 36  # 2 KB/s
    with Connection(proxy.url) as client:
        client.say(get("/slow-upload", f"Content-Length: {count * len(piece)}", method="POST"))
        for number in range(count):
            assert client.is_quiet()
            client.say(piece)
            if number < count - 1:
                proxy.advance(100 * SECOND)
        assert client.hear(len(GOOD)) == GOOD
    assert bodies == [piece * count]


def test_an_upload_that_drips_for_ever_is_given_up(proxy: Sidetrack, upstream: RawUpstream) -> None:
    """Each byte in time, but far below 1 KB/s once five minutes have passed."""
    with Connection(proxy.url) as client:
        client.say(get("/dripped", "Content-Length: 100", method="POST"))
        for _ in range(5):
            client.say(b"x")
            assert client.is_quiet()
            proxy.advance(MINUTE)
        client.say(b"x")
        proxy.advance(MINUTE)
        expect_timeout(client)
    assert "/dripped" not in upstream.calls


@pytest.mark.parametrize("framing, start", [("Content-Length: 100", b"x"), ("Transfer-Encoding: chunked", b"5\r\nab"),
                                            ("Transfer-Encoding: chunked", b"5")],
                         ids=["length", "chunk", "size"])
def test_an_upload_that_stops_is_given_up(proxy: Sidetrack, upstream: RawUpstream, framing: str,
                                          start: bytes) -> None:
    before = upstream.calls.get("/stopped", 0)
    with Connection(proxy.url) as client:
        client.say(get("/stopped", framing, method="POST") + start)
        assert client.is_quiet()
        proxy.advance((IDLE_S + 1) * SECOND)
        expect_timeout(client)
    assert upstream.calls.get("/stopped", 0) == before


# Answers that are not taken


class Pour:
    """A long answer, and how much of it has been taken from us."""

    def __init__(self, upstream: RawUpstream) -> None:
        self.poured = 0
        upstream.handlers["/pour"] = self._pour

    def _pour(self, talk: Talk) -> None:
        self.poured = 0
        block = bytes(range(256)) * (STEP // 256)
        if "chunked" in talk.target:
            talk.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
            block = b"%x\r\n" % STEP + block + b"\r\n"
        else:
            talk.say(OK + b"Content-Length: %d\r\n\r\n" % LONG)
        for _ in range(LONG // STEP):
            talk.say(block)
            self.poured += STEP
        if "chunked" in talk.target:
            talk.say(b"0\r\n\r\n")

    def begin(self, client: Connection, path: str) -> int:
        """A player that has begun and takes no more; how many bytes of the body are still to come."""
        client.say(get(path))
        client.hear_head()
        client.hear(100_000)
        self.wait_until_stuck()
        whole = LONG + 9 * (LONG // STEP) + 5 if "chunked" in path else LONG
        return whole - 100_000

    def wait_until_stuck(self) -> None:
        """Nothing moves any more: every buffer on the way is full."""
        def still() -> bool:
            poured = self.poured
            with contextlib.suppress(AssertionError):
                stays_true(lambda: self.poured == poured, 0.2)
                return poured > 0
            return False
        wait_for(still, 10, "the stream is stuck")


@pytest.fixture
def pour(upstream: RawUpstream) -> Pour:
    return Pour(upstream)


PATHS = pytest.mark.parametrize("path", ["/pour?length", "/pour?chunked"])


@PATHS
def test_a_paused_player_goes_on_where_it_was(start: Start, pour: Pour, path: str) -> None:
    proxy = start(SIDETRACK_WRITE_STALL_MS=str(4 * HOUR))
    with Connection(proxy.url, receive_bytes=32 * 1024) as client:
        left = pour.begin(client, path)
        for _ in range(3):
            proxy.advance(HOUR)
        proxy.advance(50 * MINUTE)
        assert len(client.hear(left)) == left
        expect_good(client)


@PATHS
def test_a_player_that_never_goes_on_is_gone(proxy: Sidetrack, pour: Pour, path: str) -> None:
    with Connection(proxy.url, receive_bytes=32 * 1024) as client:
        left = pour.begin(client, path)
        proxy.advance((STALL_S - 60) * SECOND)
        with Connection(proxy.url) as other:
            expect_good(other)
        proxy.advance(61 * SECOND)
        assert len(client.hear_all()) < left


@PATHS
def test_a_player_that_takes_a_little_now_and_then_stays(proxy: Sidetrack, pour: Pour, path: str) -> None:
    with Connection(proxy.url, receive_bytes=32 * 1024) as client:
        left = pour.begin(client, path)
        for _ in range(4):
            proxy.advance((STALL_S - 60) * SECOND)
            poured = pour.poured
            left -= len(client.hear(6 * MEGABYTE))
            wait_for(lambda: pour.poured > poured, 5, "it goes on")
            pour.wait_until_stuck()
        assert len(client.hear(left)) == left


# Jellyfin's silence


def test_a_jellyfin_that_hangs_is_a_504(proxy: Sidetrack, upstream: RawUpstream) -> None:
    asked, left = threading.Event(), []

    def hang(talk: Talk) -> None:
        asked.set()
        left.append(talk.wait_until_left())

    upstream.handlers["/hang"] = hang
    with Connection(proxy.url) as client:
        client.say(get("/hang"))
        assert asked.wait(5)
        proxy.advance((SILENCE_S - SLACK_S) * SECOND)
        assert client.is_quiet()
        proxy.advance((SLACK_S + 1) * SECOND)
        answer = client.hear_answer()
        assert answer is not None and answer[0].startswith(b"HTTP/1.1 504 ")
        expect_good(client)
    wait_for(lambda: left == [True], 5, "the upstream is let go")


def test_a_jellyfin_that_hangs_amid_an_answer_breaks_the_transfer(proxy: Sidetrack, upstream: RawUpstream) -> None:
    def half(talk: Talk) -> None:
        talk.say(OK + b"Content-Length: 10\r\n\r\nhalf")
        talk.wait_until_left()

    upstream.handlers["/half"] = half
    with Connection(proxy.url) as client:
        client.say(get("/half"))
        client.hear_head()
        assert client.hear(4) == b"half"
        proxy.advance((SILENCE_S + 1) * SECOND)
        assert client.ends()


def test_an_idle_connection_to_jellyfin_is_not_kept_for_ever(start: Start, upstream: RawUpstream) -> None:
    left: list[bool] = []

    def answer_and_wait(talk: Talk) -> None:
        talk.say(GOOD)
        left.append(talk.wait_until_left())

    upstream.handlers["/kept"] = answer_and_wait
    proxy = start()
    with Connection(proxy.url) as client:
        client.say(get("/kept"))
        assert client.hear(len(GOOD)) == GOOD
        proxy.advance(30 * SECOND)
        assert not left
        proxy.advance(31 * SECOND)
        wait_for(lambda: left == [True], 5, "it is closed after a minute")


# Sockets


def test_a_socket_may_be_silent_for_hours(proxy: Sidetrack, upstream: RawUpstream) -> None:
    said: list[bytes] = []
    speak = threading.Event()

    def be_silent(talk: Talk) -> None:
        talk.say(SWITCH)
        speak.wait(10)
        talk.say(b"\x81\x05hello")
        said.append(talk.read(11))
        talk.wait_until_left()

    upstream.handlers["/socket"] = be_silent
    with Connection(proxy.url) as client:
        client.say(UPGRADE)
        assert client.hear(len(SWITCH)) == SWITCH
        for _ in range(8):
            proxy.advance(HOUR)
        assert client.is_quiet()
        speak.set()
        assert client.hear(7) == b"\x81\x05hello"
        client.say(b"\x81\x85maskhello")
        wait_for(lambda: said == [b"\x81\x85maskhello"], 5, "the upstream hears it")


# How many at once

CAP = 8


def test_who_has_been_idle_for_longest_makes_room(start: Start) -> None:
    proxy = start(SIDETRACK_CONNECTIONS=str(CAP))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Connection(proxy.url))]
        for _ in range(2 * CAP):
            expect_good(clients[0])  # never idle for longest
            clients.append(stack.enter_context(Connection(proxy.url)))
            expect_good(clients[-1])
        for client in (clients[0], clients[-1]):
            expect_good(client)
        for client in clients[1:-CAP + 1]:
            assert client.hear_all() == b""


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_when_all_are_at_work_newcomers_wait(start: Start, upstream: RawUpstream, connection: str) -> None:
    at_work: list[Talk] = []
    go_on = threading.Event()

    def work(talk: Talk) -> None:
        at_work.append(talk)
        go_on.wait(10)
        talk.say(GOOD)

    upstream.handlers["/work"] = work
    proxy = start(SIDETRACK_CONNECTIONS=str(CAP))
    with contextlib.ExitStack() as stack:
        clients = []
        for number in range(2 * CAP):
            clients.append(stack.enter_context(Connection(proxy.url)))
            clients[-1].say(get("/work", f"Connection: {connection}"))
            wait_for(lambda: len(at_work) >= min(number + 1, CAP - 1), 5, "who is let in is at work")
        stays_true(lambda: len(at_work) <= CAP, 0.2, "no more than the limit are let in")
        go_on.set()
        for client in clients:
            answer = client.hear_answer()
            assert answer is not None and answer[1] == b"good"
