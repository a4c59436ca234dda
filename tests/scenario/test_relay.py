"""What goes through Sidetrack goes through unchanged, and what breaks is seen to break."""
from __future__ import annotations

import os
import pathlib
import random
import signal
import struct
import threading
from typing import Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack, is_sanitized
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import wait_for

MEGABYTE = 1 << 20
BIG = 500 * MEGABYTE
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def upstream() -> Iterator[RawUpstream]:
    server = RawUpstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxy(upstream: RawUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = start(upstream, tmp_path_factory.mktemp("data"))
    yield process
    process.finish()


def start(upstream: RawUpstream, data: pathlib.Path, **settings: str) -> Sidetrack:
    return Sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_DATA": str(data), "SIDETRACK_WORKERS": "2",
                      "SIDETRACK_DEEZER_URL": upstream.url, "SIDETRACK_LOG_LEVEL": "info"} | settings)


# Answers, row by row: request, what Jellyfin says, whether it then ends, what the client gets,
# whether its connection ends.
ROWS = {
    "head": (get("/x", method="HEAD"), OK + b"Content-Length: 5\r\n\r\n", False,
             OK + b"Content-Length: 5\r\n\r\n", False),
    "304 with a length": (get("/x"), b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", False,
                          b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", False),
    "204": (get("/x"), b"HTTP/1.1 204 No Content\r\n\r\n", False, b"HTTP/1.1 204 No Content\r\n\r\n", False),
    "206": (get("/x", "Range: bytes=0-1"),
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nab", False,
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nab", False),
    "an HTTP/1.0 upstream": (get("/x"), b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", True,
                             OK + b"Content-Length: 2\r\n\r\nab", False),
    "an HTTP/1.0 client": (get("/x", version="1.0"), OK + b"Content-Length: 2\r\n\r\nab", False,
                           OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nab", True),
    "an HTTP/1.0 client that keeps alive": (
        get("/x", "Connection: keep-alive", version="1.0"), OK + b"Content-Length: 2\r\n\r\nab", False,
        OK + b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\nab", False),
    "chunks for an HTTP/1.0 client": (
        get("/x", version="1.0"),
        OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n", False,
        OK + b"Connection: close\r\n\r\nabcde", True),
    "until the connection ends": (get("/x"), OK + b"\r\nsome", True,
                                  OK + b"Connection: close\r\n\r\nsome", True),
    "chunks with extension and trailer": (
        get("/x"), OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n", False,
        OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n", False),
    "cookies, empty and UTF-8 values": (
        get("/x"), OK + b"Set-Cookie: a\r\nSet-Cookie: b\r\nE:\r\nN: \xc3\xbc\r\nContent-Length: 0\r\n\r\n", False,
        OK + b"Set-Cookie: a\r\nSet-Cookie: b\r\nE:\r\nN: \xc3\xbc\r\nContent-Length: 0\r\n\r\n", False),
    "a head of 30 KB": (get("/x"), OK + b"Content-Length: 0\r\nX: " + b"x" * 30_000 + b"\r\n\r\n", False,
                        OK + b"Content-Length: 0\r\nX: " + b"x" * 30_000 + b"\r\n\r\n", False),
    "interim answers": (
        get("/x"), b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        + OK + b"Content-Length: 2\r\n\r\nab", False, OK + b"Content-Length: 2\r\n\r\nab", False),
    "a reason of its own": (get("/x"), b"HTTP/1.1 299 Ganz gut\r\nContent-Length: 0\r\n\r\n", False,
                            b"HTTP/1.1 299 Ganz gut\r\nContent-Length: 0\r\n\r\n", False),
    "hop-by-hop and listed headers": (
        get("/x"), OK + b"Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n",
        False, OK + b"Content-Length: 0\r\n\r\n", False),
}


@pytest.mark.parametrize("name", ROWS)
def test_an_answer_arrives_as_it_was_sent(proxy: Sidetrack, upstream: RawUpstream, name: str) -> None:
    request, said, upstream_ends, expected, client_ends = ROWS[name]
    upstream.handlers["/x"] = saying(said, Talk.hang_up if upstream_ends else None)
    with Connection(proxy.url) as client:
        client.say(request)
        assert client.hear(len(expected)) == expected
        assert client.ends() if client_ends else client.is_quiet()


@pytest.mark.parametrize("request_bytes", [
    get("/x", "Content-Length: 1", "Transfer-Encoding: chunked", method="POST") + b"0\r\n\r\n",
    get("/x", "Content-Length: 1", "Content-Length: 2", method="POST") + b"ab",
    get("/x", "Content-Length: +1", method="POST") + b"a",
    get("/x", "Transfer-Encoding: gzip, chunked", method="POST") + b"0\r\n\r\n",
    get("/x", "Transfer-Encoding : chunked", method="POST") + b"0\r\n\r\n",
    get("/x", "X Y: 1"), get("/x", "Host: other"), get("/x", ": nameless"),
    get("/x", "Content-Length: 3", method="HEAD") + b"abc",
], ids=["two framings", "two lengths", "signed length", "other coding", "blank before the colon",
        "blank in a name", "two hosts", "no name", "body on HEAD"])
def test_a_request_that_can_be_read_in_two_ways_is_refused(
        proxy: Sidetrack, upstream: RawUpstream, request_bytes: bytes) -> None:
    upstream.handlers["/x"] = saying(OK + b"Content-Length: 0\r\n\r\n")
    before = upstream.calls.get("/x", 0)
    with Connection(proxy.url) as client:
        client.say(request_bytes)
        assert client.hear_head().startswith(b"HTTP/1.1 400 ")
    assert upstream.calls.get("/x", 0) == before


def test_another_version_is_refused(proxy: Sidetrack) -> None:
    with Connection(proxy.url) as client:
        client.say(get("/x", version="1.2"))
        assert client.hear_head().startswith(b"HTTP/1.1 505 ")


def test_a_request_keeps_its_bytes(proxy: Sidetrack, upstream: RawUpstream) -> None:
    upstream.handlers["/a%2Fb;c//\xc3\xbc"] = saying(OK + b"Content-Length: 0\r\n\r\n")
    with Connection(proxy.url) as client:
        client.say(b"GET /a%2Fb;c//\xc3\xbc?x=[1]&y={|} HTTP/1.1\r\nhOST: h\r\nX-Emby-Token:  t \r\n"
                   b"X-Forwarded-For: 203.0.113.9\r\nConnection: X-One\r\nX-One: 1\r\n\r\n")
        client.hear_head()
    head = next(head for head in upstream.heads if b"{|}" in head)
    assert head.split(b"\r\n") == [
        b"GET /a%2Fb;c//\xc3\xbc?x=[1]&y={|} HTTP/1.1", b"hOST: h", b"X-Emby-Token: t",
        b"X-Forwarded-For: 127.0.0.1", b"X-Forwarded-Proto: http", b"X-Forwarded-Host: h"]


def test_a_trusted_proxy_says_for_whom_it_forwards(upstream: RawUpstream, tmp_path: pathlib.Path) -> None:
    upstream.handlers["/trusted"] = saying(OK + b"Content-Length: 0\r\n\r\n")
    process = start(upstream, tmp_path, SIDETRACK_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.0/8")
    with Connection(process.url) as client:
        client.say(get("/trusted", "X-Forwarded-For: 198.51.100.1, 203.0.113.9, 10.0.0.7", "X-Forwarded-Proto: https",
                       "X-Forwarded-Host: media.example"))
        client.hear_head()
    process.finish()
    head = next(head for head in upstream.heads if b"/trusted" in head)
    assert head.split(b"\r\n")[2:] == [b"X-Forwarded-For: 203.0.113.9",
                                       b"X-Forwarded-Proto: https", b"X-Forwarded-Host: media.example"]


def test_answers_name_their_exchange_when_asked_for(upstream: RawUpstream, tmp_path: pathlib.Path) -> None:
    upstream.handlers["/relayed"] = saying(OK + b"Content-Length: 0\r\n\r\n")
    process = start(upstream, tmp_path, SIDETRACK_EXCHANGE_HEADER="on", SIDETRACK_LOG_LEVEL="debug")
    ids = [process.send("GET", path).header("X-Sidetrack-Exchange")
           for path in ("/relayed", "/sidetrack/health/live", "/sidetrack/nowhere")]
    process.finish()
    assert len(set(ids)) == 3
    for number in ids:
        assert f" event=exchange_done exchange={number} " in process.stderr


def test_a_proxy_that_passes_bytes_on_unread_names_the_client(upstream: RawUpstream, tmp_path: pathlib.Path) -> None:
    upstream.handlers["/named"] = saying(OK + b"Content-Length: 0\r\n\r\n")
    process = start(upstream, tmp_path, SIDETRACK_TRUSTED_PROXIES="127.0.0.0/8", SIDETRACK_PROXY_PROTOCOL="on")
    with Connection(process.url) as client:
        client.say(b"PROXY TCP4 203.0.113.9 192.0.2.1 5 80\r\n" + get("/named", "X-Forwarded-For: 198.51.100.7"))
        client.hear_head()
    with Connection(process.url) as client:
        client.say(get("/named"))
        assert client.ends()
    process.finish()
    head = next(head for head in upstream.heads if b"/named" in head)
    assert b"X-Forwarded-For: 203.0.113.9" in head.split(b"\r\n")  # which it may not choose itself


@pytest.mark.parametrize("trusted, warned", [("", True), ("192.0.2.1", False)])
def test_a_proxy_protocol_that_nobody_may_speak_is_warned_of(
        upstream: RawUpstream, tmp_path: pathlib.Path, trusted: str, warned: bool) -> None:
    process = start(upstream, tmp_path, SIDETRACK_TRUSTED_PROXIES=trusted, SIDETRACK_PROXY_PROTOCOL="on")
    process.finish()
    assert ("event=proxy_protocol_from_nobody" in process.stderr) == warned


def test_pipelined_requests_are_answered_in_order(proxy: Sidetrack, upstream: RawUpstream) -> None:
    def echo(talk: Talk) -> None:
        said = talk.target.encode() + talk.body
        talk.say(OK + f"Content-Length: {len(said)}\r\n\r\n".encode() + said)
    for number in range(1, 5):
        upstream.handlers[f"/{number}"] = echo
    with Connection(proxy.url) as client:
        client.say(get("/1") + get("/2", "Content-Length: 3", method="POST") + b"abc" + get("/3") + get("/4"))
        for expected in (b"/1", b"/2abc", b"/3", b"/4"):
            client.hear_head()
            assert client.hear(len(expected)) == expected


# The ends


def test_a_client_that_leaves_cancels_the_upstream(proxy: Sidetrack, upstream: RawUpstream) -> None:
    reached, left = threading.Event(), []

    def wait(talk: Talk) -> None:
        reached.set()
        left.append(talk.wait_until_left())

    def begin(talk: Talk) -> None:
        talk.say(OK + b"Content-Length: 1000000\r\n\r\nbegin")
        wait(talk)

    upstream.handlers.update({"/wait": wait, "/begin": begin})
    with Connection(proxy.url) as client:
        client.say(get("/wait"))
        assert reached.wait(5)
    wait_for(lambda: left == [True], 5, "the upstream hears that nobody waits")
    client = Connection(proxy.url)
    client.say(get("/begin"))
    client.hear_head()
    client.slam()
    wait_for(lambda: left == [True, True], 5, "the upstream hears that nobody listens")


def test_a_client_that_only_ends_its_sending_gets_its_answer(proxy: Sidetrack, upstream: RawUpstream) -> None:
    ended = threading.Event()

    def answer_late(talk: Talk) -> None:
        ended.wait(5)
        talk.say(OK + b"Content-Length: 4\r\n\r\nlate")

    upstream.handlers["/late"] = answer_late
    with Connection(proxy.url) as client:
        client.say(get("/late"))
        client.say_end()
        assert client.hear_head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        ended.set()
        client.hear_head()
        assert client.hear(4) == b"late"
        assert client.ends()


@pytest.mark.parametrize("end", [Talk.hang_up, Talk.slam])
@pytest.mark.parametrize("said", [
    OK + b"Content-Length: 10\r\n\r\nhalf", OK + b"Content-Length: 100000000\r\n\r\nhalf",
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe", OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
], ids=["length", "great length", "amid a chunk", "between chunks"])
def test_a_transfer_that_breaks_is_seen_to_break(proxy: Sidetrack, upstream: RawUpstream, said: bytes,
                                                 end: object) -> None:
    heard = threading.Event()

    def handler(talk: Talk) -> None:
        talk.say(said)
        heard.wait(5)
        end(talk)  # type: ignore[operator]

    upstream.handlers["/x"] = handler
    with Connection(proxy.url) as client:
        client.say(get("/x"))
        head, _, body = said.partition(b"\r\n\r\n")
        assert client.hear_head() == head + b"\r\n\r\n"
        assert client.hear(len(body)) == body
        heard.set()
        assert client.ends()


def test_a_body_until_the_end_that_breaks_ends_with_a_reset(proxy: Sidetrack, upstream: RawUpstream) -> None:
    heard = threading.Event()

    def handler(talk: Talk) -> None:
        talk.say(OK + b"\r\nsome")
        heard.wait(5)
        talk.slam()

    upstream.handlers["/x"] = handler
    with Connection(proxy.url) as client:
        client.say(get("/x"))
        client.hear_head()
        assert client.hear(4) == b"some"
        heard.set()
        with pytest.raises(ConnectionResetError):
            client.socket.recv(1)


def test_no_answer_is_a_502_with_a_reason(proxy: Sidetrack, upstream: RawUpstream) -> None:
    upstream.handlers["/x"] = Talk.slam
    answer = proxy.send("POST", "/x", body=b"once")
    assert answer.status == 502
    assert b'"jellyfin_unreachable"' in answer.body
    assert upstream.calls["/x"] >= 1


def test_a_stale_connection_is_tried_once_more(proxy: Sidetrack, upstream: RawUpstream) -> None:
    seen: list[bytes] = []

    def once(talk: Talk) -> None:
        seen.append(talk.head)
        if len(seen) == 1:
            talk.slam()
        else:
            talk.say(OK + b"Content-Length: 2\r\n\r\nok")

    upstream.handlers.update({"/once": once, "/warm": saying(OK + b"Content-Length: 0\r\n\r\n")})
    with Connection(proxy.url) as client:
        client.say(get("/warm"))
        client.hear_head()
        client.say(get("/once"))
        assert client.hear_head().startswith(OK)
        assert client.hear(2) == b"ok"
    assert len(seen) == 2


# Long bodies


def peak_kb(process: Sidetrack) -> int:
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def pour(talk: Talk) -> None:
    block = bytes(range(256)) * (MEGABYTE // 256)
    if "chunked" in talk.target:
        talk.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(BIG // MEGABYTE):
            talk.say(b"100000\r\n" + block + b"\r\n")
        talk.say(b"0\r\n\r\n")
    else:
        talk.say(OK + f"Content-Length: {BIG}\r\n\r\n".encode())
        for _ in range(BIG // MEGABYTE):
            talk.say(block)


@pytest.mark.parametrize("framing, size", [("length", BIG), ("chunked", BIG + BIG // MEGABYTE * 10 + 5)])
def test_a_long_download_takes_no_memory(proxy: Sidetrack, upstream: RawUpstream, framing: str, size: int) -> None:
    upstream.handlers["/big"] = pour
    before = peak_kb(proxy)
    with Connection(proxy.url) as client:
        client.say(get(f"/big?{framing}"))
        client.hear_head()
        buffer = bytearray(MEGABYTE)
        left = size
        while left:
            count = client.socket.recv_into(buffer, min(left, MEGABYTE))
            assert count, f"{left} bytes are missing"
            left -= count
        assert client.is_quiet()
    # AddressSanitizer holds freed memory back for a while; without it this is next to nothing.
    assert peak_kb(proxy) - before < BIG // 8 // 1024


def test_many_slow_readers_get_their_bytes(proxy: Sidetrack, upstream: RawUpstream) -> None:
    body = random.Random(1).randbytes(2 * MEGABYTE)
    upstream.handlers["/slow"] = saying(OK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    clients = [Connection(proxy.url, receive_bytes=32 * 1024) for _ in range(20)]
    for client in clients:
        client.say(get("/slow"))
    for number, client in enumerate(clients):
        if number % 5 == 4:
            client.hear(100_000)
            client.slam()
            continue
        client.hear_head()
        assert client.hear(len(body)) == body
        client.socket.close()


def test_an_upload_arrives_whole(proxy: Sidetrack, upstream: RawUpstream) -> None:
    bodies: list[bytes] = []

    def keep(talk: Talk) -> None:
        bodies.append(talk.body)
        talk.say(b"HTTP/1.1 204 No Content\r\n\r\n")

    upstream.handlers["/up"] = keep
    body = random.Random(2).randbytes(20 * MEGABYTE)
    assert proxy.send("POST", "/up", body=body).status == 204
    with Connection(proxy.url) as client:
        client.say(get("/up", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert client.hear_head().startswith(b"HTTP/1.1 204 ")
    assert bodies == [body, b"abcde"]


# WebSockets

UPGRADE = get("/socket", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Extensions: permessage-deflate")
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def frame(first: int, payload: bytes, mask: bytes = b"") -> bytes:
    size, flag = len(payload), 0x80 if mask else 0
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65536:
        head = struct.pack("!BBH", first, flag | 126, size)
    else:
        head = struct.pack("!BBQ", first, flag | 127, size)
    return head + mask + payload


def frames(seed: int, mask: bytes) -> bytes:
    """Messages whole and fragmented, with pings between the fragments."""
    source = random.Random(seed)
    stream = b""
    for _ in range(60):
        payload = source.randbytes(source.choice([0, 1, 125, 126, 5_000, 65_535, 65_536, 200_000]))
        cut = source.randrange(len(payload) + 1)
        if source.random() < 0.5:
            stream += frame(0x82, payload, mask)
        else:
            stream += (frame(0x02, payload[:cut], mask) + frame(0x89, b"ping", mask)
                       + frame(0x80, payload[cut:], mask))
    return stream


def test_frames_pass_both_ways_unchanged(proxy: Sidetrack, upstream: RawUpstream) -> None:
    down, up = frames(3, b""), frames(4, b"mask")
    got: list[bytes] = []

    def talk_frames(talk: Talk) -> None:
        talk.say(SWITCH)
        sender = threading.Thread(target=talk.say, args=(down,))
        sender.start()
        got.append(talk.read(len(up)))
        sender.join()
        talk.wait_until_left()

    upstream.handlers["/socket"] = talk_frames
    with Connection(proxy.url) as client:
        client.say(UPGRADE)
        assert client.hear(len(SWITCH)) == SWITCH
        sender = threading.Thread(target=client.say, args=(up,))
        sender.start()
        assert client.hear(len(down)) == down
        sender.join()
        wait_for(lambda: got == [up], 10, "the upstream has every frame")
    head = next(head for head in reversed(upstream.heads) if b"/socket" in head)
    assert b"Sec-WebSocket-Extensions" not in head
    assert b"\r\nConnection: Upgrade" in head


def test_the_end_of_a_socket_reaches_the_other_side(proxy: Sidetrack, upstream: RawUpstream) -> None:
    left: list[bool] = []

    def close_politely(talk: Talk) -> None:
        talk.say(SWITCH + frame(0x88, b"\x0f\xa1bye"))
        talk.hang_up()

    def wait(talk: Talk) -> None:
        talk.say(SWITCH)
        left.append(talk.wait_until_left())

    upstream.handlers["/socket"] = close_politely
    with Connection(proxy.url) as client:
        client.say(UPGRADE)
        expected = SWITCH + frame(0x88, b"\x0f\xa1bye")
        assert client.hear(len(expected)) == expected
        assert client.ends()
    upstream.handlers["/socket"] = wait
    with Connection(proxy.url) as client:
        client.say(UPGRADE)
        assert client.hear(len(SWITCH)) == SWITCH
    wait_for(lambda: left == [True], 5, "the upstream hears that the client left")


def test_a_refused_upgrade_is_an_ordinary_answer(proxy: Sidetrack, upstream: RawUpstream) -> None:
    upstream.handlers["/socket"] = saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    with Connection(proxy.url) as client:
        client.say(UPGRADE)
        assert client.hear_head().startswith(b"HTTP/1.1 403 Forbidden\r\n")
        assert client.hear(2) == b"no"


def test_a_socket_on_any_path_is_passed_on(proxy: Sidetrack, upstream: RawUpstream) -> None:
    def greet(talk: Talk) -> None:
        talk.say(SWITCH + frame(0x81, b"hello"))
        talk.wait_until_left()

    upstream.handlers["/plugin/live"] = greet
    with Connection(proxy.url) as client:
        client.say(UPGRADE.replace(b"/socket", b"/plugin/live"))
        expected = SWITCH + frame(0x81, b"hello")
        assert client.hear(len(expected)) == expected


# The end of the program


def test_an_orderly_stop_lets_streams_finish_and_ends_sockets(upstream: RawUpstream, tmp_path: pathlib.Path) -> None:
    process = start(upstream, tmp_path)
    go_on = threading.Event()

    def slowly(talk: Talk) -> None:
        talk.say(OK + b"Content-Length: 8\r\n\r\nhalf")
        go_on.wait(10)
        talk.say(b"rest")

    upstream.handlers.update({"/slowly": slowly, "/socket": lambda talk: talk.say(SWITCH)})
    with Connection(process.url) as client, Connection(process.url) as web_socket:
        web_socket.say(UPGRADE)
        assert web_socket.hear(len(SWITCH)) == SWITCH
        client.say(get("/slowly"))
        client.hear_head()
        assert client.hear(4) == b"half"
        os.kill(process.pid, signal.SIGTERM)
        wait_for(lambda: refuses(process.url), 5, "no new connection is taken")
        goodbye = frame(0x88, b"\x03\xe9going away")
        assert web_socket.hear(len(goodbye)) == goodbye
        assert web_socket.ends()
        assert process.exit_status is None
        go_on.set()
        assert client.hear(4) == b"rest"
        assert process.wait_exit(10) == 0
    process.assert_no_sanitizer_report()


def refuses(url: str) -> bool:
    try:
        with Connection(url):
            return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: met the listener closing
        return True


# Searches

USER = (b'{"Name":"alice","Id":"465b8b78160547caa08382ac0958d34a","ServerId":"8c73b3d007dc4eaba552614833a4c35e",'
        b'"Policy":{"EnableMediaPlayback":true,"EnableAllFolders":true}}')


def test_a_search_too_long_to_merge_is_relayed(proxy: Sidetrack, upstream: RawUpstream) -> None:
    items = b'{"Items":["' + b"x" * (65 * MEGABYTE) + b'"],"TotalRecordCount":1,"StartIndex":0}'
    upstream.handlers["/Users/Me"] = saying(OK + b"Content-Length: %d\r\n\r\n" % len(USER) + USER)
    upstream.handlers["/Items"] = saying(OK + b"Content-Length: %d\r\n\r\n" % len(items) + items)
    with Connection(proxy.url) as client:
        client.say(get("/Items?searchTerm=everything&includeItemTypes=Audio",
                       'Authorization: MediaBrowser Token="t", Client="c", DeviceId="d"'))
        assert client.hear_head().startswith(OK)
        assert client.hear(len(items)) == items
