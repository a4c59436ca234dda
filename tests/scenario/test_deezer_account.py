"""Deezer with an account: whole songs, their words, and what happens when the account is not good."""
from __future__ import annotations

import concurrent.futures
import secrets
from typing import Any, Callable, Iterator

import pytest

from tests.support import prometheus
from tests.support.client import Client, FinampLike
from tests.support.http import Answer
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

from .conftest import World

Start = Callable[..., Sidetrack]

# Made up for this run, as the stand-in wants them.
SECRET = secrets.token_hex(8)
HOUSEHOLD = secrets.token_hex(96)
CONFIDENTIAL = ("arl=", "sid=", "-stand-in-", SECRET, HOUSEHOLD)


def song(number: int) -> str:
    return f"657874011100{number:020x}"


STRONGER, ONE_MORE, AERODYNAMIC, DIGITAL_LOVE = song(3135556), song(3135553), song(3135554), song(3135555)


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", SECRET, "--account", f"{HOUSEHOLD}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_DEEZER_ARL": HOUSEHOLD, "SIDETRACK_DEEZER_SECRET": SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url}


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def logged_in(process: Sidetrack, user: str) -> FinampLike:
    client = FinampLike(process.url, f"device-{secrets.token_hex(4)}", "Pixel")
    client.log_in(user)
    return client


def calls(deezer: StandIn, method: str) -> int:
    return deezer.control("GET", "counters").get(method, 0)


def without_secrets(process: Sidetrack) -> bool:
    return not any(word in process.stderr for word in CONFIDENTIAL)


def plain(deezer: StandIn, number: int, form: str) -> bytes:
    return bytes.fromhex(deezer.control("GET", f"plain?id={number}&format={form}")["hex"])


def stream(client: Client, item: str, **headers: str) -> Answer:
    """The file as it is, in the best quality there is."""
    return client.get(f"/Items/{item}/File", headers=headers, timeout_s=30)


def is_preview(answer: Answer) -> bool:
    return answer.status == 200 and answer.header("Content-Type") == "audio/mpeg" and len(answer.body) < 500_000


def lanes(world: World, process: Sidetrack) -> list[dict[str, Any]]:
    admin = world.admin.through(process.url)
    providers = admin.get("/sidetrack/api/providers").json()["providers"]
    return next(entry["lanes"] for entry in providers if entry["name"] == "deezer")


def counted(world: World, name: str, **labels: str) -> float:
    return prometheus.parse(world.sidetrack.send("GET", "/metrics").text)[name].value(**labels)


@pytest.fixture(autouse=True)
def no_secret_is_told(sidetrack: Sidetrack) -> Iterator[None]:
    """Whatever happens, and at the level debug."""
    yield
    assert without_secrets(sidetrack)


@pytest.fixture
def other(request: pytest.FixtureRequest, world: World, start_sidetrack: Start) -> Iterator[Sidetrack]:
    """An instance of its own, with the settings that the test gives."""
    process = start_sidetrack(request.param)
    yield process
    assert without_secrets(process)


def test_a_song_comes_byte_by_byte(world: World, client: FinampLike) -> None:
    whole = plain(world.deezer, 3135556, "FLAC")
    answer = stream(client, STRONGER)
    assert (answer.status, answer.header("Content-Type")) == (200, "audio/flac")
    assert answer.header("Content-Length") == str(len(whole))
    assert answer.body == whole
    head = client.send("HEAD", f"/Items/{STRONGER}/File")
    assert (head.status, head.header("Content-Length")) == (200, str(len(whole)))


@pytest.mark.parametrize("first, last", [
    (0, 0), (1, 7), (2047, 2048), (6143, 6145), (6149, 100_001), (777_777, 777_777), (500_001, None), (-1, None),
    (-2049, None)])
def test_parts_of_a_song_begin_anywhere(world: World, client: FinampLike, first: int, last: int | None) -> None:
    """The first part asked for is of a song that nobody has heard yet."""
    number = 88_000_001 + abs(first) % 10
    whole = plain(world.deezer, number, "FLAC")
    wanted = whole[first:] if last is None else whole[first:last + 1]
    spelled = f"bytes={first}" if first < 0 else f"bytes={first}-{'' if last is None else last}"
    answer = stream(client, song(number), Range=spelled)
    assert answer.status == 206
    assert answer.body == wanted


def test_a_client_that_plays_mp3_only_gets_that(world: World, client: FinampLike) -> None:
    answer = client.get(f"/Audio/{AERODYNAMIC}/universal?Container=mp3&MaxStreamingBitrate=999999999", timeout_s=30)
    assert (answer.status, answer.header("Content-Type")) == (200, "audio/mpeg")
    assert answer.body == plain(world.deezer, 3135554, "MP3_320")
    answer = client.get(f"/Audio/{ONE_MORE}/universal?Container=mp3,flac&MaxStreamingBitrate=200000", timeout_s=30)
    assert answer.body == plain(world.deezer, 3135553, "MP3_128")


@pytest.mark.parametrize("other", [{"SIDETRACK_DEEZER_ARL": f"alice={HOUSEHOLD}"}], indirect=True)
def test_each_user_has_the_account_that_is_theirs(world: World, other: Sidetrack) -> None:
    alice, bob = logged_in(other, "alice"), logged_in(other, "bob")
    assert stream(alice, DIGITAL_LOVE).body == plain(world.deezer, 3135555, "FLAC")
    # Nor does the copy that alice's account has paid for reach bob.
    assert is_preview(stream(bob, DIGITAL_LOVE))
    assert [(lane["account"], lane["full"]) for lane in lanes(world, other)] == [("alice", True)]


@pytest.mark.parametrize("other", [{"SIDETRACK_DEEZER_SECRET": "0" * 16}], indirect=True)
def test_a_wrong_secret_is_told(world: World, other: Sidetrack) -> None:
    client = logged_in(other, "alice")
    answer = stream(client, STRONGER, Range="bytes=5000-6000")
    assert answer.status == 403, "not a byte of noise"
    assert "settings are wrong" in answer.text
    (lane,) = lanes(world, other)
    assert (lane["full"], lane["reason"]) == (False, "SIDETRACK_DEEZER_SECRET is wrong")
    assert lane["nextTry"]
    assert "deezer_secret_refused" in other.stderr
    assert is_preview(stream(client, STRONGER))


@pytest.mark.parametrize("other", [{"SIDETRACK_DEEZER_ARL": "f" * 192}], indirect=True)
def test_a_bad_arl_gives_previews_and_is_told(world: World, other: Sidetrack) -> None:
    client = logged_in(other, "alice")
    assert is_preview(stream(client, STRONGER))
    (lane,) = lanes(world, other)
    assert (lane["full"], lane["reason"]) == (False, "the ARL is not or no longer good")
    assert is_preview(stream(client, ONE_MORE))
    assert other.stderr.count("event=deezer_account_refused") == 1
    world.deezer.control("POST", "accounts", arl="f" * 192, plan="hq")
    other.advance(10 * 60 * 1000)
    assert stream(client, AERODYNAMIC).body == plain(world.deezer, 3135554, "MP3_320")
    assert lanes(world, other)[0]["qualities"] == ["mp3_320", "mp3_128"]


@pytest.mark.parametrize("other", [{"SIDETRACK_DEEZER_DOWNLOADS": "0"}], indirect=True)
@pytest.mark.parametrize("what", ["token", "session"])
def test_a_session_that_ends_mid_album_is_renewed_once(world: World, other: Sidetrack, what: str) -> None:
    client = logged_in(other, "alice")
    assert stream(client, STRONGER).status == 200
    before = {name: calls(world.deezer, f"gw deezer.{name}") for name in ("ping", "getUserData")}
    world.deezer.control("POST", "expire", what=what)
    numbers = range(88_000_001, 88_000_009)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: stream(logged_in(other, "alice"), song(number)), numbers))
    for number, answer in zip(numbers, answers):
        assert answer.body == plain(world.deezer, number, "FLAC")
    assert calls(world.deezer, "gw deezer.getUserData") == before["getUserData"] + 1
    assert calls(world.deezer, "gw deezer.ping") == before["ping"] + (what == "session")


@pytest.mark.parametrize("other", [{}], indirect=True)
def test_a_licence_that_has_ended_is_renewed(world: World, other: Sidetrack) -> None:
    client = logged_in(other, "alice")
    assert stream(client, STRONGER).status == 200
    world.deezer.control("POST", "expire", what="licence")
    assert stream(client, ONE_MORE).body == plain(world.deezer, 3135553, "FLAC")


@pytest.mark.parametrize("rights", ["none", "refused"])
def test_without_rights_the_fallback_plays(world: World, client: FinampLike, rights: str) -> None:
    number = {"none": 88_000_011, "refused": 88_000_012}[rights]
    world.deezer.control("POST", "song", id=number, rights=rights, fallback=88_000_020)
    assert stream(client, song(number)).body == plain(world.deezer, 88_000_020, "FLAC")


def test_without_rights_and_fallback_it_is_the_preview(world: World, client: FinampLike) -> None:
    world.deezer.control("POST", "song", id=88_000_013, rights="refused")
    assert is_preview(stream(client, song(88_000_013)))


def test_a_format_that_is_missing_comes_in_the_next_best(world: World, client: FinampLike) -> None:
    world.deezer.control("POST", "song", id=88_000_014, missing=["FLAC"])
    assert stream(client, song(88_000_014)).body == plain(world.deezer, 88_000_014, "MP3_320")


def test_a_song_that_is_not_ciphered_comes_as_it_is(world: World, client: FinampLike) -> None:
    world.deezer.control("POST", "settings", cipher="NONE")
    try:
        assert stream(client, song(88_000_018)).body == plain(world.deezer, 88_000_018, "FLAC")
    finally:
        world.deezer.control("POST", "settings", cipher="BF_CBC_STRIPE")


@pytest.mark.parametrize("other", [{}], indirect=True)
def test_the_first_song_comes_when_one_of_two_hosts_is_away(world: World, other: Sidetrack) -> None:
    world.deezer.fault(route="GET /cdn/a/", status=503)
    client = logged_in(other, "alice")
    assert stream(client, STRONGER).body == plain(world.deezer, 3135556, "FLAC")


@pytest.mark.parametrize("fault", ["cdn_cut", "cdn_gone"])
def test_what_the_cdn_does_not_give_is_asked_for_again(world: World, client: FinampLike, fault: str) -> None:
    number = {"cdn_cut": 88_000_015, "cdn_gone": 88_000_016}[fault]
    world.deezer.fault(fault=fault)
    assert stream(client, song(number)).body == plain(world.deezer, number, "FLAC")


@pytest.mark.parametrize("lifetime_s", [72000, 30])
def test_a_cdn_that_falls_silent_is_asked_for_the_rest(world: World, client: FinampLike, lifetime_s: int) -> None:
    """With an address that has expired meanwhile, too: another one is asked for."""
    number = {72000: 88_000_021, 30: 88_000_022}[lifetime_s]
    assert stream(client, STRONGER).status == 200  # the secret has been tried by now
    world.deezer.control("POST", "settings", media_lifetime_s=lifetime_s)
    world.deezer.fault(fault="cdn_stall")
    before, come = calls(world.deezer, "get_url"), counted(world, "sidetrack_track_source_bytes_total")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(stream, client, song(number))
        wait_for(lambda: counted(world, "sidetrack_track_source_bytes_total") > come + 500_000, 5,
                 "60 % have come")
        world.deezer.advance(60_000)
        world.sidetrack.advance(16_000)
        assert answer.result().body == plain(world.deezer, number, "FLAC")
    assert calls(world.deezer, "get_url") == before + (2 if lifetime_s == 30 else 1)
    world.deezer.control("POST", "settings", media_lifetime_s=72000)


def test_a_quota_of_the_gateway_is_waited_for(world: World, client: FinampLike) -> None:
    world.deezer.fault(route="song.getListData", times=1,
                       body='{"error":{"type":"Exception","message":"Quota limit exceeded","code":4}}')
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(stream, client, song(88_000_017))
        wait_for(lambda: counted(world, "sidetrack_deezer_gateway_calls_total", result="quota"), 5,
                 "the quota is noticed")
        world.sidetrack.advance(1500)
        assert answer.result().body == plain(world.deezer, 88_000_017, "FLAC")


def test_words_come_through_the_account_with_their_times(world: World, client: FinampLike) -> None:
    answer = client.get(f"/Audio/{STRONGER}/Lyrics").json()
    assert [(line["Text"], line.get("Start")) for line in answer["Lyrics"][:3]] == [
        ("Harder, Better, Faster, Stronger, line 1", 0), ("", 80_000_000),
        ("Harder, Better, Faster, Stronger, line 2", 100_000_000)]
    world.deezer.control("POST", "song", id=3135553, lyrics="text")
    answer = client.get(f"/Audio/{ONE_MORE}/Lyrics").json()
    assert answer["Lyrics"][1]["Text"] == "One More Time, line 2"
    assert "Start" not in answer["Lyrics"][1]


def test_an_arl_without_a_secret_ends_it_with_a_sentence(start_sidetrack: Start) -> None:
    for missing, other in (("SECRET", "ARL"), ("ARL", "SECRET")):
        process = start_sidetrack({f"SIDETRACK_DEEZER_{missing}": None}, wait=False)
        assert process.wait_exit(10) != 0
        assert f"SIDETRACK_DEEZER_{other} is set without SIDETRACK_DEEZER_{missing}" in process.stderr
        assert without_secrets(process)
