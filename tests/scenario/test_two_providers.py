"""Deezer and Qobuz at once: one list without doubles, and each plays where the other cannot."""
from __future__ import annotations

import secrets
import time
from typing import Any, Callable, Iterator

import pytest

from tests.support import prometheus
from tests.support.client import FinampLike, Item, is_external
from tests.support.http import Answer, send
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

from .test_paging import assert_pages_make_the_whole, items_page

Start = Callable[..., Sidetrack]

# Made up for this run, as the stand-ins want them.
DEEZER_SECRET, ARL = secrets.token_hex(8), secrets.token_hex(96)
APP, QOBUZ_SECRET = str(secrets.randbelow(10**9)).zfill(9), secrets.token_hex(16)
TOKEN = secrets.token_hex(32)

DEEZERS, QOBUZS = "1", "2"  # the ninth digit of an id
# "Discovery" is at both: GBDUW0000059 is the 4th song there.
STRONGER, ISRC = f"657874011100{3135556:020x}", "GBDUW0000059"
ONE_MORE = f"657874011100{3135553:020x}"
LIMIT_S, SLACK_S = 0.300, 0.150


@pytest.fixture(scope="module")
def deezer() -> Iterator[StandIn]:
    process = StandIn("deezer", "--secret", DEEZER_SECRET, "--account", f"{ARL}:lossless")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def qobuz() -> Iterator[StandIn]:
    process = StandIn("qobuz", "--app", APP, "--secret", QOBUZ_SECRET, "--account", f"{TOKEN}:hires")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], deezer: StandIn, qobuz: StandIn) -> dict[str, str | None]:
    """Both with an account that plays in full."""
    return {**settings, "SIDETRACK_DEEZER_ARL": ARL, "SIDETRACK_DEEZER_SECRET": DEEZER_SECRET,
            "SIDETRACK_DEEZER_GATEWAY_URL": deezer.url, "SIDETRACK_DEEZER_MEDIA_URL": deezer.url,
            "SIDETRACK_QOBUZ_URL": qobuz.url, "SIDETRACK_QOBUZ_APP_ID": APP,
            "SIDETRACK_QOBUZ_APP_SECRET": QOBUZ_SECRET, "SIDETRACK_QOBUZ_TOKEN": TOKEN}


PREVIEWS = {"SIDETRACK_DEEZER_ARL": None, "SIDETRACK_DEEZER_SECRET": None}


@pytest.fixture(autouse=True)
def quiet(deezer: StandIn, qobuz: StandIn) -> Iterator[None]:
    for provider in (deezer, qobuz):
        provider.clear_faults()
        provider.advance(6000)
    yield
    for provider in (deezer, qobuz):
        provider.clear_faults()


def listener(sidetrack: Sidetrack, user: str = "alice") -> FinampLike:
    client = FinampLike(sidetrack.url, f"device-{secrets.token_hex(4)}")
    client.log_in(user)
    return client


def externals(client: FinampLike, term: str, types: str = "Audio", **query: str) -> list[Item]:
    return [item for item in client.search(term, types, Limit=200, **query)["Items"] if is_external(item)]


def answers(client: FinampLike) -> list[float]:
    """How many of its questions each provider has answered."""
    calls = prometheus.parse(send(client.base_url, "GET", "/metrics").text)["sidetrack_catalog_calls_total"]
    return [calls.value(provider=name, result="ok") for name in ("deezer", "qobuz")]


def from_both(client: FinampLike, term: str, types: str = "Audio", **query: str) -> list[Item]:
    """What is found once both have answered: Deezer about each type, Qobuz about all at once."""
    deezer, qobuz = answers(client)
    wanted = deezer + len(types.split(",")), qobuz + 1
    client.search(term, types, **query)
    wait_for(lambda: all(now >= then for now, then in zip(answers(client), wanted)), 5, "both answer")
    return externals(client, term, types, **query)


def providers_of(items: list[Item]) -> list[str]:
    return [item["Id"][8] for item in items]


def play(client: FinampLike, item: str, **headers: str) -> Answer:
    return client.get(f"/Items/{item}/File", headers=headers, timeout_s=30)


def counted(sidetrack: Sidetrack, name: str, **labels: str) -> float:
    return prometheus.parse(sidetrack.send("GET", "/metrics").text)[name].value(**labels)


# One list


@pytest.mark.parametrize("changes, kept", [
    ({}, DEEZERS), ({"SIDETRACK_PROVIDERS": "qobuz,deezer"}, QOBUZS),
    (PREVIEWS, QOBUZS), ({"SIDETRACK_QOBUZ_TOKEN": None, "SIDETRACK_QOBUZ_APP_SECRET": None}, DEEZERS)],
    ids=["the preferred", "the preferred, Qobuz", "who plays in full: Qobuz", "who plays in full: Deezer"])
def test_of_doubles_the_better_one_is_kept(start_sidetrack: Start, changes: dict[str, str | None], kept: str) -> None:
    client = listener(start_sidetrack(changes))
    for term, types, name in (("digital love", "Audio", "Digital Love"), ("discovery", "MusicAlbum", "Discovery"),
                              ("daft punk", "MusicArtist", "Daft Punk")):
        items = from_both(client, term, types)
        assert [item["Id"][8] for item in items if item["Name"].startswith(name)] == [kept]


def test_what_is_local_is_shown_by_neither(start_sidetrack: Start) -> None:
    client = listener(start_sidetrack())
    found = from_both(client, "copper sun", Fields="ProviderIds")
    assert not [item["Name"] for item in found if item["Name"].startswith("Copper Sun")]


@pytest.mark.parametrize("changes, turns", [({}, [DEEZERS, QOBUZS]), (PREVIEWS, [QOBUZS, DEEZERS])],
                         ids=["the preferred leads", "who plays in full leads"])
def test_providers_take_turns(start_sidetrack: Start, changes: dict[str, str | None], turns: list[str]) -> None:
    client = listener(start_sidetrack(changes))
    assert providers_of(from_both(client, "violet static"))[:4] == turns * 2


@pytest.mark.parametrize("types", ["Audio", "Audio,MusicAlbum,MusicArtist,Playlist"])
def test_pages_of_both_make_the_whole(start_sidetrack: Start, types: str) -> None:
    client = listener(start_sidetrack())
    from_both(client, "static", types)
    whole = assert_pages_make_the_whole(items_page(client, "/Items", {
        "searchTerm": "static", "includeItemTypes": types, "recursive": True, "userId": client.user_id}))
    assert {entry[8] for entry in whole if is_external(entry)} == {DEEZERS, QOBUZS}


@pytest.mark.parametrize("troubled, well", [("deezer", QOBUZS), ("qobuz", DEEZERS)])
@pytest.mark.parametrize("fault", [{"fault": "blackhole"}, {"fault": "429"}, {"status": 500}, {"reset": True},
                                   {"fault": "broken_json"}, {"fault": "slow", "ms": 2000}],
                         ids=lambda fault: "-".join(map(str, fault.values())))
def test_one_in_trouble_does_not_keep_the_other_away(start_sidetrack: Start, deezer: StandIn, qobuz: StandIn,
                                                     troubled: str, well: str, fault: dict[str, Any]) -> None:
    client = listener(start_sidetrack())
    {"deezer": deezer, "qobuz": qobuz}[troubled].fault(**fault)
    client.search("mira sol")  # the token is confirmed
    began = time.monotonic()
    answer = client.search("static", Limit=100)
    assert time.monotonic() - began < LIMIT_S + SLACK_S
    assert answer["TotalRecordCount"] >= len(answer["Items"])
    wait_for(lambda: set(providers_of(externals(client, "static"))) == {well}, 5, "the other's are shown")


# Playing


def cannot_be_opened(deezer: StandIn) -> None:
    """Deezer's catalogue is there, its songs are not."""
    deezer.fault(route="gateway|gw-light|get_url|/media/", status=503)


def test_a_song_that_cannot_be_opened_comes_from_the_other(start_sidetrack: Start, deezer: StandIn,
                                                           qobuz: StandIn) -> None:
    sidetrack = start_sidetrack()
    client = listener(sidetrack)
    cannot_be_opened(deezer)
    answer = play(client, STRONGER)
    assert (answer.status, answer.header("Content-Type")) == (200, "audio/flac")
    assert answer.header("Content-Length") == str(len(answer.body)) and answer.body[:4] == b"fLaC"
    assert qobuz.requests(f"search.*{ISRC}"), "it was looked for by its ISRC"
    assert counted(sidetrack, "sidetrack_catalog_substituted_total") == 1
    # What was begun goes on with the same bytes, though Deezer is well again.
    deezer.clear_faults()
    sidetrack.advance(120_000)
    part = play(client, STRONGER, Range="bytes=5000-9999")
    assert part.status == 206 and part.body == answer.body[5000:10_000]
    assert part.header("ETag") == answer.header("ETag")
    # Nobody else was given it, and it is forgotten after an hour.
    theirs = play(listener(sidetrack, "bob"), STRONGER)
    assert theirs.status == 200 and theirs.body != answer.body
    sidetrack.advance(3_601_000)
    assert play(client, STRONGER).body == theirs.body


def test_a_provider_that_is_gone_is_stood_in_for(start_sidetrack: Start, deezer: StandIn) -> None:
    """Not even its catalogue answers: the ISRC is known from the search that found the song."""
    sidetrack = start_sidetrack()
    client = listener(sidetrack)
    (song,) = [item for item in from_both(client, "aerodynamic") if item["Name"].startswith("Aerodynamic")]
    assert providers_of([song]) == [DEEZERS]
    deezer.fault(reset=True)
    answer = play(client, song["Id"])
    assert (answer.status, answer.body[:4]) == (200, b"fLaC")
    head = client.send("HEAD", f"/Items/{song['Id']}/File")
    assert head.header("Content-Length") == str(len(answer.body))


def test_what_will_be_played_is_told_of_the_other(start_sidetrack: Start, deezer: StandIn) -> None:
    """An account without the right to a song: PlaybackInfo says what comes in its place, and that comes
    rather than half a minute of it."""
    sidetrack = start_sidetrack()
    client = listener(sidetrack)
    deezer.control("POST", "song", id=3135556, rights="none")
    try:
        answer = client.post(f"/Items/{STRONGER}/PlaybackInfo", {}).json()
        source = answer["MediaSources"][0]
        assert (source["Id"], source["Container"]) == (STRONGER, "flac")
        pass_alone = f"/Audio/{STRONGER}/stream?static=true&playSessionId={answer['PlaySessionId']}"
        heard = send(client.base_url, "GET", pass_alone, timeout_s=30)
        assert (heard.status, heard.header("Content-Type"), heard.body[:4]) == (200, "audio/flac", b"fLaC")
        assert counted(sidetrack, "sidetrack_catalog_substituted_total") == 1
        # What has been begun is told of from then on.
        again = client.post(f"/Items/{STRONGER}/PlaybackInfo", {}).json()["MediaSources"][0]
        assert again == source
        segments = {"DeviceProfile": {"TranscodingProfiles": [
            {"Type": "Audio", "Container": "ts", "AudioCodec": "mp3", "Protocol": "hls"}]}}
        assert client.post(f"/Items/{STRONGER}/PlaybackInfo", segments).json()["ErrorCode"] == "NotAllowed"
    finally:
        deezer.control("POST", "song", id=3135556, rights="full")


def test_the_middle_of_a_song_does_not_come_from_the_other(start_sidetrack: Start, deezer: StandIn) -> None:
    sidetrack = start_sidetrack()
    client = listener(sidetrack)
    cannot_be_opened(deezer)
    assert play(client, ONE_MORE, Range="bytes=5000-9999").status >= 500
    assert counted(sidetrack, "sidetrack_catalog_substituted_total") == 0
    assert play(client, ONE_MORE, Range="bytes=0-").status == 206


def test_what_neither_can_play_is_an_error(start_sidetrack: Start, deezer: StandIn, qobuz: StandIn) -> None:
    client = listener(start_sidetrack())
    cannot_be_opened(deezer)
    qobuz.fault(status=500)
    assert play(client, STRONGER).status >= 500


def test_half_a_minute_is_no_substitute_for_a_song(start_sidetrack: Start, qobuz: StandIn) -> None:
    """Deezer has a preview of it; Qobuz's account is asked for the whole, in vain."""
    sidetrack = start_sidetrack(PREVIEWS)
    client = listener(sidetrack)
    (song,) = [item for item in from_both(client, "one more time")
               if item["Name"].startswith("One More Time")]
    assert providers_of([song]) == [QOBUZS]
    qobuz.fault(route="getFileUrl", status=500)
    assert play(client, song["Id"]).status >= 500
    assert counted(sidetrack, "sidetrack_catalog_substituted_total") == 0


@pytest.mark.parametrize("way", ["metadata only", "gone"])
def test_what_its_provider_gives_nobody_comes_from_the_other(start_sidetrack: Start, qobuz: StandIn, way: str) -> None:
    """A favourite of Qobuz's outlives the day on which Qobuz gives this app no songs any more."""
    sidetrack = start_sidetrack({"SIDETRACK_QOBUZ_APP_SECRET": None} if way == "metadata only" else {})
    client = listener(sidetrack)
    ids = [f"657874012100{number:020x}" for number in (343_000_001, 343_000_002)]
    qobuz.control("POST", "settings", gone=way == "gone")
    try:
        # Players that ask first are told the same.
        told = client.post(f"/Items/{ids[0]}/PlaybackInfo", {}).json()["MediaSources"][0]
        assert told["SupportsDirectPlay"] and told["RunTimeTicks"] > 300_000_000
        for external_id in ids:
            answer = play(client, external_id)
            assert (answer.status, answer.header("Content-Type")) == (200, "audio/flac")
            assert play(client, external_id, Range="bytes=5000-9999").body == answer.body[5000:10_000]
        head = client.send("HEAD", f"/Items/{ids[0]}/File")
        assert (head.status, head.header("Content-Type")) == (200, "audio/flac")
        # What Deezer has not is nobody's.
        assert play(client, f"657874012100{343_000_006:020x}").status == 404
        told = client.post(f"/Items/657874012100{343_000_006:020x}/PlaybackInfo", {}).json()
        assert told["MediaSources"] == [] and told["ErrorCode"] == "NotAllowed"
    finally:
        qobuz.control("POST", "settings", gone=False)
