"""A scripted listener: plays what it finds, over and over, as a music client would.

It logs in, searches, and plays a song from outside and a local song in turn: HEAD, the first
bytes by Range, the whole song, a start, a report every two seconds with a pause in the middle,
a stop. Works against any Jellyfin, with or without Sidetrack in front of it.
"""
from __future__ import annotations

import argparse
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Iterator

EXTERNAL_ID_START = "65787401"  # every id of a provider's song begins so
TICKS_PER_SECOND = 10_000_000
REPORT_SECONDS = 2
TIMEOUT_SECONDS = 10


class Client:
    """One device of one user. Raises urllib.error.URLError when the server cannot be asked."""

    def __init__(self, url: str, app: str, device: str) -> None:
        self.url = url.rstrip("/")
        self.token = ""
        self.user_id = ""
        device_id = device.lower().replace(" ", "-")
        self._who = (f'Client="{app}", Device="{device}", DeviceId="{device_id}", '
                     'Version="1.0"')

    def open(self, method: str, path: str, body: Any = None,
             headers: dict[str, str] | None = None) -> Any:
        token = f', Token="{self.token}"' if self.token else ""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers={
            "Authorization": f"MediaBrowser {self._who}{token}",
            "Accept": "application/json", "Content-Type": "application/json", **(headers or {})})
        return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        with self.open(method, path, body) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def log_in(self, user: str, password: str) -> None:
        answer = self.ask("POST", "/Users/AuthenticateByName", {"Username": user, "Pw": password})
        self.token = answer["AccessToken"]
        self.user_id = answer["User"]["Id"]

    def search_songs(self, term: str) -> list[dict[str, Any]]:
        query = urllib.parse.urlencode({
            "userId": self.user_id, "searchTerm": term, "includeItemTypes": "Audio",
            "recursive": "true", "limit": 24, "startIndex": 0})
        return self.ask("GET", f"/Items?{query}")["Items"]


def say(text: str) -> None:
    print(f"listener: {text}", flush=True)


def is_external(song: dict[str, Any]) -> bool:
    return song["Id"].startswith(EXTERNAL_ID_START)


def describe(song: dict[str, Any]) -> str:
    where = "from outside" if is_external(song) else "local"
    artists = ", ".join(song.get("Artists") or ["?"])
    return f'"{song["Name"]}" by {artists} ({where})'


def take_turns(songs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """External and local songs alternately, forever; one kind alone when there is no other."""
    kinds = [kind for kind in ([song for song in songs if is_external(song)],
                               [song for song in songs if not is_external(song)]) if kind]
    turn = 0
    while kinds:
        kind = kinds[turn % len(kinds)]
        yield kind[turn // len(kinds) % len(kind)]
        turn += 1


def fetch(client: Client, song: dict[str, Any]) -> int:
    """HEAD, a Range and the whole song, as players do; answers the number of bytes."""
    query = urllib.parse.urlencode({
        "userId": client.user_id, "deviceId": "demo", "container": "mp3,flac,wav",
        "ApiKey": client.token})
    path = f"/Audio/{song['Id']}/universal?{query}"
    client.open("HEAD", path).close()
    with client.open("GET", path, headers={"Range": "bytes=0-1023"}) as answer:
        answer.read()
    with client.open("GET", path) as answer:
        return len(answer.read())


def play(client: Client, song: dict[str, Any], seconds: int) -> None:
    """Reports one play of at most `seconds`, paused for one report in the middle."""
    ask = client.ask("POST", f"/Items/{song['Id']}/PlaybackInfo?userId={client.user_id}", {})
    state = {"ItemId": song["Id"], "MediaSourceId": song["Id"], "CanSeek": True,
             "PlayMethod": "DirectPlay", "PlaySessionId": ask.get("PlaySessionId")}
    say(f"plays {describe(song)}, {fetch(client, song)} bytes")
    client.ask("POST", "/Sessions/Playing", {**state, "PositionTicks": 0})
    length = min(seconds, (song.get("RunTimeTicks") or 0) // TICKS_PER_SECOND or seconds)
    position = 0
    while position < length:
        time.sleep(REPORT_SECONDS)
        is_paused = length // 2 <= position < length // 2 + REPORT_SECONDS
        if is_paused:
            report(client, state, position, True)
            time.sleep(REPORT_SECONDS)
        position += REPORT_SECONDS
        report(client, state, position, False)
    client.ask("POST", "/Sessions/Playing/Stopped",
               {**state, "PositionTicks": position * TICKS_PER_SECOND})


def report(client: Client, state: dict[str, Any], position: int, is_paused: bool) -> None:
    client.ask("POST", "/Sessions/Playing/Progress",
               {**state, "PositionTicks": position * TICKS_PER_SECOND, "IsPaused": is_paused,
                "EventName": "timeupdate"})


def listen(options: argparse.Namespace) -> None:
    client = Client(options.url, "Demo Player", "Demo Phone")
    client.log_in(options.user, options.password)
    say(f"{options.user} is logged in at {options.url}")
    songs: list[dict[str, Any]] = []
    for term in options.search:
        found = client.search_songs(term)
        external = sum(is_external(song) for song in found)
        say(f'searched "{term}": {len(found) - external} local, {external} from outside')
        songs += [song for song in found if song not in songs]
    if not songs:
        raise SystemExit("listener: nothing found to play")
    for number, song in enumerate(take_turns(songs)):
        if number == options.count:
            return
        play(client, song, options.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--user", default="alice")
    parser.add_argument("--password", default="alice-pw")
    parser.add_argument("--search", nargs="+", default=["tide", "light"], metavar="TERM")
    parser.add_argument("--seconds", type=int, default=20, help="how long a song is listened to")
    parser.add_argument("--count", type=int, default=-1, help="songs to play, -1 = no end")
    options = parser.parse_args()
    try:
        listen(options)
    except urllib.error.HTTPError as problem:
        raise SystemExit(f"listener: {problem.url.partition('?')[0]} answered {problem.code}")
    except (OSError, KeyError, ValueError) as problem:
        raise SystemExit(f"listener: gave up: {problem!r}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
