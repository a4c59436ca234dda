"""An orderly stop: who is idle goes, who is being answered gets the answer, who asks twice waits no longer."""
from __future__ import annotations

import os
import re
import signal
import threading
from typing import Callable, Iterator

import pytest

from tests.scenario.test_reload import SWITCH, UPGRADE
from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import wait_for

OK = b"HTTP/1.1 200 OK\r\n"
GOING_AWAY = b"\x88\x0c\x03\xe9going away"
Start = Callable[..., Sidetrack]


class Scene:
    """Jellyfin answers /late and the second half of /stream when it is told to."""

    def __init__(self) -> None:
        self.upstream = RawUpstream()
        self.go_on = threading.Event()
        self.asked: list[str] = []
        self.upstream.handlers.update({
            "/late": self._late, "/stream": self._stream, "/socket": saying(SWITCH),
            "/small": saying(OK + b"Content-Length: 5\r\n\r\nsmall")})

    def _late(self, talk: Talk) -> None:
        self.asked.append(talk.target)
        self.go_on.wait(10)
        talk.say(OK + b"Content-Length: 4\r\n\r\nlate")

    def _stream(self, talk: Talk) -> None:
        talk.say(OK + b"Content-Length: 8\r\n\r\nhalf")
        self.asked.append(talk.target)
        self.go_on.wait(10)
        talk.say(b"rest")


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.go_on.set()
    made.upstream.stop()


def start(begin: Start, scene: Scene, **settings: str) -> Sidetrack:
    return begin({"JELLYFIN_URL": scene.upstream.url, "SIDETRACK_WORKERS": "2", **settings}, wait=True)


def ask_to_stop(process: Sidetrack) -> None:
    os.kill(process.pid, signal.SIGTERM)


def refuses(url: str) -> bool:
    try:
        with Connection(url):
            return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: met the listener closing
        return True


def ended(process: Sidetrack) -> tuple[str, int]:
    """Why the waiting was over, and how many were cut."""
    assert process.wait_exit(10) == 0
    process.finished = True
    process.assert_no_sanitizer_report()
    said = re.search(r'event=drain_ended why="([^"]*)" exchanges_cut=(\d+) took_ms=\d+', process.stderr)
    assert said, process.stderr
    assert process.stderr.rstrip().endswith("event=stopped")
    return said[1], int(said[2])


def test_who_is_idle_goes_at_once(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene)
    with Connection(process.url) as fresh, Connection(process.url) as used:
        used.say(get("/small"))
        assert used.hear_answer() is not None
        ask_to_stop(process)
        assert fresh.ends() and used.ends()
    assert ended(process) == ("nobody is left", 0)


def test_answers_under_way_arrive_whole_and_end_their_connection(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene)
    with Connection(process.url) as late, Connection(process.url) as stream, Connection(process.url) as socket:
        socket.say(UPGRADE)
        assert socket.hear(len(SWITCH)) == SWITCH
        late.say(get("/late"))
        stream.say(get("/stream"))
        assert b"Connection: close" not in stream.hear_head()
        assert stream.hear(4) == b"half"
        wait_for(lambda: len(scene.asked) == 2, 5, "both are asked for")
        ask_to_stop(process)
        wait_for(lambda: refuses(process.url), 5, "nobody new is taken")
        assert socket.hear(len(GOING_AWAY)) == GOING_AWAY
        assert socket.ends()
        assert process.exit_status is None
        scene.go_on.set()
        # Its head had not gone out yet, so it says what comes.
        head, body = late.hear_answer() or (b"", b"")
        assert b"\r\nConnection: close\r\n" in head and body == b"late"
        assert stream.hear(4) == b"rest"
        assert late.ends() and stream.ends()
    assert ended(process) == ("nobody is left", 0)


def test_a_request_behind_the_last_answer_is_not_taken(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene)
    with Connection(process.url) as client:
        client.say(get("/late") + get("/small"))
        wait_for(lambda: scene.asked, 5, "the first is asked for")
        ask_to_stop(process)
        wait_for(lambda: refuses(process.url), 5, "nobody new is taken")
        scene.go_on.set()
        assert (client.hear_answer() or (b"", b""))[1] == b"late"
        assert client.ends()
    assert ended(process) == ("nobody is left", 0)
    assert "/small" not in scene.upstream.calls


def test_who_takes_longer_than_allowed_is_cut(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene, SIDETRACK_DRAIN_MS="300")
    with Connection(process.url) as stream, Connection(process.url) as late:
        stream.say(get("/stream"))
        stream.hear_head()
        assert stream.hear(4) == b"half"
        late.say(get("/late"))
        wait_for(lambda: len(scene.asked) == 2, 5, "both are asked for")
        ask_to_stop(process)
        assert late.hear_answer() is None
        assert stream.hear_all() == b""
    assert ended(process) == ("SIDETRACK_DRAIN_MS is over", 2)


def test_asked_twice_it_waits_no_longer(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene)
    with Connection(process.url) as stream:
        stream.say(get("/stream"))
        stream.hear_head()
        assert stream.hear(4) == b"half"
        ask_to_stop(process)
        wait_for(lambda: "event=stopping" in process.stderr, 5, "it has heard the first")
        wait_for(lambda: refuses(process.url), 5, "and has told its workers")
        ask_to_stop(process)
        assert stream.hear_all() == b""
    assert ended(process) == ("asked twice", 1)


def test_who_asks_to_reload_while_it_ends_does_not_kill_it(start_sidetrack: Start, scene: Scene) -> None:
    process = start(start_sidetrack, scene)
    ask_to_stop(process)
    while process.exit_status is None:
        os.kill(process.pid, signal.SIGHUP)  # until it is waited for there is somebody to send it to
    assert ended(process) == ("nobody is left", 0)
