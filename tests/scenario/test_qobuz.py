"""Qobuz beside and without Deezer: its catalogue, whose account is used, and what it refuses."""
from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Iterator

import pytest

from tests.support import prometheus
from tests.support.client import Client, FinampLike, Item, is_external
from tests.support.http import Answer
from tests.support.processes import Sidetrack, StandIn, binary
from tests.support.waiting import wait_for

Start = Callable[..., Sidetrack]

# Made up for this run, as the stand-in wants them.
APP = str(secrets.randbelow(10**9)).zfill(9)
SECRET = secrets.token_hex(16)
HOUSEHOLD, ALICE = secrets.token_hex(32), secrets.token_hex(32)
CONFIDENTIAL = (SECRET, HOUSEHOLD, ALICE, "request_sig=", "hmac=")

TIDEGLASS = "Tideglass (2021 Remaster)"


@pytest.fixture(scope="module")
def qobuz() -> Iterator[StandIn]:
    process = StandIn("qobuz", "--app", APP, "--secret", SECRET, "--account", f"{HOUSEHOLD}:lossless",
                      "--account", f"{ALICE}:hires")
    yield process
    assert process.stop() == 0, process.stderr


@pytest.fixture(scope="module")
def settings(settings: dict[str, str | None], qobuz: StandIn) -> dict[str, str | None]:
    return {**settings, "SIDETRACK_QOBUZ_URL": qobuz.url, "SIDETRACK_QOBUZ_APP_ID": APP,
            "SIDETRACK_QOBUZ_APP_SECRET": SECRET,
            "SIDETRACK_QOBUZ_TOKEN": f"alice={ALICE};*={HOUSEHOLD}"}


@pytest.fixture(autouse=True)
def quiet(qobuz: StandIn, deezer: StandIn) -> Iterator[None]:
    """Nothing is out of order, before and after."""
    def tidy() -> None:
        deezer.clear_faults()
        deezer.advance(6000)
        qobuz.clear_faults()
        qobuz.control("POST", "settings", anonymous=True, gone=False, secret=SECRET, largest_page=500,
                      rate_limit=None, retry_after_s=None)
        for token, plan in ((HOUSEHOLD, "lossless"), (ALICE, "hires")):
            qobuz.control("POST", "accounts", token=token, plan=plan)
    tidy()
    yield
    tidy()


def listener(sidetrack: Sidetrack, user: str = "alice") -> FinampLike:
    client = FinampLike(sidetrack.url, f"device-{secrets.token_hex(4)}")
    client.log_in(user)
    return client


@pytest.fixture
def alone(start_sidetrack: Start, qobuz: StandIn) -> Sidetrack:
    """Qobuz is the only provider; both have the same time, or no signature would be good."""
    sidetrack = start_sidetrack({"SIDETRACK_PROVIDERS": "qobuz"})
    told = parsedate_to_datetime(qobuz.send("GET", "/images/none").header("Date") or "")
    sidetrack.advance(max(0, int(1000 * (told.timestamp() - time.time()))))
    return sidetrack


def found(client: Client, term: str, types: str = "Audio") -> list[Item]:
    """What is external in the answer, once it is there."""
    def look() -> list[Item]:
        return [item for item in client.search(term, types, Limit=100)["Items"] if is_external(item)]
    return wait_for(look, 5, f"{term} is found")


def names(items: list[Item]) -> list[str]:
    return [item["Name"] for item in items]


def children(client: Client, parent: Item | str) -> list[Item]:
    parent_id = parent if isinstance(parent, str) else parent["Id"]
    return client.get("/Items", {"parentId": parent_id, "userId": client.user_id}).json()["Items"]


def status(sidetrack: Sidetrack, name: str = "qobuz") -> dict[str, Any]:
    admin = Client(sidetrack.url, "observer", "Observer")
    admin.log_in("admin")
    providers = admin.get("/sidetrack/api/providers").json()["providers"]
    return next(provider for provider in providers if provider["name"] == name)


def lane(sidetrack: Sidetrack, account: str) -> dict[str, Any]:
    return next(lane for lane in status(sidetrack)["lanes"] if lane["account"] == account)


def says_no_secret(process: Sidetrack) -> bool:
    return not any(word in process.stderr for word in CONFIDENTIAL)


# The catalogue


def test_songs_albums_artists_and_playlists_are_found(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    (tideglass,) = [item for item in found(client, "tideglass") if item["Type"] == "Audio"]
    assert tideglass["Name"].startswith(TIDEGLASS)
    assert tideglass["Album"] == "Nocturne Harbour (2021 Remaster)"
    assert tideglass["Artists"] == ["Ada Quell"]
    assert tideglass["RunTimeTicks"] == 60 * 10_000_000
    (album,) = found(client, "nocturne harbour", "MusicAlbum")
    assert album["Id"] == "65787401221d00000af6cf7a34d0aeae"
    (artist,) = found(client, "ada quell", "MusicArtist")
    assert artist["Name"] == "Ada Quell"
    (playlist,) = found(client, "slate and static", "Playlist")
    assert playlist["Name"] == "Slate and Static"
    # Asked in the household's name, who stands in headers only.
    asked = qobuz.requests("GET /album/search")[-1]
    assert HOUSEHOLD not in asked["target"] and APP not in asked["target"]
    assert says_no_secret(alone)


def test_a_search_for_several_kinds_is_one_question(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    before = len(qobuz.requests("search"))
    items = wait_for(lambda: found(client, "violet static", "Audio,MusicAlbum,MusicArtist"), 5, "it is found")
    assert {item["Type"] for item in items} == {"Audio", "MusicAlbum", "MusicArtist"}
    (asked,) = qobuz.requests("search")[before:]
    assert asked["target"].startswith("/catalog/search?")


def test_an_album_has_all_its_facts(alone: Sidetrack) -> None:
    client = listener(alone)
    album = client.item(found(client, "nocturne harbour", "MusicAlbum")[0]["Id"])
    assert album["PremiereDate"].startswith("1998-02-04")
    assert album["Genres"] == ["Pop/Rock", "Rock"]
    assert album["ProviderIds"]["Qobuz"] == "0603497941032"
    tracks = children(client, album)
    assert [track["IndexNumber"] for track in tracks] == [1, 2, 3]
    assert tracks[1]["Artists"] == ["Ada Quell", "Violet Static"]
    assert {track["AlbumId"] for track in tracks} == {album["Id"]}
    picture = client.get(f"/Items/{album['Id']}/Images/Primary", {"fillWidth": 300})
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    # One call brings the album with its tracks.
    symphony = client.item(found(client, "symphony in slate", "MusicAlbum")[0]["Id"])
    assert names(children(client, symphony))[0].startswith('Symphony No. 1, "Slate": I. Allegro')


def test_lists_longer_than_a_page_are_read_to_their_end(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    qobuz.control("POST", "settings", largest_page=25)
    (album,) = found(client, "long shelf", "MusicAlbum")
    assert [track["IndexNumber"] for track in children(client, album)] == list(range(1, 61))
    (playlist,) = found(client, "slate and static", "Playlist")
    songs = client.get(f"/Playlists/{playlist['Id']}/Items", {"userId": client.user_id}).json()
    assert songs["TotalRecordCount"] == 40


def test_an_artist_has_albums_relatives_and_a_mix(alone: Sidetrack) -> None:
    client = listener(alone)
    (artist,) = found(client, "violet static", "MusicArtist")
    albums = client.get("/Items", {"albumArtistIds": artist["Id"], "includeItemTypes": "MusicAlbum",
                                   "recursive": True, "userId": client.user_id}).json()["Items"]
    assert {"Loose Ends", "Long Shelf"} == set(names(albums))
    similar = client.get(f"/Items/{artist['Id']}/Similar", {"userId": client.user_id}).json()["Items"]
    assert "Ada Quell" in names(similar)


def test_songs_that_nobody_may_stream_are_not_shown(alone: Sidetrack) -> None:
    client = listener(alone)
    assert "Nobody's Static" not in " ".join(names(found(client, "static")))


def test_the_same_recording_of_two_providers_is_shown_once(start_sidetrack: Start, deezer: StandIn,
                                                             qobuz: StandIn) -> None:
    client = listener(start_sidetrack())

    def both(term: str, types: str = "Audio") -> list[Item]:
        """What is found once both have answered: the ids' ninth digit is the provider's."""
        client.search(term, types)
        wait_for(lambda: deezer.requests(f"search.*{term.split()[0]}")
                 and qobuz.requests(f"search.*{term.split()[0]}"), 5, "both are asked")
        return found(client, term, types)

    assert {item["Id"][8] for item in both("static")} == {"1", "2"}
    assert len([name for name in names(both("one more time")) if name.startswith("One More Time")]) == 1
    assert len(both("discovery", "MusicAlbum")) == 1


def test_words_come_from_qobuz(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    tideglass = found(client, "tideglass")[0]
    answer = client.get(f"/Audio/{tideglass['Id']}/Lyrics").json()
    assert answer["Lyrics"][0] == {"Text": "Tideglass, line 1", "Start": 50_000_000}
    assert qobuz.control("GET", "counters").get("bad_signature", 0) == 0
    assert says_no_secret(alone)


# Its songs


def found_song(client: Client, term: str) -> Item:
    return next(item for item in found(client, term) if item["Type"] == "Audio")


def number_of(item: Item | str) -> int:
    return int((item if isinstance(item, str) else item["Id"])[12:], 16)


def stream(client: Client, item: Item | str, **headers: str) -> Answer:
    """The file as it is, in the best quality there is."""
    item_id = item if isinstance(item, str) else item["Id"]
    return client.get(f"/Items/{item_id}/File", headers=headers, timeout_s=30)


def is_song(answer: Answer, qobuz: StandIn, item: Item | str, number: int, seconds: int | None = None) -> bool:
    """Whether every byte of it is what the stand-in has in that format."""
    more = "" if seconds is None else f"&seconds={seconds}"
    plain = qobuz.control("GET", f"plain?id={number_of(item)}&format={number}{more}")
    kind = "audio/mpeg" if number == 5 else "audio/flac"
    return (answer.status == 200 and answer.header("Content-Type") == kind
            and int(answer.header("Content-Length") or 0) == plain["size"]
            and hashlib.sha256(answer.body).hexdigest() == plain["sha256"])


def test_each_listener_hears_what_their_account_pays_for(alone: Sidetrack, qobuz: StandIn) -> None:
    alice, bob = listener(alone), listener(alone, "bob")
    tideglass = found_song(alice, "tideglass")
    assert is_song(stream(alice, tideglass), qobuz, tideglass, 27)
    # Nor does the copy that alice's account has paid for reach the household.
    assert is_song(stream(bob, tideglass), qobuz, tideglass, 6)
    part = stream(alice, tideglass, Range="bytes=1000-1999")
    assert (part.status, part.body) == (206, stream(alice, tideglass).body[1000:2000])
    assert says_no_secret(alone)


def test_what_will_be_played_is_stated_before(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    tideglass = found_song(client, "tideglass")
    (source,) = client.playback_info(tideglass["Id"])["MediaSources"]
    size = qobuz.control("GET", f"plain?id={number_of(tideglass)}&format=27")["size"]
    assert (source["Container"], source["Size"]) == ("flac", size)
    (sound,) = [one for one in source["MediaStreams"] if one["Type"] == "Audio"]
    assert (sound["SampleRate"], sound["BitDepth"], sound["Codec"]) == (192_000, 24, "flac")
    before = qobuz.control("GET", "counters")["track/getFileUrl"]
    assert is_song(stream(client, tideglass), qobuz, tideglass, 27)
    assert qobuz.control("GET", "counters")["track/getFileUrl"] == before, "its address was known"


def test_a_client_that_plays_mp3_only_gets_that(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    song = found_song(client, "breakwater")
    answer = client.get(f"/Audio/{song['Id']}/universal?Container=mp3&MaxStreamingBitrate=999999999", timeout_s=30)
    assert is_song(answer, qobuz, song, 5)


@pytest.mark.parametrize("way", ["withdrawn", "expired", "cut"])
def test_an_address_that_is_refused_is_renewed(alone: Sidetrack, qobuz: StandIn, way: str) -> None:
    client = listener(alone)
    song = found_song(client, "breakwater")
    client.playback_info(song["Id"])  # its address is known from here on
    if way == "withdrawn":
        qobuz.control("POST", "withdraw")
    elif way == "expired":
        qobuz.advance(550_000)
        alone.advance(550_000)
    else:
        qobuz.fault(route="/file", abort=True, times=1)
    assert is_song(stream(client, song), qobuz, song, 27)


def test_half_a_minute_is_not_passed_off_as_the_song(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    half, withheld = found_song(client, "half static"), found_song(client, "withheld static")
    assert stream(client, half).status >= 400
    assert stream(client, withheld).status == 404
    assert lane(alone, "alice")["full"], "these songs are so, and not the account"
    whole = found_song(client, "whole static")
    assert is_song(stream(client, whole), qobuz, whole, 6)


def test_an_account_that_pays_for_nothing_has_previews(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    qobuz.control("POST", "accounts", token=ALICE, plan="free")
    tideglass = found_song(client, "tideglass")
    stream(client, tideglass)
    told = lane(alone, "alice")
    assert (told["full"], told["qualities"]) == (False, ["preview"])
    answer = stream(client, tideglass)
    assert is_song(answer, qobuz, tideglass, 5, seconds=30)
    assert client.item(tideglass["Id"])["Name"].endswith("(preview)")


def test_an_app_that_gets_no_songs_any_more_has_metadata(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    qobuz.control("POST", "settings", gone=True)
    for term in ("tideglass", "breakwater", "whole static"):
        assert stream(client, found_song(client, term)).status >= 400
    told = lane(alone, "alice")
    assert not told["full"] and "410" in told["reason"] and told["nextTry"]
    assert status(alone)["up"] and children(client, found(client, "long shelf", "MusicAlbum")[0])
    assert alone.stderr.count("event=qobuz_refused") == 1
    assert qobuz.control("GET", "counters")["track/getFileUrl"] > 0
    asked = len(qobuz.requests("track/getFileUrl"))
    stream(client, found_song(client, "tideglass"))
    assert len(qobuz.requests("track/getFileUrl")) == asked, "nobody waits for what is known"
    # Hours later it is tried again.
    qobuz.control("POST", "settings", gone=False)
    for process in (alone, qobuz):
        process.advance(6 * 3_600_000)
    client = listener(alone)
    tideglass = found_song(client, "tideglass")
    assert is_song(stream(client, tideglass), qobuz, tideglass, 27)
    assert lane(alone, "alice")["full"]
    assert says_no_secret(alone)


# What Qobuz refuses


def test_words_are_not_given_to_who_signs_wrongly(start_sidetrack: Start) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_PROVIDERS": "qobuz", "SIDETRACK_QOBUZ_APP_SECRET": "wr0ng",
                                 "SIDETRACK_LRCLIB": "off"})
    client = listener(sidetrack)
    assert client.get(f"/Audio/{found(client, 'tideglass')[0]['Id']}/Lyrics").status == 404
    told = lane(sidetrack, "alice")
    assert not told["full"] and "SIDETRACK_QOBUZ_APP_SECRET" in told["reason"]
    assert status(sidetrack)["up"] and found(client, "breakwater"), "the catalogue goes on"


def test_a_token_that_is_refused_is_told_and_the_catalogue_goes_on(alone: Sidetrack,
                                                                   qobuz: StandIn) -> None:
    qobuz.control("POST", "accounts", token=HOUSEHOLD, plan=None)
    client = listener(alone, "bob")
    assert found(client, "tideglass")
    told = lane(alone, "*")
    assert not told["full"] and "SIDETRACK_QOBUZ_TOKEN" in told["reason"] and told["nextTry"]
    assert lane(alone, "alice")["full"], "it is the household's trouble only"
    assert alone.stderr.count("event=qobuz_refused") == 1
    assert says_no_secret(alone)


def test_an_app_that_is_not_known_is_told(start_sidetrack: Start) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_PROVIDERS": "qobuz", "SIDETRACK_QOBUZ_APP_ID": "1"})
    client = listener(sidetrack)
    assert client.search("light", Limit=50)["Items"], "what is local is there"
    told = wait_for(lambda: status(sidetrack) if not status(sidetrack)["up"] else None, 5, "it is down")
    assert "SIDETRACK_QOBUZ_APP_ID" in told["reason"]


def test_without_a_secret_there_is_metadata_only(start_sidetrack: Start) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_PROVIDERS": "qobuz", "SIDETRACK_QOBUZ_APP_SECRET": None})
    client = listener(sidetrack)
    tideglass = found_song(client, "tideglass")
    assert tideglass["Name"] == TIDEGLASS, "what nobody can hear is no preview"
    assert tideglass["RunTimeTicks"] == 60 * 10_000_000
    assert stream(client, tideglass).status == 404
    assert status(sidetrack)["up"]
    assert "SIDETRACK_QOBUZ_APP_SECRET is not set" in lane(sidetrack, "alice")["reason"]


def test_without_an_app_there_is_no_qobuz(start_sidetrack: Start, qobuz: StandIn) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_QOBUZ_APP_ID": None, "SIDETRACK_QOBUZ_APP_SECRET": None,
                                 "SIDETRACK_QOBUZ_TOKEN": None})
    before = len(qobuz.requests())
    listener(sidetrack).search("tideglass")
    assert len(qobuz.requests()) == before


def test_a_token_without_an_app_ends_it_with_a_sentence(start_sidetrack: Start) -> None:
    process = start_sidetrack({"SIDETRACK_QOBUZ_APP_ID": None, "SIDETRACK_QOBUZ_APP_SECRET": None},
                              wait=False)
    assert process.wait_exit(10) != 0
    assert "SIDETRACK_QOBUZ_TOKEN is set without SIDETRACK_QOBUZ_APP_ID" in process.stderr
    assert says_no_secret(process)


@pytest.mark.parametrize("fault", ["blackhole", "slow", "429", "broken_json", "truncated", "html"])
def test_searches_do_without_a_qobuz_that_fails(alone: Sidetrack, qobuz: StandIn, fault: str) -> None:
    client = listener(alone)
    qobuz.fault(fault=fault)
    for _ in range(3):
        assert client.search("light", Limit=50)["Items"], "what is local is there"
    qobuz.clear_faults()
    alone.advance(120_000)
    assert found(client, "tideglass")
    assert says_no_secret(alone)


def test_too_many_requests_are_waited_out(alone: Sidetrack, qobuz: StandIn) -> None:
    client = listener(alone)
    qobuz.control("POST", "settings", rate_limit=0, retry_after_s=30)
    client.search("tideglass")
    wait_for(lambda: not status(alone)["up"], 5, "Qobuz is left alone")
    before = qobuz.control("GET", "counters")["api"]
    client.search("breakwater")
    assert qobuz.control("GET", "counters")["api"] == before
    counted = prometheus.parse(alone.send("GET", "/metrics").text)
    assert counted["sidetrack_qobuz_replies_total"].value(says="too_many") > 0
    qobuz.control("POST", "settings", rate_limit=None)
    alone.advance(61_000)
    assert found(client, "breakwater")


# sidetrack check


def check(settings: dict[str, str | None], **changes: str | None) -> tuple[int, list[str]]:
    """Its status, and what it says of Qobuz."""
    given = {**settings, "SIDETRACK_PROVIDERS": "qobuz", "SIDETRACK_LRCLIB": "off", **changes}
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("SIDETRACK_", "JELLYFIN_"))}
    environment.update({name: value for name, value in given.items() if value is not None})
    done = subprocess.run([str(binary()), "check"], env=environment, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert not any(word in done.stdout + done.stderr for word in CONFIDENTIAL)
    return done.returncode, [line for line in done.stdout.splitlines() if re.match(r"\w+ +qobuz ", line)]


@pytest.mark.parametrize("changes, gone, wanted", [
    ({}, False, ["ok", "ok .*account of alice gives whole songs", "ok .*account of everybody gives whole songs"]),
    ({"SIDETRACK_QOBUZ_TOKEN": None}, False, ["ok", "off .*no account"]),
    ({"SIDETRACK_QOBUZ_APP_SECRET": "wr0ng", "SIDETRACK_QOBUZ_TOKEN": ALICE}, False,
     ["ok", "problem .*SIDETRACK_QOBUZ_APP_SECRET signs"]),
    ({"SIDETRACK_QOBUZ_TOKEN": ALICE}, True, ["ok", r"problem .*no songs any more \(410\)"]),
    ({"SIDETRACK_QOBUZ_APP_ID": None, "SIDETRACK_QOBUZ_APP_SECRET": None, "SIDETRACK_QOBUZ_TOKEN": None}, False,
     ["off .*SIDETRACK_QOBUZ_APP_ID"]),
])
def test_check_says_what_is_well_and_what_is_not(settings: dict[str, str | None], changes: dict[str, str | None],
                                                 gone: bool, wanted: list[str]) -> None:
    process = StandIn("qobuz", "--app", APP, "--secret", SECRET, "--account", f"{HOUSEHOLD}:lossless",
                      "--account", f"{ALICE}:hires")
    process.control("POST", "settings", gone=gone)
    status_code, lines = check(settings, **{"SIDETRACK_QOBUZ_URL": process.url, **changes})
    process.stop()
    assert len(lines) == len(wanted), lines
    for line, pattern in zip(lines, wanted):
        assert re.match(pattern, line), line
    assert status_code == any(line.startswith("problem") for line in lines)
