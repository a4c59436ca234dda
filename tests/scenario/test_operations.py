"""Every operation of Jellyfin passes unchanged: what upstream sees is what the client sent, what
the client gets is what upstream said, byte for byte, but for the rows docs/ARCHITECTURE.md lists.
"""
from __future__ import annotations

import pathlib
import re
import socket
import threading
from typing import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk
from tests.support.waiting import wait_for

LIST = pathlib.Path(__file__).with_name("operations.txt")
OPERATIONS = [tuple(line.split(" ", 1)) for line in LIST.read_text().splitlines() if not line.startswith("#")]
QUERY = "userId=465b8b78160547caa08382ac0958d34a&Fields=Path,Genres&odd=%2Fa+b%3B&empty=&twice=1&twice=2&flag"
SAMPLES = {"container": "mp3", "playlistId": "hls1", "segmentId": "0", "segmentContainer": "ts", "imageType": "Primary",
           "language": "eng", "name": "Alpha%20Band", "format": "png", "pluginId": "p%C3%A9", "version": "1.0.0",
           "year": "2019", "tag": "abc", "fileName": "a-b_c.js", "command": "Pause", "key": "displayPreferences"}
STATUSES = (200, 206, 302, 400, 404, 500, 503)
NUMBERS = re.compile(r"(?i)index|width|height|percent|count|ticks")
# What a proxy adds or takes from a request (RFC 9110 §7.6; X-Forwarded-*).
ADDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"}
TAKEN = {b"connection", b"keep-alive", b"x-of-this-hop"}


class Walk:
    """An upstream that remembers each numbered request and answers with bytes of that number."""

    def __init__(self) -> None:
        self.upstream = RawUpstream()
        self.upstream.other = self._answer
        self.seen: dict[int, tuple[bytes, bytes]] = {}
        self._lock = threading.Lock()

    def _answer(self, talk: Talk) -> None:
        number = re.search(rb"(?i)\r\nX-Walk: (\d+)", talk.head)
        if number is None:  # Sidetrack's own question about the token
            talk.say(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            return
        with self._lock:
            self.seen[int(number[1])] = (talk.head, talk.body)
        talk.say(answer_bytes(int(number[1]), talk.head.startswith(b"HEAD ")))


def answer_bytes(number: int, is_head: bool) -> bytes:
    body = f"{{\"number\": {number}, \"odd\": 0.10, \"text\": \"\u00e4\"}}".encode()
    head = (f"HTTP/1.1 {STATUSES[number % len(STATUSES)]} Reason {number}\r\n"
            f"content-TYPE: application/json; charset=utf-8\r\nX-Empty:\r\nSet-Cookie: a={number}\r\n"
            f"Set-Cookie: b=2\r\nServer: Kestrel\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    return head if is_head else head + body


def target_of(template: str) -> str:
    def sample(match: re.Match[str]) -> str:
        name = match[1]
        if name in SAMPLES:
            return SAMPLES[name]
        return "3" if NUMBERS.search(name) else "832e25879a396454558606107194281a"
    return re.sub(r"\{(\w+)\}", sample, template) + "?" + QUERY


def request_bytes(number: int, method: str, template: str) -> tuple[bytes, bytes]:
    body = f"{{\"Walk\": {number}, \"text\": \"\u00e4\"}}".encode() if method in ("POST", "PUT", "PATCH") else b""
    lines = [f"{method} {target_of(template)} HTTP/1.1", "Host: music.example:8097", f"X-Walk: {number}",
             'Authorization: MediaBrowser Client="Walk", Device="D", DeviceId="w1", Version="1", Token="t"',
             "ACCEPT: application/json", "Accept-Encoding: gzip, br", "User-Agent: Odd/1.0 (x; y)",
             "X-Repeated: one", "x-repeated: two", "X-Blank:", "Connection: keep-alive, X-Of-This-Hop",
             "X-Of-This-Hop: 1", "Origin: http://elsewhere.example"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n", body


def header_lines(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)
    return [(name, value.strip(b" ")) for name, _, value in lines]


def hear(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = client.recv(size - len(data))
        if not part:
            break
        data += part
    return data


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    walk = Walk()
    yield walk
    walk.upstream.stop()


@pytest.fixture(scope="module")
def proxy(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({"JELLYFIN_URL": walk.upstream.url, "SIDETRACK_DEEZER_URL": walk.upstream.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("data"))})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield process
    process.finish()


def test_the_list_is_whole() -> None:
    assert len(OPERATIONS) == len(set(OPERATIONS)) == 364


def test_every_operation_passes_unchanged(walk: Walk, proxy: Sidetrack) -> None:
    parts = urlsplit(proxy.url)
    differences: list[str] = []
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as client:
        for number, (method, template) in enumerate(OPERATIONS):
            head, body = request_bytes(number, method, template)
            expected = answer_bytes(number, method == "HEAD")
            client.sendall(head + body)
            got = hear(client, len(expected))
            if got != expected:
                differences.append(f"{method} {template}: the client got {got!r}")
            seen_head, seen_body = walk.seen.get(number, (b"", b""))
            if seen_head.split(b"\r\n")[0] != head.split(b"\r\n")[0] or seen_body != body:
                differences.append(f"{method} {template}: upstream saw {seen_head[:200]!r} {seen_body!r}")
            sent = [line for line in header_lines(head) if line[0].lower() not in TAKEN]
            seen = [line for line in header_lines(seen_head) if line[0].lower() not in ADDED]
            moved = b"content-length"  # re-framed uploads: the length stands elsewhere
            if [line for line in sent if line[0].lower() != moved] != \
                    [line for line in seen if line[0].lower() != moved]:
                differences.append(f"{method} {template}: headers {seen!r}")
            added = {name.lower() for name, _ in header_lines(seen_head)} & ADDED
            if added != ADDED:
                differences.append(f"{method} {template}: without {ADDED - added}")
    assert not differences, f"{len(differences)} differences:\n" + "\n".join(differences[:20])
