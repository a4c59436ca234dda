"""SIGHUP: settings are read again, and nobody notices but by what they say."""
from __future__ import annotations

import hashlib
import os
import pathlib
import random
import signal
import threading
from typing import Callable, Iterator

import pytest

from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import wait_for

OK = b"HTTP/1.1 200 OK\r\n"
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
UPGRADE = get("/socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
MASK = b"\x01\x02\x03\x04"
RELOADS = 50
PIECE = 64 * 1024
PIECES = 400


class Reloaded:
    """A program whose settings stand in a file."""

    def __init__(self, process: Sidetrack, file: pathlib.Path) -> None:
        self.process = process
        self._file = file

    def reload(self, *lines: str) -> str:
        """The line of the log that says what became of it."""
        before = len(self.said())
        # Replaced as editors do, so that nobody reads half a file.
        new = self._file.with_suffix(".new")
        new.write_text("\n".join([*lines, ""]))
        new.replace(self._file)
        os.kill(self.process.pid, signal.SIGHUP)
        return wait_for(lambda: self.said()[before:], 5, "the reload is told")[-1]

    def said(self) -> list[str]:
        return [line for line in list(self.process.lines)
                if "event=settings_reloaded" in line or "event=settings_not_reloaded" in line]


@pytest.fixture(scope="module")
def upstream() -> Iterator[RawUpstream]:
    server = RawUpstream()
    server.handlers["/small"] = saying(OK + b"Content-Length: 5\r\n\r\nsmall")
    yield server
    server.stop()


@pytest.fixture
def start(upstream: RawUpstream, tmp_path: pathlib.Path,
          start_sidetrack: Callable[..., Sidetrack]) -> Callable[..., Reloaded]:
    def begin(*lines: str, **settings: str | None) -> Reloaded:
        file = tmp_path / "sidetrack.conf"
        file.write_text("\n".join([*lines, ""]))
        process = start_sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_CONFIG": str(file),
                                   "SIDETRACK_LOG_LEVEL": None, "SIDETRACK_DATA": str(tmp_path / "data"),
                                   **settings})
        return Reloaded(process, file)
    return begin


def seen(client: Connection, request: bytes) -> tuple[bytes, bytes]:
    client.say(request)
    answer = client.hear_answer()
    assert answer is not None
    return answer


def test_what_may_change_changes_at_once(start: Callable[..., Reloaded], upstream: RawUpstream) -> None:
    program = start()
    with Connection(program.process.url) as client:
        assert b"X-Sidetrack-Exchange" not in seen(client, get("/small"))[0]
        assert "changed=SIDETRACK_ACCESS_LOG,SIDETRACK_EXCHANGE_HEADER,SIDETRACK_TRUSTED_PROXIES" in program.reload(
            "SIDETRACK_EXCHANGE_HEADER=on", "SIDETRACK_TRUSTED_PROXIES=127.0.0.0/8", "SIDETRACK_ACCESS_LOG=all")
        # Told before every worker has it.
        wait_for(lambda: b"X-Sidetrack-Exchange" in seen(client, get("/small"))[0], 5, "the header is there")
        seen(client, get("/small?forwarded", "X-Forwarded-For: 203.0.113.9"))
        head = next(head for head in upstream.heads if b"?forwarded" in head)
        assert b"X-Forwarded-For: 203.0.113.9\r\n" in head + b"\r\n"
        wait_for(lambda: "client=203.0.113.9" in program.process.stderr, 5, "so does the access log")
        assert "changed=SIDETRACK_EXCHANGE_HEADER" in program.reload(
            "SIDETRACK_TRUSTED_PROXIES=127.0.0.0/8", "SIDETRACK_ACCESS_LOG=all")
        wait_for(lambda: b"X-Sidetrack-Exchange" not in seen(client, get("/small"))[0], 5, "it is gone again")


def test_limits_and_secrets_change(start: Callable[..., Reloaded], tmp_path: pathlib.Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("one\n")
    program = start(SIDETRACK_METRICS_TOKEN_FILE=str(secret))
    process = program.process

    def scrape(token: str) -> int:
        return process.send("GET", "/metrics", headers={"Authorization": f"Bearer {token}"}).status
    assert (scrape("one"), scrape("two")) == (200, 401)
    assert process.send("POST", "/small", body=b"x" * 3000).status == 200
    secret.write_text("two\n")
    assert "changed=SIDETRACK_METRICS_TOKEN,SIDETRACK_BODY_BYTES" in program.reload("SIDETRACK_BODY_BYTES=2000")
    assert (scrape("one"), scrape("two")) == (401, 200)
    wait_for(lambda: process.send("POST", "/small", body=b"x" * 3000).status == 413, 5, "the limit is lower")


def test_what_needs_a_restart_is_named_and_kept(start: Callable[..., Reloaded]) -> None:
    program = start("SIDETRACK_WORKERS=2")
    assert "changed=SIDETRACK_LOG_LEVEL" in program.reload(
        "SIDETRACK_WORKERS=3", "SIDETRACK_LISTEN=127.0.0.1:1", "SIDETRACK_LOG_LEVEL=debug")
    warned = [line for line in program.process.lines if "event=settings_need_restart" in line]
    # The environment says where to listen, and wins.
    assert len(warned) == 1 and "settings=SIDETRACK_WORKERS" in warned[0]
    assert program.process.send("GET", "/small").status == 200


@pytest.mark.parametrize("line, named", [
    ("SIDETRACK_IDLE_TIMEOUT_MS=soon", "SIDETRACK_IDLE_TIMEOUT_MS"),
    ("SIDETRACK_TRUSTED_PROXIES=proxy.example", "SIDETRACK_TRUSTED_PROXIES"),
    ("SIDETRACK_ACESS_LOG=all", "SIDETRACK_ACCESS_LOG"),
    ("what is this", "line 2"),
])
def test_what_is_wrong_changes_nothing(start: Callable[..., Reloaded], line: str, named: str) -> None:
    program = start()
    said = program.reload("SIDETRACK_EXCHANGE_HEADER=on", line)
    assert "level=error event=settings_not_reloaded" in said and named in said
    assert program.process.send("GET", "/small").header("X-Sidetrack-Exchange") is None
    assert "changed=SIDETRACK_EXCHANGE_HEADER" in program.reload("SIDETRACK_EXCHANGE_HEADER=on")


# Nobody is disconnected


def stream(talk: Talk) -> None:
    talk.say(OK + b"Content-Length: %d\r\n\r\n" % (PIECE * PIECES))
    source = random.Random(4711)
    for _ in range(PIECES):
        talk.say(source.randbytes(PIECE))


def echo(talk: Talk) -> None:
    """Frames of ten bytes: masked ones come, plain ones go."""
    talk.say(SWITCH)
    while len(data := talk.read(16)) == 16:
        talk.say(b"\x82\x0a" + bytes(byte ^ data[2 + i % 4] for i, byte in enumerate(data[6:])))


def values(number: int) -> list[str]:
    """Settings that differ from one reload to the next."""
    return [f"SIDETRACK_LOG_LEVEL={('info', 'debug')[number % 2]}",
            f"SIDETRACK_ACCESS_LOG={('own', 'all', 'off')[number % 3]}",
            f"SIDETRACK_EXCHANGE_HEADER={('on', 'off')[number % 2]}",
            f"SIDETRACK_IDLE_TIMEOUT_MS={60000 + number}", f"SIDETRACK_WRITE_STALL_MS={60000 + number}",
            f"SIDETRACK_HEADER_TIMEOUT_MS={10000 + number}", f"SIDETRACK_BODY_BYTES={100000 + number}",
            f"SIDETRACK_CONNECTIONS={500 + number}", f"SIDETRACK_UPSTREAM_SILENCE_MS={60000 + number}",
            f"SIDETRACK_TRUSTED_PROXIES=10.0.0.{number}, 127.0.0.{number % 2 + 1}",
            f"SIDETRACK_PUBLIC_URL=https://media{number}.example", f"SIDETRACK_EXTERNAL_USERS=alice,user{number}",
            f"SIDETRACK_LEGACY_AUTH={('relay', 'translate')[number % 2]}",
            f"SIDETRACK_METRICS_TOKEN=token{number}"]


def ask_often(url: str, over: threading.Event, wrong: list[str]) -> None:
    """A keep-alive client that never has to come back."""
    with Connection(url) as client:
        number = 0
        while not over.is_set():
            number += 1
            path = ("/small", "/sidetrack/health/live", "/upload")[number % 3]
            body = b"y" * 1000 if path == "/upload" else b""
            request = (get(path, f"Content-Length: {len(body)}", "X-Emby-Token: 0123456789abcdef",
                           "X-Forwarded-For: 203.0.113.9", method="POST") + body if body else get(path))
            client.say(request)
            answer = client.hear_answer()
            if answer is None or not answer[0].startswith(b"HTTP/1.1 200 "):
                wrong.append(f"{path}: {answer}")
                return


def test_a_stream_a_tunnel_and_clients_go_on_through_fifty(start: Callable[..., Reloaded],
                                                           upstream: RawUpstream) -> None:
    upstream.handlers.update({"/stream": stream, "/socket": echo,
                              "/upload": saying(OK + b"Content-Length: 2\r\n\r\nok")})
    program = start("SIDETRACK_WORKERS=2")
    url = program.process.url
    wrong: list[str] = []
    over = threading.Event()
    clients = [threading.Thread(target=ask_often, args=(url, over, wrong)) for _ in range(4)]
    source, expected = random.Random(4711), hashlib.sha256()
    for _ in range(PIECES):
        expected.update(source.randbytes(PIECE))
    with Connection(url, 65536) as listener, Connection(url) as socket:
        socket.say(UPGRADE)
        assert socket.hear(len(SWITCH)) == SWITCH
        listener.say(get("/stream"))
        listener.hear_head()
        for client in clients:
            client.start()
        heard = hashlib.sha256()
        for number in range(RELOADS):
            heard.update(listener.hear(PIECE * PIECES // RELOADS))
            assert "event=settings_reloaded" in program.reload("SIDETRACK_WORKERS=2", *values(number))
            message = b"reload %03d" % number
            socket.say(b"\x82\x8a" + MASK + bytes(byte ^ MASK[i % 4] for i, byte in enumerate(message)))
            assert socket.hear(12) == b"\x82\x0a" + message
        assert heard.hexdigest() == expected.hexdigest()
        over.set()
        for client in clients:
            client.join(10)
        assert wrong == []
        # The keep-alive connection of the stream is still good.
        assert seen(listener, get("/small"))[1] == b"small"
