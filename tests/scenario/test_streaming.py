"""External songs as they are listened to: the first byte, parts, seeks, many listeners, and all that can
happen to a source or a disk meanwhile. Every byte is compared with what the stand-in's songs sound like."""
from __future__ import annotations

import concurrent.futures
import pathlib
import random
import secrets
import time
from typing import Any, Callable, Iterator

import pytest

from tests.support import prometheus
from tests.support.client import FinampLike
from tests.support.connection import Connection
from tests.support.http import Answer
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

from .conftest import World

Start = Callable[..., Sidetrack]

SECRET = secrets.token_hex(8)
HOUSEHOLD = secrets.token_hex(96)
CDN = "/cdn/"
SLOW = 300_000  # bytes per second, of songs of more than a million
FIRST, SECOND, THIRD, BEFORE = 3135556, 3135553, 3135554, 3135555
STALL_MS = 16_000
SLOT_WAIT_MS = 21_000


def external(number: int) -> str:
    return f"657874011100{number:020x}"


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{HOUSEHOLD}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_DEEZER_ARL": HOUSEHOLD, "SIDETRACK_DEEZER_SECRET": SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url,
            "SIDETRACK_WORKERS": "3"}


class Listener(FinampLike):
    """Somebody at one instance."""

    def song(self, number: int, first: int | None = None, last: int | None = None,
             **headers: str) -> Answer:
        if first is not None:
            headers["Range"] = f"bytes={first}-{'' if last is None else last}"
        return self.get(self.stream_path(external(number)), headers=headers, timeout_s=30)

    def request(self, number: int) -> bytes:
        return f"GET {self.stream_path(external(number))} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


class Scene:
    """An instance of its own, with an empty folder."""

    def __init__(self, world: World, process: Sidetrack, folder: pathlib.Path) -> None:
        self.world, self.process, self.folder = world, process, folder
        self.deezer = world.deezer
        self._plain: dict[int, bytes] = {}

    def listener(self, user: str = "alice") -> Listener:
        client = Listener(self.process.url, self.world.device_id(), "Pixel")
        client.log_in(user)
        return client

    def plain(self, number: int) -> bytes:
        if number not in self._plain:
            answer = self.deezer.control("GET", f"plain?id={number}&format=FLAC")
            self._plain[number] = bytes.fromhex(answer["hex"])
        return self._plain[number]

    def sources(self, number: int) -> int:
        """How often the CDN was asked for a song."""
        return len(self.deezer.requests(rf"GET {CDN}\w+/{number}/"))

    def begin(self) -> Scene:
        """Somebody has listened already: the account and its secret are known to be good."""
        assert self.listener().song(BEFORE).body == self.plain(BEFORE)
        wait_for(lambda: not self.files(".part"), 10, "the song before is stored")
        self.deezer.control("DELETE", "log")
        return self

    def files(self, end: str = ".track") -> list[pathlib.Path]:
        return [path for path in (self.folder / "tracks").iterdir()
                if path.name.endswith(end) and f".{BEFORE}." not in path.name]

    def wait_stored(self, count: int) -> None:
        wait_for(lambda: len(self.files()) == count and not self.files(".part"), 10, f"{count} songs are stored")

    def metric(self, name: str, **labels: str) -> float:
        labels = {label.rstrip("_"): value for label, value in labels.items()}
        return prometheus.parse(self.process.send("GET", "/metrics").text)[name].total(**labels)

    def advance(self, milliseconds: int) -> None:
        self.deezer.advance(milliseconds)
        self.process.advance(milliseconds)


@pytest.fixture
def scene(world: World, start_sidetrack: Start, tmp_path: pathlib.Path) -> Scene:
    return Scene(world, start_sidetrack(), tmp_path).begin()


def another(scene: Scene, start: Start, **changes: str | None) -> Scene:
    """The same folder with other settings; the one before has ended."""
    scene.process.finish()
    scene.deezer.control("DELETE", "log")
    return Scene(scene.world, start(changes), scene.folder)


# What is heard


def test_the_first_byte_does_not_wait_for_the_last(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    scene.deezer.fault(route=CDN, bytes_per_s=SLOW)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        began = time.monotonic()
        head = connection.hear_head()
        assert b" 200 " in head and b"\r\nContent-Type: audio/flac\r\n" in head
        assert f"\r\nContent-Length: {len(plain)}\r\n".encode() in head
        assert connection.hear(10_000) == plain[:10_000]
        assert time.monotonic() - began < len(plain) / SLOW / 2
        assert connection.hear(len(plain) - 10_000) == plain[10_000:]


def test_a_song_is_fetched_once_and_comes_from_the_disk_then(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    assert listener.song(FIRST).body == plain
    scene.wait_stored(1)
    for client in (listener, scene.listener("bob")):
        assert client.song(FIRST).body == plain
        part = client.song(FIRST, 70_000, 140_000)
        assert (part.status, part.body) == (206, plain[70_000:140_001])
        assert part.header("Content-Range") == f"bytes 70000-140000/{len(plain)}"
    assert scene.sources(FIRST) == 1
    assert scene.metric("sidetrack_track_cache_lookups_total", found="file") >= 4
    assert scene.metric("sidetrack_track_bytes_total", from_="file") >= 2 * len(plain)
    assert scene.metric("sidetrack_track_downloads_total", result="whole") == 2  # with the one before


def test_many_who_begin_at_once_share_one_download(scene: Scene) -> None:
    plain = scene.plain(FIRST)
    listeners = [scene.listener() for _ in range(12)]
    scene.deezer.fault(route=CDN, bytes_per_s=4 * SLOW)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda listener: listener.song(FIRST), listeners))
    assert all(answer.body == plain for answer in answers)
    assert scene.sources(FIRST) == 1
    assert scene.metric("sidetrack_track_source_bytes_total") == len(plain) + len(scene.plain(BEFORE))


def test_parts_of_a_song_that_is_still_coming(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    scene.deezer.fault(route=CDN, bytes_per_s=SLOW, times=1)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        assert connection.hear(200_000) == plain[:200_000]
        assert listener.song(FIRST, 100, 150_000).body == plain[100:150_001]
        assert scene.sources(FIRST) == 1
        # Far ahead: a source of its own, which need not wait.
        assert listener.song(FIRST, len(plain) - 1000).body == plain[-1000:]
        assert scene.sources(FIRST) == 2
        assert listener.song(FIRST, 5_000_000).status == 416
        assert connection.hear(len(plain) - 200_000) == plain[200_000:]
    scene.wait_stored(1)


def test_a_range_counts_for_the_same_bytes_only(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    etag = listener.song(FIRST).header("ETag")
    assert etag and etag.startswith('"')
    same = listener.song(FIRST, 10, 19, **{"If-Range": etag})
    assert (same.status, same.body) == (206, plain[10:20])
    other = listener.song(FIRST, 10, 19, **{"If-Range": '"other"'})
    assert (other.status, other.body) == (200, plain)
    head = listener.send("HEAD", listener.stream_path(external(SECOND)))
    assert int(head.header("Content-Length") or 0) == len(scene.plain(SECOND))
    assert scene.sources(SECOND) == 0


def test_the_next_song_loads_while_one_plays(scene: Scene) -> None:
    """One download at a time, and the slow player of the first song does not hold it."""
    listener, plain = scene.listener(), scene.plain(FIRST)
    with Connection(scene.process.url, receive_bytes=4096) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        scene.wait_stored(1)
        assert listener.song(SECOND).body == scene.plain(SECOND)
        assert connection.hear(len(plain)) == plain


def test_an_account_downloads_one_song_at_a_time(scene: Scene) -> None:
    listener = scene.listener()
    scene.deezer.fault(route=rf"{CDN}\w+/{FIRST}/", bytes_per_s=2 * SLOW)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        assert listener.song(SECOND).body == scene.plain(SECOND)  # when the first has come
        assert connection.hear(len(scene.plain(FIRST))) == scene.plain(FIRST)
    assert scene.metric("sidetrack_track_slot_waits_total") == 1
    scene.deezer.fault(route=rf"{CDN}\w+/{THIRD}/", stall=True, share=0.2)
    with Connection(scene.process.url) as stalled, concurrent.futures.ThreadPoolExecutor(1) as pool:
        stalled.say(listener.request(THIRD))
        stalled.hear_head()
        waiting = pool.submit(listener.song, 88_000_001)
        wait_for(lambda: scene.metric("sidetrack_track_slot_waits_total") == 2, 5, "it waits")
        scene.process.advance(SLOT_WAIT_MS)
        answer = waiting.result()
    assert answer.status == 503 and int(answer.header("Retry-After") or 0) > 0
    assert "busy" in answer.text


def test_who_skips_does_not_wait_for_what_nobody_hears(scene: Scene) -> None:
    listener = scene.listener()
    scene.deezer.fault(route=rf"{CDN}\w+/{FIRST}/", stall=True, share=0.2)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
    assert listener.song(SECOND).body == scene.plain(SECOND)
    assert scene.metric("sidetrack_track_downloads_total", result="given_up") == 1


# What happens to a source


@pytest.mark.parametrize("share", [0.01, 0.6, 0.999])
def test_a_source_that_is_cut_is_resumed_at_the_byte(scene: Scene, share: float) -> None:
    listener = scene.listener()
    scene.deezer.fault(route=CDN, abort=True, share=share, times=2)
    assert listener.song(FIRST).body == scene.plain(FIRST)
    assert scene.sources(FIRST) == 3
    scene.wait_stored(1)


def test_a_source_that_stalls_is_resumed(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    scene.deezer.fault(route=CDN, stall=True, share=0.6, times=1)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        half = connection.hear(len(plain) // 2)
        scene.advance(STALL_MS)
        assert half + connection.hear(len(plain) - len(half)) == plain
    assert scene.metric("sidetrack_track_sources_renewed_total", when="amid") == 1


def test_addresses_that_expire_amid_a_song_are_replaced(scene: Scene) -> None:
    listener = scene.listener()
    scene.deezer.fault(route=CDN, abort=True, share=0.6, times=1)
    scene.deezer.fault(route=CDN, status=403, times=2)  # on both hosts
    assert listener.song(FIRST).body == scene.plain(FIRST)
    assert scene.sources(FIRST) == 4
    scene.wait_stored(1)


@pytest.mark.parametrize("what", ["token", "session", "licence"])
def test_what_expires_amid_an_album_costs_nothing(scene: Scene, what: str) -> None:
    listener = scene.listener()
    for number in (FIRST, SECOND, THIRD):
        assert listener.song(number).body == scene.plain(number)
        scene.deezer.control("POST", "expire", what=what)
        scene.advance(6000)


def test_a_source_that_never_ends_well_breaks_the_transfer(scene: Scene) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    scene.deezer.fault(route=rf"{CDN}\w+/{FIRST}/", status=502)
    scene.deezer.fault(route=CDN, abort=True)
    assert listener.song(FIRST).status == 502
    scene.deezer.clear_faults()
    scene.deezer.fault(route=CDN, abort=True, share=0.3, times=1)
    scene.deezer.fault(route=CDN, status=502)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        heard = connection.hear(int(len(plain) * 0.29))
        for _ in range(20):
            scene.advance(1000)
        heard += connection.hear_all()
    assert len(heard) < len(plain) and plain.startswith(heard)
    assert scene.files("") == []
    scene.deezer.clear_faults()
    scene.advance(6000)
    assert listener.song(FIRST).body == plain


def test_a_wrong_secret_is_said_and_nothing_is_kept(scene: Scene, start_sidetrack: Start) -> None:
    scene = another(scene, start_sidetrack, SIDETRACK_DEEZER_SECRET="0123456789abcdef")
    answer = scene.listener().song(FIRST)
    assert answer.status == 403 and "settings" in answer.text
    assert scene.files("") == []


# What happens to the disk, and to us


def test_killed_amid_a_download_nothing_damaged_is_served(scene: Scene, start_sidetrack: Start) -> None:
    listener, plain = scene.listener(), scene.plain(FIRST)
    assert listener.song(SECOND).body == scene.plain(SECOND)
    scene.wait_stored(1)
    scene.deezer.fault(route=CDN, bytes_per_s=SLOW)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        connection.hear(400_000)
        assert len(scene.files(".part")) == 1
        scene.process.kill()
    assert len(scene.files(".part")) == 1
    scene.deezer.clear_faults()
    scene = another(scene, start_sidetrack)
    assert scene.files(".part") == []
    listener = scene.listener()
    assert listener.song(FIRST).body == plain
    assert listener.song(SECOND).body == scene.plain(SECOND)
    assert scene.sources(FIRST) <= 2  # the first look at whether the secret is right
    assert scene.sources(SECOND) == 0


@pytest.mark.parametrize("damage", ["bit", "short", "long", "empty"])
def test_a_damaged_file_is_never_served(scene: Scene, start_sidetrack: Start, damage: str) -> None:
    plain = scene.plain(FIRST)
    assert scene.listener().song(FIRST).body == plain
    scene.wait_stored(1)
    scene.process.finish()
    file = scene.files()[0]
    content = bytearray(file.read_bytes())
    assert content[:len(plain)] == plain
    content[500_000] ^= 1
    file.write_bytes({"bit": bytes(content), "short": plain[:-1], "long": bytes(content) + b"x",
                      "empty": b""}[damage])
    scene = another(scene, start_sidetrack)
    assert scene.listener().song(FIRST).body == plain
    assert scene.sources(FIRST) in (1, 2)
    scene.wait_stored(1)
    assert scene.files()[0].read_bytes()[:len(plain)] == plain


def test_a_full_disk_stops_no_music(world: World, settings: dict[str, str | None],
                                    tmp_path: pathlib.Path) -> None:
    world.deezer.control("DELETE", "log")
    process = Sidetrack({**settings, "SIDETRACK_DATA": str(tmp_path)}, through=["prlimit", "--fsize=700000"])
    try:
        scene = Scene(world, process, tmp_path)
        listeners = [scene.listener() for _ in range(3)]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda listener: listener.song(FIRST), listeners))
        assert all(answer.body == scene.plain(FIRST) for answer in answers)
        assert listeners[0].song(SECOND).body == scene.plain(SECOND)
        wait_for(lambda: scene.files("") == [], 5, "nothing is left")
        assert scene.metric("sidetrack_track_cache_files_lost_total", why="disk_failed") >= 2
        assert "event=track_not_stored" in process.stderr
    finally:
        process.finish()


def test_the_cache_stays_within_its_bounds(scene: Scene, start_sidetrack: Start) -> None:
    sizes = [len(scene.plain(number)) for number in (FIRST, SECOND, THIRD)]
    scene = another(scene, start_sidetrack, SIDETRACK_CACHE_BYTES=str(sizes[0] + sizes[2] + 10_000))
    listener = scene.listener()
    for number in (FIRST, SECOND):
        assert listener.song(number).body == scene.plain(number)
    for number in (FIRST, THIRD):
        assert listener.song(number).body == scene.plain(number)
        wait_for(lambda: not scene.files(".part"), 5, "it is stored")
    wait_for(lambda: sum(path.stat().st_size for path in scene.files()) <= sizes[0] + sizes[2] + 10_000, 5,
             "what is too much goes")
    assert scene.metric("sidetrack_track_cache_files_lost_total", why="evicted") >= 1
    scene = another(scene, start_sidetrack, SIDETRACK_CACHE_HOURS="0")
    assert scene.files("") == []
    assert scene.listener().song(FIRST).body == scene.plain(FIRST)
    assert scene.files("") == []


def test_every_byte_is_right_whatever_many_do_at_once(scene: Scene, start_sidetrack: Start) -> None:
    """Songs that come and go, parts of them, listeners who leave, sources that are cut: on all workers."""
    songs = [FIRST, SECOND, THIRD, 88_000_001, 88_000_002]
    scene = another(scene, start_sidetrack, SIDETRACK_CACHE_BYTES="4000000", SIDETRACK_DEEZER_DOWNLOADS="3",
                    SIDETRACK_WORKERS="4", SIDETRACK_USER_STREAMS="0")
    for number in songs:
        scene.plain(number)
    for _ in range(30):
        scene.deezer.fault(route=CDN, times=4, bytes_per_s=8_000_000)
        scene.deezer.fault(route=CDN, times=1, abort=True, share=0.4)

    def listen(seed: int) -> int:
        chance, listener, heard = random.Random(seed), scene.listener(), 0
        for _ in range(12):
            number = chance.choice(songs)
            plain = scene.plain(number)
            first = chance.choice([0, 0, chance.randrange(len(plain))])
            last = min(len(plain) - 1, first + chance.choice([10, 100_000, len(plain)]))
            if chance.random() < 0.25:  # who leaves
                with Connection(scene.process.url) as connection:
                    connection.say(listener.request(number))
                    connection.hear_head()
                    assert plain.startswith(connection.hear(chance.randrange(200_000)))
                continue
            answer = listener.song(number, first, last)
            assert answer.status == 206, answer.text[:200]
            assert answer.body == plain[first:last + 1]
            heard += len(answer.body)
        return heard

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(heard > 0 for heard in pool.map(listen, range(8)))
    wait_for(lambda: sum(path.stat().st_size for path in scene.files()) <= 4_000_000, 10, "the cache is in bounds")


# Limits of users


def test_a_user_listens_to_as_many_songs_as_allowed(scene: Scene, start_sidetrack: Start) -> None:
    scene = another(scene, start_sidetrack, SIDETRACK_USER_STREAMS="1")
    listener = scene.listener()
    scene.deezer.fault(route=rf"{CDN}\w+/{FIRST}/", bytes_per_s=2 * SLOW)
    with Connection(scene.process.url) as connection:
        connection.say(listener.request(FIRST))
        connection.hear_head()
        assert listener.song(FIRST, 5, 9).body == scene.plain(FIRST)[5:10]
        answer = listener.song(SECOND)
        assert answer.status == 429 and int(answer.header("Retry-After") or 0) > 0
        assert scene.listener("bob").song(SECOND, 0, 99).status == 206
    wait_for(lambda: listener.song(SECOND, 0, 99).status == 206, 5, "who has left listens no more")


def test_a_user_has_as_many_new_songs_a_day_as_allowed(scene: Scene, start_sidetrack: Start) -> None:
    scene = another(scene, start_sidetrack, SIDETRACK_USER_DOWNLOADS_PER_DAY="1")
    listener = scene.listener()
    assert listener.song(FIRST).status == 200
    scene.wait_stored(1)
    answer: Any = listener.song(SECOND)
    assert answer.status == 429 and int(answer.header("Retry-After") or 0) > 80_000
    assert listener.song(FIRST).status == 200
    assert scene.metric("sidetrack_track_limited_total", limit="downloads") == 1
