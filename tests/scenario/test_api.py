"""Our own paths: health, metrics, plays and sessions, and who may see them."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from tests.scenario.conftest import World
from tests.support.client import Client
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

SONG = "657874011100000000000000002fd844"
Start = Callable[..., Sidetrack]


@pytest.fixture
def admin(world: World) -> Client:
    """The administrator, through Sidetrack."""
    client = world.web("admin")
    return client


def plays_of(admin: Client, client: Client) -> list[dict[str, Any]]:
    plays = admin.get("/sidetrack/api/plays").json()["plays"]
    return [play for play in plays if play["deviceId"] == client.device_id]


def test_plays_are_for_administrators(world: World, admin: Client) -> None:
    listener = world.finamp()
    assert admin.get("/sidetrack/api/plays").status == 200
    assert listener.get("/sidetrack/api/plays").status == 403
    answer = world.sidetrack.send("GET", "/sidetrack/api/plays")
    assert answer.status == 401
    assert '"code":"unauthorized"' in answer.text


def test_an_external_play_is_listed_from_start_to_stop(world: World, admin: Client) -> None:
    listener = world.finamp()
    listener.start(SONG)
    play = wait_for(lambda: plays_of(admin, listener), 5, "the play is listed")[0]
    assert play["state"] == "playing"
    assert play["user"]["name"] == "alice"
    assert play["item"]["external"] is True
    assert play["item"]["artist"] == "Daft Punk"
    listener.progress(SONG, 4.0, paused=True)
    wait_for(lambda: plays_of(admin, listener)[0]["state"] == "paused", 5, "the pause is seen")
    listener.stop(SONG, 4.0)
    wait_for(lambda: not plays_of(admin, listener), 5, "the play is over")


def test_a_native_play_is_listed_with_its_name(world: World, admin: Client) -> None:
    listener = world.finamp()
    song = listener.get("/Items", {"includeItemTypes": "Audio", "recursive": True, "limit": 1}).json()["Items"][0]
    listener.start(song["Id"])
    wait_for(lambda: [play["item"]["name"] for play in plays_of(admin, listener)] == [song["Name"]], 5,
             "the play has the song's name")
    assert plays_of(admin, listener)[0]["item"]["external"] is False
    listener.stop(song["Id"], 1.0)
    wait_for(lambda: not plays_of(admin, listener), 5, "the play is over")


def test_a_report_that_jellyfin_refuses_is_no_play(world: World, admin: Client) -> None:
    before = admin.get("/sidetrack/api/plays").json()["plays"]
    answer = world.sidetrack.send("POST", "/Sessions/Playing", json={"ItemId": "0" * 31 + "1"},
                                  headers={"Authorization": 'MediaBrowser Token="forged", DeviceId="f"'})
    assert answer.status == 401
    assert admin.get("/sidetrack/api/plays").json()["plays"] == before


def test_an_injected_session_is_listed(world: World, admin: Client) -> None:
    listener = world.finamp()
    listener.start(SONG)
    wait_for(lambda: [entry for entry in admin.get("/sidetrack/api/sessions").json()["sessions"]
                      if entry["deviceId"] == listener.device_id], 5, "the session is listed")
    listener.stop(SONG, 1.0)


def test_the_system_is_told_to_administrators(world: World, admin: Client) -> None:
    assert world.finamp().get("/sidetrack/api/system").status == 403
    assert world.sidetrack.send("GET", "/sidetrack/api/system").status == 401
    before = admin.get("/sidetrack/api/system").json()
    assert before["version"] and before["startedAt"].endswith("Z")
    assert before["jellyfin"]["healthy"] is True and before["jellyfin"]["name"] == "StandIn"
    assert before["clientConnections"] >= 1 and before["upstreamConnections"] >= 1
    tunnel = admin.open_socket()
    world.advance(5000)
    after = admin.get("/sidetrack/api/system").json()
    assert after["tunnels"] == before["tunnels"] + 1
    assert after["uptimeSeconds"] >= before["uptimeSeconds"] + 5
    assert after["exchanges"] > before["exchanges"]
    tunnel.close()


def test_metrics_count_what_passes(world: World) -> None:
    def relays() -> int:
        text = world.sidetrack.send("GET", "/metrics").text
        return next(int(line.split()[1]) for line in text.splitlines()
                    if line.startswith("sidetrack_relays_total"))
    before = relays()
    world.sidetrack.send("GET", "/System/Info/Public")
    assert relays() == before + 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_metrics_are_not_for_those_behind_a_proxy_on_this_machine(world: World, header: str) -> None:
    assert world.sidetrack.send("GET", "/metrics", headers={header: "for=203.0.113.9"}).status == 401


def test_metrics_with_a_token_ask_for_it(start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_METRICS_TOKEN": "let-me-see"})
    assert process.send("GET", "/metrics").status == 401
    assert process.send("GET", "/metrics", headers={"Authorization": "Bearer let-me-see"}).status == 200
    assert process.send("GET", "/metrics", headers={"Authorization": "Bearer let-me-sea"}).status == 401


@pytest.mark.parametrize("method,path,status,code", [
    ("GET", "/sidetrack/nowhere", 404, "not_found"),
    ("POST", "/sidetrack/api/plays", 405, "method_not_allowed"),
])
def test_other_own_paths_say_so_in_json(world: World, method: str, path: str, status: int, code: str) -> None:
    answer = world.sidetrack.send(method, path)
    assert answer.status == status
    assert f'"code":"{code}"' in answer.text


def test_the_test_clock_is_for_tests(start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_TEST_CLOCK": "off"})
    assert process.send("POST", "/sidetrack/test/clock", json={"advance_ms": 1}).status == 404


def test_localhost_is_found_wherever_jellyfin_listens(world: World, start_sidetrack: Start) -> None:
    port = world.jellyfin.url.rsplit(":", 1)[1]
    process = start_sidetrack({"JELLYFIN_URL": f"http://localhost:{port}"})
    assert process.send("GET", "/System/Info/Public").status == 200


@pytest.mark.parametrize("change,finds", [
    ({}, True),
    ({"SIDETRACK_EXTERNAL_USERS": "bob, Alice"}, True),
    ({"SIDETRACK_EXTERNAL_USERS": "bob"}, False),
    ({"SIDETRACK_EXTERNAL_CLIENTS": "finamp"}, True),
    ({"SIDETRACK_EXTERNAL_CLIENTS": "Feishin,Jellyfin Web"}, False),
])
def test_the_administrator_says_who_gets_external_music(world: World, start_sidetrack: Start,
                                                        change: dict[str, str], finds: bool) -> None:
    client = world.finamp().through(start_sidetrack(change).url)
    assert (client.get(f"/Items/{SONG}").status == 200) is finds
    names = wait_for(lambda: [item["Name"] for item in client.get(
        "/Items", {"searchTerm": "harder", "includeItemTypes": "Audio", "recursive": True}).json()["Items"]]
        or not finds, 5, "the search has an answer")
    assert bool(names is not True and names) is finds


def test_providers_are_told_to_administrators(world: World, admin: Client) -> None:
    listener = world.finamp()
    assert listener.get("/sidetrack/api/providers").status == 403
    assert world.sidetrack.send("GET", "/sidetrack/api/providers").status == 401
    wait_for(lambda: listener.search("lantern")["Items"], 5, "something is asked")
    answer = admin.get("/sidetrack/api/providers").json()
    deezer = next(entry for entry in answer["providers"] if entry["name"] == "deezer")
    assert deezer["up"] is True and deezer["breaker"]["state"] == "closed"
    assert 0 < deezer["window"]["used"] <= deezer["window"]["limit"]
    assert isinstance(deezer["lanes"], list)
    assert answer["lrclib"] == {"asked": False, "up": False}
    assert answer["caches"]["catalog"]["lists"] > 0
    listener.get(f"/Items/{SONG}/Images/Primary")
    assert admin.get("/sidetrack/api/providers").json()["caches"]["pictures"]["count"] > 0


def test_a_provider_that_is_down_is_told(world: World, admin: Client) -> None:
    world.deezer.fault(status=500)
    for number in range(4):
        admin.get(f"/Items/6578740111000000000000000000{number:04x}")

    def deezer() -> dict[str, Any]:
        return admin.get("/sidetrack/api/providers").json()["providers"][0]
    assert deezer()["up"] is False and deezer()["breaker"]["state"] == "open"
    assert deezer()["breaker"]["asksAgainInMs"] > 0
    world.deezer.clear_faults()
    world.advance(70_000)
    assert deezer()["up"] is True, "it may be asked again"
