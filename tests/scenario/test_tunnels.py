"""WebSockets through Sidetrack: long messages, slow readers, many at once, and how they end."""
from __future__ import annotations

import hashlib
import pathlib
import random
import struct
import threading
from typing import Callable, Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack, is_sanitized
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import stays_true, wait_for

MEGABYTE = 1 << 20
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = get("/socket", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY)
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
MANY = 300
Serve = Callable[[Talk], None]


def frame(first: int, payload: bytes, masked: bool = False) -> bytes:
    """Masked with a mask of zeros, so that what is sent is what is seen."""
    size, flag = len(payload), 0x80 if masked else 0
    if size < 126:
        start = struct.pack("!BB", first, flag | size)
    elif size < 65536:
        start = struct.pack("!BBH", first, flag | 126, size)
    else:
        start = struct.pack("!BBQ", first, flag | 127, size)
    return start + (bytes(4) if masked else b"") + payload


def close_frame(code: int, reason: bytes = b"", masked: bool = False) -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason, masked)


@pytest.fixture(scope="module")
def upstream() -> Iterator[RawUpstream]:
    server = RawUpstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(upstream: RawUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_DEEZER_URL": upstream.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data")), "SIDETRACK_WORKERS": "2",
                         "SIDETRACK_LOG_LEVEL": "info"})
    yield process
    process.finish()


@pytest.fixture
def serve(upstream: RawUpstream) -> Callable[[Serve], None]:
    """What the upstream does behind its 101."""
    def serve(handler: Serve) -> None:
        def switch(talk: Talk) -> None:
            talk.say(SWITCH)
            handler(talk)
            talk.hang_up()
        upstream.handlers["/socket"] = switch
    return serve


def opened(proxy: Sidetrack, receive_bytes: int = 0) -> Connection:
    client = Connection(proxy.url, receive_bytes)
    client.say(UPGRADE)
    assert client.hear(len(SWITCH)) == SWITCH
    return client


def memory_kb(process: Sidetrack, name: str) -> int:
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name + ":"))


def tunnels(proxy: Sidetrack) -> int:
    lines = proxy.send("GET", "/metrics").text.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("sidetrack_tunnels "))


# Messages


@pytest.mark.parametrize("pieces", [1, 7], ids=["in one frame", "in seven"])
def test_a_message_of_16_megabytes_passes_both_ways(proxy: Sidetrack, serve: Callable[[Serve], None],
                                                    pieces: int) -> None:
    payload = random.Random(pieces).randbytes(16 * MEGABYTE)
    step = -(-len(payload) // pieces)
    cut = [payload[start:start + step] for start in range(0, len(payload), step)]
    firsts = [(0x80 if number == pieces - 1 else 0) | (0 if number else 2) for number in range(pieces)]
    up = b"".join(frame(first, part, masked=True) for first, part in zip(firsts, cut))
    down = b"".join(frame(first, part) for first, part in zip(firsts, cut))
    got: list[str] = []

    def exchange(talk: Talk) -> None:
        sender = threading.Thread(target=talk.say, args=(down,))
        sender.start()
        got.append(hashlib.sha256(talk.read(len(up))).hexdigest())
        sender.join()
        talk.wait_until_left()

    serve(exchange)
    with opened(proxy) as client:
        client.say_aside(up)
        assert hashlib.sha256(client.hear(len(down))).digest() == hashlib.sha256(down).digest()
        wait_for(lambda: got == [hashlib.sha256(up).hexdigest()], 10, "the upstream has it too")


def test_many_messages_keep_their_order(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    count = 2000
    down = b"".join(frame(TEXT, b"%d" % number) for number in range(count))

    def echo(talk: Talk) -> None:
        for number in range(count):
            size = 6 + len(b"%d" % number)
            talk.say(frame(TEXT, talk.read(size)[6:]))
        talk.wait_until_left()

    serve(echo)
    with opened(proxy) as client:
        client.say_aside(b"".join(frame(TEXT, b"%d" % number, masked=True) for number in range(count)))
        assert client.hear(len(down)) == down


def test_pings_pass_between_the_parts_of_a_message(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    up = frame(0x01, b"he", True) + frame(PING, b"?", True) + frame(PONG, b"", True) + frame(0x80, b"y", True)
    down = frame(0x02, b"he") + frame(PING, b"x" * 125) + frame(PONG, b"!") + frame(0x80, b"")
    got: list[bytes] = []

    def exchange(talk: Talk) -> None:
        talk.say(down)
        got.append(talk.read(len(up)))
        talk.wait_until_left()

    serve(exchange)
    with opened(proxy) as client:
        client.say(up)
        assert client.hear(len(down)) == down
        wait_for(lambda: got == [up], 5, "the upstream has them")


# Readers that do not read


def pour_until_stuck(say: Callable[[bytes], None], poured: list[int], block: bytes) -> None:
    """Says it again and again; ends with the connection."""
    try:
        while True:
            say(block)
            poured[0] += len(block)
    except OSError:
        pass


def wait_until_stuck(poured: list[int]) -> None:
    def still() -> bool:
        before = poured[0]
        try:
            stays_true(lambda: poured[0] == before, 0.2)
        except AssertionError:
            return False
        return before > 0
    wait_for(still, 20, "the sender is stopped")


@pytest.mark.parametrize("deaf", ["client", "jellyfin"])
def test_a_reader_that_stops_stops_the_sender(proxy: Sidetrack, serve: Callable[[Serve], None], deaf: str) -> None:
    """Whoever it is, and however much there is to say: memory has a bound."""
    poured, over = [0], threading.Event()
    block = frame(BINARY, bytes(65536), masked=deaf == "jellyfin")

    def talk_on(talk: Talk) -> None:
        if deaf == "client":
            talk.socket.settimeout(30)
            pour_until_stuck(talk.say, poured, block)
        else:
            over.wait(30)

    serve(talk_on)
    before = memory_kb(proxy, "VmRSS")
    with opened(proxy, receive_bytes=64 * 1024) as client:
        if deaf == "jellyfin":
            client.socket.settimeout(30)
            threading.Thread(target=pour_until_stuck, args=(client.say, poured, block), daemon=True).start()
        wait_until_stuck(poured)
        if not is_sanitized():
            assert memory_kb(proxy, "VmRSS") - before < 4 * 1024
        over.set()
    wait_for(lambda: tunnels(proxy) == 0, 5, "the tunnel is gone")


def test_a_slow_reader_gets_every_byte(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    down = b"".join(frame(BINARY, random.Random(number).randbytes(50_000)) for number in range(400))

    def talk_on(talk: Talk) -> None:
        talk.socket.settimeout(30)
        talk.say(down)
        talk.wait_until_left()

    serve(talk_on)
    with opened(proxy, receive_bytes=16 * 1024) as client:
        heard = hashlib.sha256()
        for start in range(0, len(down), 10_000):
            heard.update(client.hear(min(10_000, len(down) - start)))
        assert heard.digest() == hashlib.sha256(down).digest()


# Many


def test_many_tunnels_at_once(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    def echo(talk: Talk) -> None:
        while (asked := talk.read(12)):
            talk.say(frame(TEXT, asked[6:]))

    serve(echo)
    clients = [opened(proxy) for _ in range(MANY)]
    try:
        wait_for(lambda: tunnels(proxy) == MANY, 5, "all are open")
        for _ in range(3):
            for number, client in enumerate(clients):
                client.say(frame(TEXT, b"%06d" % number, masked=True))
            for number, client in enumerate(clients):
                assert client.hear(8) == frame(TEXT, b"%06d" % number)
    finally:
        for number, client in enumerate(clients):
            if number % 2:
                client.slam()
            else:
                client.socket.close()
    wait_for(lambda: tunnels(proxy) == 0, 5, "all are gone")


@pytest.mark.skipif(is_sanitized(), reason="a sanitizer's memory is not ours")
def test_a_silent_tunnel_costs_little(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    serve(lambda talk: None if talk.wait_until_left() else None)
    for client in [opened(proxy) for _ in range(MANY)]:  # what is kept for later, is kept
        client.socket.close()
    wait_for(lambda: tunnels(proxy) == 0, 5, "all are gone")
    before = memory_kb(proxy, "VmRSS")
    clients = [opened(proxy) for _ in range(MANY)]
    assert memory_kb(proxy, "VmRSS") - before < 8 * MANY
    for client in clients:
        client.socket.close()
    wait_for(lambda: tunnels(proxy) == 0, 5, "all are gone")


# Ends


@pytest.mark.parametrize("code, reason", [(1000, b""), (1001, b"going away"), (1011, b"oops"), (4001, b"own"),
                                          (4999, "\u00e4" .encode() * 60)])
def test_a_close_code_passes_both_ways(proxy: Sidetrack, serve: Callable[[Serve], None], code: int,
                                       reason: bytes) -> None:
    up, down = close_frame(code, reason, masked=True), close_frame(code, reason)
    got: list[bytes] = []

    def answer(talk: Talk) -> None:
        got.append(talk.read(len(up)))
        talk.say(down)

    serve(answer)
    with opened(proxy) as client:
        client.say(up)
        assert client.hear_all() == down
    assert got == [up]


def test_a_close_without_a_code_passes(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    serve(lambda talk: talk.say(frame(CLOSE, b"")))
    with opened(proxy) as client:
        assert client.hear_all() == frame(CLOSE, b"")


@pytest.mark.parametrize("end", [Talk.hang_up, Talk.slam], ids=["fin", "reset"])
def test_an_end_without_a_close_stays_one(proxy: Sidetrack, serve: Callable[[Serve], None], end: Serve) -> None:
    """The client must not take it for a goodbye: it reconnects."""
    heard = threading.Event()

    def leave(talk: Talk) -> None:
        talk.say(frame(TEXT, b"last"))
        heard.wait(5)
        end(talk)

    serve(leave)
    with opened(proxy) as client:
        assert client.hear(6) == frame(TEXT, b"last")
        heard.set()
        assert client.hear_all() == b""


@pytest.mark.parametrize("end", [Connection.slam, Connection.say_end], ids=["reset", "fin"])
def test_a_client_that_leaves_is_gone_upstream_too(proxy: Sidetrack, serve: Callable[[Serve], None],
                                                   end: Callable[[Connection], None]) -> None:
    left: list[bool] = []
    serve(lambda talk: left.append(talk.wait_until_left()))
    with opened(proxy) as client:
        end(client)
        wait_for(lambda: left == [True], 5, "the upstream hears it")


def test_the_last_words_arrive_though_the_speaker_has_left(proxy: Sidetrack, serve: Callable[[Serve], None]) -> None:
    up = frame(BINARY, random.Random(9).randbytes(200_000), masked=True) + close_frame(1000, masked=True)
    got: list[bytes] = []
    serve(lambda talk: got.append(talk.read(len(up))))
    with opened(proxy) as client:
        client.say(up)
    wait_for(lambda: got == [up], 5, "the upstream has all of it")


@pytest.mark.parametrize("said, status", [
    (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 403),
    (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
    (b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n", 503)])
def test_who_gets_no_socket_can_go_on_asking(proxy: Sidetrack, upstream: RawUpstream, said: bytes,
                                             status: int) -> None:
    upstream.handlers["/socket"] = saying(said)
    with Connection(proxy.url) as client:
        for _ in range(2):
            client.say(UPGRADE)
            answer = client.hear_answer()
            assert answer is not None and answer[0].startswith(b"HTTP/1.1 %d " % status)
        assert client.is_quiet()
    assert tunnels(proxy) == 0
