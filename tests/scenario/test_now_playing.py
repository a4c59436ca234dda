"""What Jellyfin shows of a play, step by step, whatever order clients report in.

Each story is a table: what the client does, and what /Sessions says after it. What a step
does not mention stays as it was.
"""
from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import Client, is_external, ticks
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_story import find_external

Shown = dict[str, Any]
Step = tuple[str, str, dict[str, Any], Shown]

TERMS = {"a": ("harder better", "Harder, Better, Faster, Stronger"), "b": ("light", "Cold Light")}
QUEUE = {"NowPlayingQueue": [{"Id": "a", "PlaylistItemId": "entry0"}, {"Id": "local", "PlaylistItemId": "entry1"}]}
SETTLED_S = 0.4

# (verb, track, what the report says besides, what is shown then)
STORIES: dict[str, list[Step]] = {
    "a story without surprises": [
        ("start", "a", {}, {"track": "a", "paused": False, "position": 0, "method": "DirectPlay"}),
        ("progress", "a", {"at": 4}, {"position": 4}),
        ("progress", "a", {"at": 4, "paused": True}, {"paused": True}),
        ("progress", "a", {"at": 4}, {"paused": False}),
        ("stop", "a", {"at": 9}, {"track": None}),
    ],
    "everything the player says": [
        ("start", "a", {"VolumeLevel": 80, "IsMuted": False, "RepeatMode": "RepeatNone", "PlaybackOrder": "Default",
                        "PlaylistItemId": "entry0", **QUEUE},
         {"track": "a", "volume": 80, "muted": False, "repeat": "RepeatNone", "order": "Default", "entry": "entry0"}),
        ("progress", "a", {"at": 1, "IsMuted": True}, {"muted": True}),
        ("progress", "a", {"at": 1, "VolumeLevel": 12}, {"volume": 12}),
        ("progress", "a", {"at": 1, "RepeatMode": "RepeatOne"}, {"repeat": "RepeatOne"}),
        ("progress", "a", {"at": 1, "PlaybackOrder": "Shuffle"}, {"order": "Shuffle"}),
        ("progress", "a", {"at": 20, "PlayMethod": "DirectStream"}, {"position": 20, "method": "DirectStream"}),
        ("progress", "a", {"at": 21, "PlayMethod": "Transcode"}, {"method": "DirectPlay"}),
        ("stop", "a", {"at": 22, **QUEUE}, {"track": None, "queue": ["entry0", "entry1"]}),
    ],
    "the next track without a stop": [
        ("start", "a", {}, {"track": "a"}),
        ("start", "b", {}, {"track": "b", "position": 0}),
        ("stop", "a", {"at": 29}, {"track": "b"}),
        ("stop", "b", {"at": 3}, {"track": None}),
    ],
    "the next track by its progress alone": [
        ("start", "a", {}, {"track": "a"}),
        ("progress", "b", {"at": 2}, {"track": "b", "position": 2}),
        ("progress", "a", {"at": 28}, {"track": "b"}),
        ("stop", "b", {"at": 3}, {"track": None}),
    ],
    "a stop that names no track": [
        ("start", "a", {"at": 3}, {"track": "a", "position": 3}),
        ("stop", "", {"at": 5}, {"track": None}),
    ],
    "progress without a start": [
        ("progress", "a", {"at": 7}, {"track": "a", "position": 7}),
        ("stop", "a", {"at": 9}, {"track": None}),
    ],
    "a start twice": [
        ("start", "a", {"at": 0}, {"track": "a"}),
        ("start", "a", {"at": 11}, {"track": "a", "position": 11}),
        ("stop", "a", {"at": 12}, {"track": None}),
    ],
    "the same track once more, under a new play session": [
        ("start", "a", {"at": 25, "PlaySessionId": "first"}, {"track": "a", "position": 25}),
        ("start", "a", {"PlaySessionId": "second"}, {"track": "a", "position": 0}),
        ("stop", "a", {"at": 28, "PlaySessionId": "first"}, {"track": "a"}),
        ("stop", "a", {"at": 2, "PlaySessionId": "second"}, {"track": None}),
    ],
    "a late progress does not revive what has stopped": [
        ("start", "a", {}, {"track": "a"}),
        ("stop", "a", {"at": 5}, {"track": None}),
        ("progress", "a", {"at": 4}, {"track": None}),
        ("start", "a", {"at": 0}, {"track": "a", "position": 0}),
        ("stop", "a", {"at": 1}, {"track": None}),
    ],
    "a stop before its start": [
        ("stop", "a", {"at": 5}, {"track": None}),
        ("start", "a", {}, {"track": "a"}),
        ("stop", "a", {"at": 1}, {"track": None}),
    ],
    "from a local song to an external one and back": [
        ("start", "local", {}, {"track": "local"}),
        ("start", "a", {}, {"track": "a"}),
        ("start", "local", {}, {"track": "local"}),
        ("progress", "local", {"at": 2}, {"track": "local"}),
        ("start", "b", {}, {"track": "b"}),
        ("stop", "b", {"at": 2}, {"track": None}),
    ],
    "a late progress of the external song before a local one": [
        ("start", "a", {}, {"track": "a"}),
        ("start", "local", {}, {"track": "local"}),
        ("progress", "a", {"at": 20}, {"track": "local"}),
        ("stop", "a", {"at": 21}, {"track": "local"}),
        ("stop", "local", {"at": 2}, {"track": None}),
    ],
    "a late stop of the local song before an external one": [
        ("start", "local", {}, {"track": "local"}),
        ("start", "a", {}, {"track": "a"}),
        ("stop", "local", {"at": 9}, {"track": "a"}),
        ("stop", "a", {"at": 2}, {"track": None}),
    ],
}


class Stage:
    """One client, its tracks, and what Jellyfin shows of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client: Client = world.finamp()
        self.tracks = {name: find_external(self.client, *term) for name, term in TERMS.items()}
        self.tracks["local"] = next(item for item in self.client.search("light", Limit=50)["Items"]
                                    if not is_external(item))

    def report(self, verb: str, track: str, said: dict[str, Any]) -> None:
        said = dict(said)
        position = said.pop("at", 0)
        if "NowPlayingQueue" in said:
            said["NowPlayingQueue"] = [{**entry, "Id": self.tracks[entry["Id"]]["Id"]}
                                       for entry in said["NowPlayingQueue"]]
        if track:
            getattr(self.client, verb)(self.tracks[track], position, **said)
        else:
            answer = self.client.post("/Sessions/Playing/Stopped", {"PositionTicks": ticks(position), **said})
            assert answer.status == 204

    def shown(self) -> Shown:
        session = self.world.session(self.client) or {}
        item = session.get("NowPlayingItem")
        state = session.get("PlayState", {})
        names = {entry["Id"]: name for name, entry in self.tracks.items()}
        return {"track": names.get(item["Id"], item["Id"]) if item else None, "paused": state.get("IsPaused"),
                "position": state.get("PositionTicks", -1) // ticks(1), "volume": state.get("VolumeLevel"),
                "muted": state.get("IsMuted"), "repeat": state.get("RepeatMode"), "order": state.get("PlaybackOrder"),
                "method": state.get("PlayMethod"), "entry": session.get("PlaylistItemId"),
                "queue": [entry.get("PlaylistItemId") for entry in session.get("NowPlayingQueue", [])]}


def fits(shown: Shown, expected: Shown) -> bool:
    """Positions move on by themselves while a test looks."""
    return all(value <= shown[name] <= value + 3 if name == "position" else shown[name] == value
               for name, value in expected.items())


@pytest.mark.parametrize("story", list(STORIES), ids=list(STORIES))
def test_what_is_shown_after_each_step(world: World, story: str) -> None:
    stage = Stage(world)
    for number, (verb, track, said, expected) in enumerate(STORIES[story]):
        stage.report(verb, track, said)
        what = f"step {number}, {verb} {track}: {expected}"
        try:
            wait_for(lambda: fits(stage.shown(), expected), 3, what)
        except AssertionError as error:
            raise AssertionError(f"{what}, but {stage.shown()}") from error
        stays_true(lambda: stage.shown()["track"] == expected.get("track", stage.shown()["track"]), SETTLED_S,
                   f"{what}, and stays")


def test_two_users_on_one_device_id_take_turns(world: World) -> None:
    """For Jellyfin it is one session, which belongs to whoever spoke last."""
    alice = Stage(world)
    bob = Stage(world)
    bob.client.device_id, bob.client.token = alice.client.device_id, None
    bob.client.log_in("bob")
    for stage, track, user in [(alice, "a", "alice"), (bob, "b", "bob"), (alice, "b", "alice"), (bob, "local", "bob")]:
        stage.report("start", track, {})
        wait_for(lambda: stage.shown()["track"] == track and world.session(stage.client)["UserName"] == user, 3,
                 f"{user} plays {track}")
        stays_true(lambda: stage.shown()["track"] == track, SETTLED_S, "and nobody takes it down")
    bob.report("stop", "local", {"at": 2})
    wait_for(lambda: bob.shown()["track"] is None, 3, "nothing plays")


def test_the_position_moves_between_reports_and_stops_at_the_end(world: World) -> None:
    stage = Stage(world)
    stage.report("start", "a", {"at": 5})
    wait_for(lambda: stage.shown()["track"] == "a", 3, "it is shown")
    for passed_s in (10, 20, 25, 40):
        world.advance(5_000 if passed_s == 25 else 10_000 if passed_s < 40 else 15_000)
        expected = min(5 + passed_s, 30)
        wait_for(lambda: abs(stage.shown()["position"] - expected) <= 1, 3, f"{expected} s after {passed_s}")
    stage.report("stop", "a", {"at": 30})
