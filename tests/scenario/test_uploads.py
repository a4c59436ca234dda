"""Uploads: how large, how many at once, and what they leave behind."""
from __future__ import annotations

import hashlib
import pathlib
import random
import threading
from typing import Callable, Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack, is_sanitized
from tests.support.raw_upstream import RawUpstream, Talk
from tests.support.waiting import wait_for

MEGABYTE = 1 << 20
LIMIT = 30 * MEGABYTE
CREATED = b"HTTP/1.1 204 No Content\r\n\r\n"
Start = Callable[..., Sidetrack]


class Keeper:
    """An upstream that remembers what was uploaded by its checksum."""

    def __init__(self) -> None:
        self.upstream = RawUpstream()
        self.upstream.other = self._keep
        self.kept: dict[str, tuple[int, str]] = {}

    def _keep(self, talk: Talk) -> None:
        self.kept[talk.target] = (len(talk.body), hashlib.sha256(talk.body).hexdigest())
        talk.say(CREATED)


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    keeper = Keeper()
    yield keeper
    keeper.upstream.stop()


@pytest.fixture(scope="module")
def proxy(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = started(keeper, tmp_path_factory.mktemp("data"))
    yield process
    process.finish()


@pytest.fixture
def start(keeper: Keeper, tmp_path: pathlib.Path) -> Iterator[Start]:
    processes: list[Sidetrack] = []

    def start(**settings: str) -> Sidetrack:
        processes.append(started(keeper, tmp_path, **settings))
        return processes[-1]

    yield start
    for process in processes:
        process.finish()


def started(keeper: Keeper, data: pathlib.Path, **settings: str) -> Sidetrack:
    return Sidetrack({"JELLYFIN_URL": keeper.upstream.url, "SIDETRACK_DEEZER_URL": keeper.upstream.url,
                      "SIDETRACK_DATA": str(data), "SIDETRACK_WORKERS": "1", "SIDETRACK_LOG_LEVEL": "info",
                      **settings})


def post(path: str, *lines: str) -> bytes:
    return get(path, *lines, method="POST")


def facts(body: bytes) -> tuple[int, str]:
    return len(body), hashlib.sha256(body).hexdigest()


def in_chunks(body: bytes, seed: int) -> bytes:
    """The body cut into chunks of all sizes."""
    source = random.Random(seed)
    said, at = bytearray(), 0
    while at < len(body):
        size = min(source.choice([1, 15, 16, 4095, 4096, 4097, 70_000, MEGABYTE]), len(body) - at)
        said += b"%x\r\n" % size + body[at:at + size] + b"\r\n"
        at += size
    return bytes(said + b"0\r\n\r\n")


def expect_status(client: Connection, status: int) -> bytes:
    answer = client.hear_answer()
    assert answer is not None and answer[0].startswith(b"HTTP/1.1 %d " % status), answer
    return answer[0]


def test_an_upload_arrives_with_every_byte(proxy: Sidetrack, keeper: Keeper) -> None:
    body = random.Random(1).randbytes(29 * MEGABYTE)
    with Connection(proxy.url) as client:
        client.say_aside(post("/length", f"Content-Length: {len(body)}") + body)
        expect_status(client, 204)
        client.say_aside(post("/chunked", "Transfer-Encoding: chunked") + in_chunks(body, 2))
        expect_status(client, 204)
    assert keeper.kept["/length"] == keeper.kept["/chunked"] == facts(body)


def test_the_limit_itself_passes_and_a_byte_more_does_not(start: Start, keeper: Keeper) -> None:
    proxy = start(SIDETRACK_BODY_BYTES="100000")
    body = random.Random(3).randbytes(100_000)
    with Connection(proxy.url) as client:
        client.say_aside(post("/limit", f"Content-Length: {len(body)}") + body)
        expect_status(client, 204)
        client.say_aside(post("/limit-chunked", "Transfer-Encoding: chunked") + in_chunks(body, 4))
        expect_status(client, 204)
        client.say(post("/over", f"Content-Length: {len(body) + 1}"))
        expect_status(client, 413)
        assert client.ends()
    with Connection(proxy.url) as client:
        client.say_aside(post("/over", "Transfer-Encoding: chunked") + in_chunks(body + b"x", 5))
        expect_status(client, 413)
        assert client.ends()
    assert keeper.kept["/limit"] == keeper.kept["/limit-chunked"] == facts(body)
    assert "/over" not in keeper.kept


@pytest.mark.parametrize("lines", [[f"Content-Length: {LIMIT + 1}"], [f"Content-Length: {1 << 40}"],
                                   [f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"]],
                         ids=["a byte too many", "a terabyte", "asked before"])
def test_a_length_beyond_the_limit_is_refused_before_a_byte_of_it(proxy: Sidetrack, keeper: Keeper,
                                                                  lines: list[str]) -> None:
    with Connection(proxy.url) as client:
        client.say(post("/declared", *lines))
        assert client.hear_head().startswith(b"HTTP/1.1 413 "), "at once, and without 100 Continue"
        client.hear_all()
    assert "/declared" not in keeper.kept


def test_who_sends_on_regardless_still_reads_why(proxy: Sidetrack) -> None:
    with Connection(proxy.url) as client:
        client.say_aside(post("/regardless", f"Content-Length: {LIMIT + MEGABYTE}") + bytes(LIMIT + MEGABYTE))
        answer = client.hear_answer()
        assert answer is not None and b'"too_large"' in answer[1]
        assert client.ends()


def test_chunks_beyond_the_limit_are_refused_while_they_come(proxy: Sidetrack, keeper: Keeper) -> None:
    with Connection(proxy.url) as client:  # the last chunk never comes
        client.say_aside(post("/endless", "Transfer-Encoding: chunked")
                         + (b"100000\r\n" + bytes(MEGABYTE) + b"\r\n") * 32)
        expect_status(client, 413)
    assert "/endless" not in keeper.kept


def test_who_asks_first_is_told_to_go_on(proxy: Sidetrack, keeper: Keeper) -> None:
    body = random.Random(6).randbytes(MEGABYTE)
    with Connection(proxy.url) as client:
        client.say(post("/asked", f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert client.hear_head().startswith(b"HTTP/1.1 100 ")
        client.say_aside(body)
        expect_status(client, 204)
    assert keeper.kept["/asked"] == facts(body)


def test_all_uploads_together_have_a_bound(start: Start, keeper: Keeper) -> None:
    """So large that the kernel cannot hold enough of the first to make room for the second."""
    proxy = start(SIDETRACK_BUFFERED_BYTES=str(40 * MEGABYTE))
    size = 28 * MEGABYTE
    with Connection(proxy.url) as first, Connection(proxy.url) as second:
        first.say_aside(post("/first", f"Content-Length: {size}") + bytes(size - 1)).join()
        second.say_aside(post("/second", f"Content-Length: {size}") + bytes(size))
        head = expect_status(second, 503)
        assert b"\r\nRetry-After: " in head
        assert second.ends()
        first.say(b"\0")
        expect_status(first, 204)
        with Connection(proxy.url) as third:
            third.say_aside(post("/third", f"Content-Length: {size}") + bytes(size))
            expect_status(third, 204)
    assert keeper.kept["/first"] == keeper.kept["/third"] == facts(bytes(size))
    assert "/second" not in keeper.kept


@pytest.mark.parametrize("end", [Connection.say_end, Connection.slam], ids=["end", "reset"])
def test_an_upload_that_breaks_off_leaves_nothing(start: Start, keeper: Keeper,
                                                  end: Callable[[Connection], None]) -> None:
    proxy = start(SIDETRACK_BUFFERED_BYTES=str(3 * MEGABYTE))
    size = 2 * MEGABYTE
    for number in range(4):  # the bound would be passed if their bytes were still counted
        with Connection(proxy.url) as client:
            client.say_aside(post("/broken", f"Content-Length: {size}") + bytes(size - 1)).join()
            end(client)
            if end is Connection.say_end:
                client.hear_all()
        with Connection(proxy.url) as client:
            client.say_aside(post(f"/whole-{number}", f"Content-Length: {size}") + bytes(size))
            expect_status(client, 204)
    assert "/broken" not in keeper.kept


def resident_kb(process: Sidetrack) -> int:
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


@pytest.mark.skipif(is_sanitized(), reason="a sanitizer keeps freed memory")
def test_memory_is_given_back(start: Start, keeper: Keeper) -> None:
    proxy = start()
    size = 20 * MEGABYTE

    def upload(number: int) -> None:
        with Connection(proxy.url) as client:
            client.say_aside(post(f"/memory-{number}", f"Content-Length: {size}") + bytes(size))
            expect_status(client, 204)

    upload(0)  # what is made once, is made
    proxy.advance(5000)
    before = resident_kb(proxy)
    threads = [threading.Thread(target=upload, args=(number,)) for number in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    proxy.advance(5000)
    wait_for(lambda: resident_kb(proxy) < before * 1.1, 5, f"less than 10 % above {before} KB")
    assert all(keeper.kept[f"/memory-{number}"][0] == size for number in range(4))
