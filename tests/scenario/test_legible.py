"""What an operator can read: the access log and the metrics."""
from __future__ import annotations

import re
import socket
from typing import Callable, Iterator

import pytest

from tests.scenario.conftest import World
from tests.support import prometheus
from tests.support.connection import Connection, get
from tests.support.processes import Sidetrack
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.waiting import wait_for

Start = Callable[..., Sidetrack]
OK = b"HTTP/1.1 200 OK\r\n"
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
TRUSTED = {"SIDETRACK_TRUSTED_PROXIES": "127.0.0.1"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[RawUpstream]:
    server = RawUpstream()
    yield server
    server.stop()


def fields(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in FIELD.findall(line)}


def exchanges(process: Sidetrack, path: str) -> list[dict[str, str]]:
    return [found for found in map(fields, list(process.lines))
            if found.get("event") == "exchange_done" and found["path"] == path]


def exchange(process: Sidetrack, path: str) -> dict[str, str]:
    return wait_for(lambda: exchanges(process, path), 5, f"{path} is logged")[0]


# The access log


def test_a_line_says_all_of_a_relay(world: World, start_sidetrack: Start) -> None:
    process = start_sidetrack({**TRUSTED, "SIDETRACK_ACCESS_LOG": "all", "SIDETRACK_LOG_LEVEL": "info"})
    listener = world.finamp().through(process.url)
    listener.start(listener.get("/Items", {"includeItemTypes": "Audio", "recursive": True, "limit": 1})
                   .json()["Items"][0]["Id"])
    answer = listener.get("/Items/Counts?x=y&api_key=0123SECRET&%61piKey=0123SECRET",
                          headers={"X-Forwarded-For": "198.51.100.4, 203.0.113.9"})
    line = exchange(process, "/Items/Counts")
    assert (line["client"], line["user"], line["method"]) == ("203.0.113.9", "alice", "GET")
    assert line["query"] == "x=y&api_key=***&%61piKey=***"
    assert (line["route"], line["class"], line["aborted"]) == ("relay", "list", "0")
    assert int(line["status"]) == answer.status
    assert int(line["sent"]) > len(answer.body)
    assert 0 < float(line["upstream_ms"]) <= float(line["total_ms"])
    process.finish()
    assert "0123SECRET" not in process.stderr
    assert listener.token not in process.stderr


@pytest.mark.parametrize("base", ["", "/jf", "/JF"])
def test_a_path_has_its_class_below_jellyfins_base_too(
        upstream: RawUpstream, start_sidetrack: Start, base: str) -> None:
    process = start_sidetrack({"JELLYFIN_URL": upstream.url + "/jf", "SIDETRACK_ACCESS_LOG": "all"})
    process.send("GET", f"{base}/Items/Counts")
    assert exchange(process, f"{base}/Items/Counts")["class"] == "list"
    process.finish()


@pytest.mark.parametrize("mode, own, relayed", [("off", False, False), ("own", True, False), ("all", True, True)])
def test_the_operator_says_what_is_logged(world: World, start_sidetrack: Start, mode: str, own: bool,
                                          relayed: bool) -> None:
    process = start_sidetrack({"SIDETRACK_ACCESS_LOG": mode, "SIDETRACK_LOG_LEVEL": "info"})
    assert process.send("GET", "/System/Ping").status == 200
    assert process.send("GET", "/sidetrack/nowhere").status == 404
    process.finish()
    assert bool(exchanges(process, "/sidetrack/nowhere")) is own
    assert bool(exchanges(process, "/System/Ping")) is relayed


def test_an_upload_and_a_client_that_leaves_are_told(upstream: RawUpstream, start_sidetrack: Start) -> None:
    def half(talk: Talk) -> None:
        talk.say(OK + b"Content-Length: 100\r\n\r\nhalf")
        talk.wait_until_left()
    upstream.handlers.update({"/half": half, "/upload": saying(OK + b"Content-Length: 0\r\n\r\n")})
    process = start_sidetrack({"JELLYFIN_URL": upstream.url, "SIDETRACK_ACCESS_LOG": "all"})
    process.send("POST", "/upload", body=b"x" * 5000)
    with Connection(process.url) as client:
        client.say(get("/half"))
        client.hear_head()
        assert client.hear(4) == b"half"
        client.slam()
    left = exchange(process, "/half")
    assert (left["aborted"], left["status"]) == ("1", "200")
    assert exchange(process, "/upload")["received"] == "5000"


# The client behind a proxy


def test_the_client_behind_a_proxy_is_the_same_everywhere(world: World, start_sidetrack: Start) -> None:
    """In what Jellyfin hears: relays, reports and sockets, and token checks, which name no device."""
    process = start_sidetrack(TRUSTED)
    listener = world.finamp().through(process.url)
    behind = {"Forwarded": 'for=198.51.100.4, for="203.0.113.77:4711"'}
    since = len(world.jellyfin.requests())
    assert listener.get("/Items/657874011100000000000000002fd844", headers=behind).status == 200
    assert listener.get("/System/Info", headers=behind).status == 200
    listener.post("/Sessions/Playing", {"ItemId": "657874011100000000000000002fd844", "PositionTicks": 0},
                  headers=behind)

    def told() -> dict[str, str | None]:
        heard = [(entry["target"].partition("?")[0], dict(entry["headers"]))
                 for entry in world.jellyfin.requests()[since:]]
        return {path: headers.get("X-Forwarded-For") for path, headers in heard
                if listener.device_id in headers.get("Authorization", "")}
    wait_for(lambda: {"/Sessions/Playing", "/socket"} <= set(told()), 5, "Jellyfin hears the report")
    heard = told()
    checks = world.jellyfin.requests("GET /Users/Me")[-1:]
    assert [dict(entry["headers"])["X-Forwarded-For"] for entry in checks] == ["203.0.113.77"]
    assert {"/System/Info", "/Sessions/Playing", "/Sessions/Capabilities/Full", "/socket"} <= set(heard)
    assert {path: address for path, address in heard.items() if address != "203.0.113.77"} == {}
    listener.stop("657874011100000000000000002fd844", 1.0)


# Warnings


def test_a_failing_jellyfin_is_not_a_line_per_request(start_sidetrack: Start) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{probe.getsockname()[1]}"
    process = start_sidetrack({"JELLYFIN_URL": away, "SIDETRACK_LOG_LEVEL": "info"})

    def failures() -> list[dict[str, str]]:
        return [found for found in map(fields, list(process.lines)) if found.get("event") == "relay_failed"]
    for _ in range(30):
        assert process.send("GET", "/System/Ping").status == 502
    assert len(wait_for(failures, 5, "the first is told")) == 1
    process.advance(10_000)
    again = wait_for(lambda: failures()[1:], 5, "the rest is counted")
    assert [found["repeated"] for found in again] == ["29"]
    assert process.send("GET", "/System/Ping").status == 502
    process.finish()
    assert [found.get("repeated") for found in failures()] == [None, "29", "1"]


def test_who_sends_garbage_does_not_write_our_log(start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_LOG_LEVEL": "info"})

    def refusals() -> list[dict[str, str]]:
        return [found for found in map(fields, list(process.lines)) if found.get("event") == "request_refused"]
    for _ in range(30):
        with Connection(process.url) as client:
            client.say(b"nonsense\r\n\r\n")
            assert client.hear_all().startswith(b"HTTP/1.1 400 ")
    assert metrics(process)["sidetrack_requests_refused_total"].value() == 30
    assert [(found["status"], found["client"]) for found in wait_for(refusals, 5, "the first is told")] == [
        ("400", "127.0.0.1")]
    process.finish()
    assert [found.get("repeated") for found in refusals()] == [None, "29"]


# Metrics


def metrics(process: Sidetrack) -> dict[str, prometheus.Family]:
    answer = process.send("GET", "/metrics")
    assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    return prometheus.parse(answer.text)


def test_metrics_are_what_prometheus_reads(world: World) -> None:
    client = world.finamp()

    def lists() -> float:
        return metrics(world.sidetrack)["sidetrack_exchanges_total"].total(**{"class": "list"})
    earlier = lists()
    client.search("harder")
    # An exchange is counted when its answer has gone out, which the client may have before.
    wait_for(lambda: lists() > earlier, 5, "the search is counted")
    before = metrics(world.sidetrack)
    world.sidetrack.send("GET", "/Items/Counts")
    world.sidetrack.send("GET", "/System/Ping")
    world.sidetrack.send("GET", "/sidetrack/nowhere")
    after = metrics(world.sidetrack)

    def more(name: str, suffix: str = "", **labels: str) -> float:
        return after[name].total(suffix, **labels) - before[name].total(suffix, **labels)
    assert more("sidetrack_exchanges_total", **{"class": "system", "status": "2xx"}) == 1
    assert more("sidetrack_exchanges_total", **{"class": "list"}) == 1
    # The scrape before, and what was not found.
    assert more("sidetrack_exchange_seconds", "_count", **{"class": "own"}) == 2
    assert more("sidetrack_exchanges_total", **{"class": "own", "status": "4xx"}) == 1
    assert more("sidetrack_upstream_first_byte_seconds", "_count") == 2
    assert more("sidetrack_upstream_first_byte_seconds", "_sum") > 0
    assert after["sidetrack_client_connections"].value(phase="answer") == 1  # the one that asks
    idle, total = (after[f"sidetrack_upstream{name}"].value() for name in ("_idle_connections", "_connections"))
    assert 1 <= idle <= total
