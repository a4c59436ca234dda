"""Jellyfin goes, hangs, lies, comes back and moves; clients get an answer, an honest error, or a
transfer that visibly breaks. Over plain TCP and over TLS."""
from __future__ import annotations

import contextlib
import dataclasses
import http.client
import pathlib
import socket
import threading
from typing import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.own_hosts import OwnHosts
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.tls_front import Authority
from tests.support.waiting import wait_for

SILENCE_MS = 60_000
CONNECT_MS = 5_000
QUEUE_MS = 10_000
MEGABYTE = 1 << 20
OK = b"HTTP/1.1 200 OK\r\n"
TWO = OK + b"Content-Length: 2\r\n\r\nok"
Start = Callable[..., Sidetrack]
SAFE, OTHERS = ("GET", "HEAD", "OPTIONS"), ("POST", "PUT", "DELETE", "PATCH")


@dataclasses.dataclass
class Pair:
    """A server whose every byte the test decides about, and the program in front of it."""

    jellyfin: RawUpstream
    sidetrack: Sidetrack

    def connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.sidetrack.url)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def deezer_url() -> str:
    """Nobody is asked."""
    return "http://127.0.0.1:9"


@pytest.fixture(scope="module", params=["http", "https"])
def pair(request: pytest.FixtureRequest, authority: Authority, deezer_url: str,
         tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    jellyfin = RawUpstream(certificate=authority.certificate("IP:127.0.0.1") if request.param == "https" else None)
    sidetrack = Sidetrack({
        "JELLYFIN_URL": jellyfin.url, "SIDETRACK_CA_FILE": str(authority.file), "SIDETRACK_WORKERS": "1",
        "SIDETRACK_DEEZER_URL": deezer_url, "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data")),
        "SIDETRACK_UPSTREAM_SILENCE_MS": str(SILENCE_MS), "SIDETRACK_UPSTREAM_CONNECT_MS": str(CONNECT_MS)})
    yield Pair(jellyfin, sidetrack)
    sidetrack.finish()
    jellyfin.stop()


@pytest.fixture
def start(authority: Authority, deezer_url: str, tmp_path: pathlib.Path) -> Iterator[Start]:
    started: list[Sidetrack] = []

    def start_one(url: str, through: list[str] | None = None, **changes: str) -> Sidetrack:
        process = Sidetrack({
            "JELLYFIN_URL": url, "SIDETRACK_CA_FILE": str(authority.file), "SIDETRACK_WORKERS": "1",
            "SIDETRACK_DEEZER_URL": deezer_url, "SIDETRACK_DATA": str(tmp_path / "data"), **changes}, through=through)
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.finish()


@pytest.fixture
def own_hosts(tmp_path: pathlib.Path) -> OwnHosts:
    hosts = OwnHosts(tmp_path)
    why = hosts.why_not()
    if why:
        pytest.skip(f"no hosts file of our own here: {why}")
    return hosts


class Background:
    """A request that is under way while the test goes on."""

    def __init__(self, sidetrack: Sidetrack, path: str, method: str = "GET", body: bytes | None = None) -> None:
        self.status = 0
        self.body = b""
        self.headers = http.client.HTTPMessage()
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(sidetrack, path, method, body), daemon=True)
        self._thread.start()

    def _run(self, sidetrack: Sidetrack, path: str, method: str, body: bytes | None) -> None:
        try:
            answer = sidetrack.send(method, path, body=body)
            self.status, self.body, self.headers = answer.status, answer.body, answer.headers
        except (OSError, http.client.HTTPException) as error:
            self.error = error

    def wait(self) -> Background:
        self._thread.join(15)
        assert not self._thread.is_alive(), "no answer and no end"
        return self


def metric(sidetrack: Sidetrack, name: str) -> int:
    lines = sidetrack.send("GET", "/metrics").text.splitlines()
    return sum(int(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


@contextlib.contextmanager
def serving(address: str, port: int = 0) -> Iterator[RawUpstream]:
    """A Jellyfin that says ok."""
    jellyfin = RawUpstream(address, port)
    jellyfin.handlers["/x"] = saying(TWO)
    yield jellyfin
    jellyfin.go_away()


# It goes and comes back


def test_a_restart_is_survived_without_a_failure_behind_it(pair: Pair) -> None:
    pair.jellyfin.handlers["/x"] = saying(TWO)
    client = pair.connect()
    for _ in range(3):
        client.request("GET", "/x")
        assert client.getresponse().read() == b"ok"
    pair.jellyfin.go_away()
    client.request("GET", "/x")
    answer = client.getresponse()
    assert (answer.status, b"jellyfin_unreachable" in answer.read()) == (502, True)
    pair.jellyfin.come_back()
    for method in ("GET", "POST"):
        client.request(method, "/x", b"body" if method == "POST" else None)
        assert client.getresponse().read() == b"ok"
    client.close()


def test_what_the_restart_pages_of_jellyfin_say_is_passed_on(pair: Pair) -> None:
    page = b"<html>Jellyfin is starting up</html>"
    said = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: %d\r\n\r\n" % len(page) + page
    pair.jellyfin.handlers["/starting"] = saying(said)
    answer = pair.sidetrack.send("GET", "/starting")
    assert (answer.status, answer.header("Retry-After"), answer.body) == (503, "5", page)


# It closes what we kept, just as we use it


def closing_on(method: str, times: int) -> Callable[[Talk], None]:
    """The first request of a connection is answered; one of `method` finds it closed, so often."""
    seen = []

    def handler(talk: Talk) -> None:
        if not talk.head.startswith(method.encode()):
            talk.say(TWO)
            return
        seen.append(1)
        if len(seen) <= times:
            talk.hang_up()
        else:
            talk.say(OK + b"Content-Length: 0\r\n\r\n")
    return handler


def race(pair: Pair, method: str, path: str, times: int, body: bytes | None = None) -> tuple[int, int]:
    """The status, and how often it was asked for in that way."""
    pair.jellyfin.handlers[path] = closing_on(method, times)
    other = "GET" if method != "GET" else "OPTIONS"
    assert pair.sidetrack.send(other, path).body == b"ok"  # a kept connection
    before = pair.jellyfin.calls[path]
    answer = pair.sidetrack.send(method, path, body=body)
    return answer.status, pair.jellyfin.calls[path] - before


@pytest.mark.parametrize("method", SAFE)
def test_what_is_safe_is_asked_once_more_and_no_more(pair: Pair, method: str) -> None:
    assert race(pair, method, f"/race-{method}", 1) == (200, 2)
    assert race(pair, method, f"/race-twice-{method}", 2) == (502, 2)


@pytest.mark.parametrize("method", OTHERS)
def test_what_changes_something_is_never_sent_twice(pair: Pair, method: str) -> None:
    assert race(pair, method, f"/race-{method}", 1) == (502, 1)
    assert race(pair, method, f"/race-body-{method}", 1, b"body") == (502, 1)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_nothing_with_a_body_is_sent_twice(pair: Pair, method: str) -> None:
    assert race(pair, method, f"/race-body-{method}", 1, b"body") == (502, 1)


def test_nothing_is_sent_twice_once_a_byte_of_the_answer_came(pair: Pair) -> None:
    def handler(talk: Talk) -> None:
        talk.say(TWO)
        if talk.read_request():
            pair.jellyfin.calls["/byte"] += 1
            talk.say(b"H")
            talk.hang_up()
    pair.jellyfin.handlers["/byte"] = handler
    assert pair.sidetrack.send("GET", "/byte").body == b"ok"
    before = pair.jellyfin.calls["/byte"]
    assert pair.sidetrack.send("GET", "/byte").status == 502
    assert pair.jellyfin.calls["/byte"] - before == 1


# It hangs


def advance_until_failed(pair: Pair) -> None:
    """Time passes in steps: what still moves when one is taken needs another."""
    failures = metric(pair.sidetrack, "sidetrack_relay_failures_total")
    while metric(pair.sidetrack, "sidetrack_relay_failures_total") == failures:
        pair.sidetrack.advance(SILENCE_MS + 1000)


def hanging(pair: Pair, path: str, said: bytes) -> tuple[threading.Event, list[bool]]:
    """It says this and then nothing; the event comes when it has, the list tells whether we left."""
    begun, left = threading.Event(), []

    def handler(talk: Talk) -> None:
        if said:
            talk.say(said)
        begun.set()
        left.append(talk.wait_until_left())
    pair.jellyfin.handlers[path] = handler
    return begun, left


def test_silence_before_the_head_is_a_504(pair: Pair) -> None:
    begun, left = hanging(pair, "/silent", b"")
    request = Background(pair.sidetrack, "/silent")
    assert begun.wait(5)
    pair.sidetrack.advance(SILENCE_MS + 1000)
    request.wait()
    assert request.status == 504 and b"jellyfin_timeout" in request.body
    wait_for(lambda: left == [True], 5, "the connection is closed")


@pytest.mark.parametrize("said", [
    OK + b"Content-Length: 10\r\n\r\nhalf",
    OK + b"Content-Length: 3000000\r\n\r\n" + b"x" * MEGABYTE,
    OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    OK + b"\r\nhalf",
], ids=["length", "long", "chunked", "until the end"])
def test_silence_amid_a_body_breaks_the_transfer(pair: Pair, said: bytes) -> None:
    begun, left = hanging(pair, "/hang", said)
    request = Background(pair.sidetrack, "/hang")
    assert begun.wait(5)
    advance_until_failed(pair)
    request.wait()
    assert request.error is not None, "the client took it for a whole answer"
    wait_for(lambda: left == [True], 5, "the connection is closed")


@pytest.mark.parametrize("said", [
    OK + b"Content-Length: 3000000\r\n\r\n" + b"x" * MEGABYTE,
    OK + b"Transfer-Encoding: chunked\r\n\r\n100000\r\n" + b"x" * 5000,
    OK + b"\r\n" + b"x" * 5000,
], ids=["length", "chunked", "until the end"])
def test_a_reset_amid_a_body_breaks_the_transfer(pair: Pair, said: bytes) -> None:
    pair.jellyfin.handlers["/reset"] = saying(said, Talk.slam)
    request = Background(pair.sidetrack, "/reset").wait()
    assert request.error is not None


# It says more than anybody wants to hear


def test_a_few_interim_answers_are_skipped_and_a_storm_is_refused(pair: Pair) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    pair.jellyfin.handlers["/hints"] = saying(hint * 5 + TWO)
    assert pair.sidetrack.send("GET", "/hints").body == b"ok"
    counts = []

    def storm(talk: Talk) -> None:
        counts.append(0)
        while True:
            talk.say(hint)
            counts[-1] += 1
    pair.jellyfin.handlers["/storm"] = storm
    assert pair.sidetrack.send("GET", "/storm").status == 502
    assert pair.sidetrack.send("GET", "/hints").body == b"ok"


def test_an_endless_head_is_refused(pair: Pair) -> None:
    ends = []

    def endless(talk: Talk) -> None:
        try:
            talk.say(OK)
            while True:
                talk.say(b"X-More: " + b"x" * 1000 + b"\r\n")
        except OSError:
            ends.append(True)
            raise
    pair.jellyfin.handlers["/endless"] = endless
    assert pair.sidetrack.send("GET", "/endless").status == 502
    wait_for(lambda: ends, 5, "nobody listens any more")


# Uploads that it does not want


@pytest.mark.parametrize("reads_on", [True, False], ids=["reads on", "hangs up"])
def test_an_answer_before_the_upload_is_over_arrives(pair: Pair, reads_on: bool) -> None:
    """Hanging up on what has not been read sends a reset behind the answer."""
    def refuse(talk: Talk) -> None:
        talk.say(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        while reads_on and talk.socket.recv(MEGABYTE):
            pass
    pair.jellyfin.on_head["/refused"] = refuse
    request = Background(pair.sidetrack, "/refused", "POST", b"x" * 20 * MEGABYTE).wait()
    assert (request.status, request.body) == (413, b"no")


def test_an_upload_that_nobody_reads_ends_in_time(pair: Pair) -> None:
    begun, over = threading.Event(), threading.Event()

    def ignore(_talk: Talk) -> None:
        begun.set()
        over.wait(15)
    pair.jellyfin.on_head["/ignored"] = ignore
    request = Background(pair.sidetrack, "/ignored", "POST", b"x" * 20 * MEGABYTE)
    assert begun.wait(5)
    advance_until_failed(pair)
    request.wait()
    over.set()
    assert request.status == 504


# Connecting


@pytest.fixture
def deaf() -> Iterator[str]:
    """Where nobody takes connections: those that wait for it are too many already."""
    with socket.socket() as listener, contextlib.ExitStack() as callers:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def mute() -> Iterator[str]:
    """Where connections are taken and nothing is ever said: no handshake ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("scheme, where", [("http", "deaf"), ("https", "deaf"), ("https", "mute")])
def test_a_connect_that_hangs_is_a_504_in_time(
        start: Start, request: pytest.FixtureRequest, scheme: str, where: str) -> None:
    sidetrack = start(f"{scheme}://{request.getfixturevalue(where)}",
                      SIDETRACK_UPSTREAM_CONNECT_MS=str(CONNECT_MS))
    asked = Background(sidetrack, "/x")
    # Only when it has begun to connect does the time count.
    wait_for(lambda: metric(sidetrack, "sidetrack_upstream_connections") == 1, 5, "it connects")
    sidetrack.advance(CONNECT_MS + 1000)
    asked.wait()
    assert asked.status == 504 and b"jellyfin_timeout" in asked.body


# It has two addresses, or another one


def test_of_two_addresses_the_one_that_lives_is_used(start: Start, own_hosts: OwnHosts) -> None:
    with serving("127.0.0.1") as jellyfin:
        own_hosts.say("::1 jellyfin.test", "127.0.0.1 jellyfin.test")
        sidetrack = start(f"http://jellyfin.test:{jellyfin.port}", own_hosts.command)
        wait_for(lambda: sidetrack.send("GET", "/x").status == 200, 5, "the name is known")
        for _ in range(5):
            assert sidetrack.send("POST", "/x").body == b"ok"


def test_an_address_that_dies_gives_way_to_the_other(start: Start, own_hosts: OwnHosts) -> None:
    with serving("127.0.0.2") as second, serving("127.0.0.3", second.port) as third:
        own_hosts.say("127.0.0.2 jellyfin.test", "127.0.0.3 jellyfin.test")
        sidetrack = start(f"http://jellyfin.test:{second.port}", own_hosts.command)
        wait_for(lambda: sidetrack.send("GET", "/x").status == 200, 5, "the name is known")
        for dying, living in ((second, third), (third, second)):
            dying.go_away()
            before = living.calls.get("/x", 0)
            for _ in range(3):
                assert sidetrack.send("GET", "/x").status == 200
            assert living.calls["/x"] - before == 3
            dying.come_back()


def test_jellyfin_is_followed_when_its_name_moves(start: Start, own_hosts: OwnHosts) -> None:
    with serving("127.0.0.2") as old, serving("127.0.0.3", old.port) as new:
        own_hosts.say("127.0.0.2 jellyfin.test")
        sidetrack = start(f"http://jellyfin.test:{old.port}", own_hosts.command)
        wait_for(lambda: sidetrack.send("GET", "/x").status == 200, 5, "the name is known")
        begun, go_on = threading.Event(), threading.Event()

        def slowly(talk: Talk) -> None:
            talk.say(OK + b"Content-Length: 4\r\n\r\nto")
            begun.set()
            go_on.wait(10)
            talk.say(b"ld")
        old.handlers["/slow"] = slowly
        under_way = Background(sidetrack, "/slow")
        assert begun.wait(5)
        assert sidetrack.send("GET", "/x").status == 200
        own_hosts.say("127.0.0.3 jellyfin.test")
        sidetrack.advance(31_000)
        wait_for(lambda: "event=host_moved" in sidetrack.stderr, 5, "the new address is known")
        before = old.calls["/x"]
        for _ in range(3):
            assert sidetrack.send("GET", "/x").status == 200
        assert (old.calls["/x"] - before, new.calls["/x"]) == (0, 3)
        # What was under way ends as it should, and its connection is not kept.
        go_on.set()
        assert under_way.wait().body == b"told"
        wait_for(lambda: old.open_to("/x") + old.open_to("/slow") == 0, 5, "nothing is kept to the old address")


# There are enough connections


class Gate:
    """Holds every request until it is opened, and counts."""

    def __init__(self, jellyfin: RawUpstream, path: str) -> None:
        self.opened = threading.Event()
        self.order: list[str] = []
        self.most = 0
        self._inside = 0
        self._lock = threading.Lock()
        jellyfin.handlers[path] = self._hold

    @property
    def inside(self) -> int:
        with self._lock:
            return self._inside

    def _hold(self, talk: Talk) -> None:
        with self._lock:
            self._inside += 1
            self.order.append(talk.target)
            self.most = max(self.most, self._inside)
        self.opened.wait(15)
        with self._lock:
            self._inside -= 1
        talk.say(TWO)


def waiting(sidetrack: Sidetrack) -> int:
    return metric(sidetrack, "sidetrack_upstream_waiting")


def test_all_workers_together_keep_to_the_cap(start: Start) -> None:
    with serving("127.0.0.1") as jellyfin:
        gate = Gate(jellyfin, "/gate")
        sidetrack = start(jellyfin.url, SIDETRACK_WORKERS="2", SIDETRACK_UPSTREAM_CONNECTIONS="3")
        asked = [Background(sidetrack, f"/gate?{number}") for number in range(24)]
        wait_for(lambda: gate.inside == 3 and waiting(sidetrack) == 21, 5, "three are asked, the others wait")
        gate.opened.set()
        assert all(request.wait().body == b"ok" for request in asked)
        assert gate.most == 3
        assert waiting(sidetrack) == 0


def test_what_one_worker_keeps_another_may_have(start: Start) -> None:
    """Which of two workers gets a connection is the kernel's choice: both are met soon."""
    with serving("127.0.0.1") as jellyfin:
        sidetrack = start(jellyfin.url, SIDETRACK_WORKERS="2", SIDETRACK_UPSTREAM_CONNECTIONS="1")
        for _ in range(40):
            assert sidetrack.send("GET", "/x").body == b"ok"
        wait_for(lambda: jellyfin.open_to("/x") <= 1, 5, "what was closed for the other is seen to be closed")


def test_who_waits_is_served_in_order_and_not_for_ever(start: Start) -> None:
    with serving("127.0.0.1") as jellyfin:
        gate = Gate(jellyfin, "/gate")
        sidetrack = start(jellyfin.url, SIDETRACK_UPSTREAM_CONNECTIONS="1", SIDETRACK_UPSTREAM_WAITING="3")
        asked = [Background(sidetrack, "/gate?0")]
        wait_for(lambda: gate.inside == 1, 5)
        for number in range(1, 4):
            asked.append(Background(sidetrack, f"/gate?{number}"))
            wait_for(lambda: waiting(sidetrack) == number, 5)
        refused = sidetrack.send("GET", "/gate?4")
        assert (refused.status, refused.header("Retry-After")) == (503, "1")
        assert "jellyfin_busy" in refused.text
        gate.opened.set()
        assert [request.wait().status for request in asked] == [200] * 4
        assert gate.order == [f"/gate?{number}" for number in range(4)]

        gate.opened.clear()
        asked = [Background(sidetrack, "/gate?5")]
        wait_for(lambda: gate.inside == 1, 5)
        late = Background(sidetrack, "/gate?6")
        wait_for(lambda: waiting(sidetrack) == 1, 5)
        sidetrack.advance(QUEUE_MS + 1000)
        assert late.wait().status == 503
        gate.opened.set()
        assert asked[0].wait().status == 200
