"""What is similar to external music, and instant mixes from it."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from tests.support import openapi
from tests.support.client import FinampLike, WebLike, is_external
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

from .conftest import World


def external(kind: int, number: int) -> str:
    return f"657874011{kind}00{number:020x}"


SONG, ALBUM, ARTIST, PLAYLIST = external(1, 3135556), external(2, 302127), external(3, 27), external(4, 440001)
KEEPERS, PAPER_LANTERNS = external(3, 9001), external(2, 770002)
SIMILAR = {"/Items/{itemId}/Similar": SONG, "/Albums/{itemId}/Similar": ALBUM,
           "/Artists/{itemId}/Similar": ARTIST}
MIXES = {"/Items/{itemId}/InstantMix": SONG, "/Songs/{itemId}/InstantMix": SONG,
         "/Albums/{itemId}/InstantMix": ALBUM, "/Artists/{itemId}/InstantMix": ARTIST,
         "/Playlists/{itemId}/InstantMix": PLAYLIST}


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


@pytest.fixture
def listener(world: World, start_sidetrack: Callable[..., Sidetrack]) -> WebLike:
    """Somebody whose household has an account for whole songs."""
    process = start_sidetrack({"SIDETRACK_DEEZER_ARL": "*=" + "0123456789abcdef" * 12,
                               "SIDETRACK_DEEZER_SECRET": "0123456789abcdef",
                               "SIDETRACK_DEEZER_GATEWAY_URL": world.deezer.url,
                               "SIDETRACK_DEEZER_MEDIA_URL": world.deezer.url})
    wait_for(process.is_ready, 10, "ready")
    client = WebLike(process.url, world.device_id(), "Firefox")
    client.log_in("alice")
    return client


def check(template: str, answer: dict[str, Any]) -> None:
    openapi.check_result(answer)
    if openapi.is_available():
        openapi.Description().check("GET", template, answer)


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["Id"] for item in answer["Items"]]


@pytest.mark.parametrize("template", SIMILAR)
def test_similar_things_are_of_the_same_kind(client: FinampLike, template: str) -> None:
    seed = SIMILAR[template]
    answer = client.get(template.format(itemId=seed), {"userId": client.user_id}).json()
    check(template, answer)
    assert len(ids(answer)) > 3 and len(set(ids(answer))) == len(ids(answer))
    assert seed not in ids(answer)
    assert {item["Type"] for item in answer["Items"]} == {client.item(seed)["Type"]}
    assert answer["TotalRecordCount"] == len(ids(answer))
    limited = client.get(template.format(itemId=seed), {"limit": 3}).json()
    assert ids(limited) == ids(answer)[:3]
    assert ids(client.get(f"/Items/{seed}/Similar").json()) == ids(answer)


def test_albums_begin_with_the_artists_own(client: FinampLike) -> None:
    answer = client.get(f"/Albums/{PAPER_LANTERNS}/Similar").json()
    assert answer["Items"][0]["AlbumArtists"][0]["Id"] == KEEPERS
    assert any(item["AlbumArtists"][0]["Id"] != KEEPERS for item in answer["Items"])
    without = client.get(f"/Albums/{PAPER_LANTERNS}/Similar", {"excludeArtistIds": KEEPERS}).json()
    assert all(item["AlbumArtists"][0]["Id"] != KEEPERS for item in without["Items"]) and without["Items"]


def test_nothing_is_like_a_playlist_or_nobody(client: FinampLike) -> None:
    assert client.get(f"/Items/{PLAYLIST}/Similar").json()["Items"] == []
    assert client.get(f"/Items/{external(2, 999)}/Similar").status in (200, 404)


@pytest.mark.parametrize("template", MIXES)
def test_previews_stay_out_of_mixes(world: World, client: FinampLike, template: str) -> None:
    before = world.deezer.control("GET", "counters").get("api", 0)
    answer = client.get(template.format(itemId=MIXES[template]), {"userId": client.user_id}).json()
    check(template, answer)
    assert answer["Items"] == []
    assert world.deezer.control("GET", "counters").get("api", 0) == before


def test_mixes_of_whole_songs(listener: WebLike) -> None:
    for template, seed in MIXES.items():
        answer = listener.get(template.format(itemId=seed), {"userId": listener.user_id}).json()
        check(template, answer)
        assert len(ids(answer)) > 5, template
        assert len(set(ids(answer))) == len(ids(answer)), template
        assert {item["Type"] for item in answer["Items"]} == {"Audio"}
        assert all("(preview)" not in item["Name"] for item in answer["Items"])
        if seed == SONG:
            assert ids(answer)[0] == SONG, "a song leads its own mix"
        again = listener.get(template.format(itemId=seed), {"limit": 4}).json()
        assert ids(again) == ids(answer)[:4], "within the hour it is the same"
    for path in (f"/Artists/InstantMix?id={ARTIST}", f"/artists/instantmix?Id={ARTIST}&limit=5"):
        assert listener.get(path).json()["Items"]
    assert listener.get(f"/Items/{SONG}/InstantMix?limit=0").json()["Items"] == []
    assert listener.get(f"/Items/{SONG}/InstantMix?limit=-1").status == 200


def test_another_listener_hears_another_mix(world: World, listener: WebLike) -> None:
    other = WebLike(listener.base_url, world.device_id(), "Firefox")
    other.log_in("bob")
    path = f"/Artists/{KEEPERS}/InstantMix"
    assert ids(listener.get(path).json()) != ids(other.get(path).json())


def test_a_provider_in_trouble_is_told(world: World, client: FinampLike) -> None:
    world.deezer.fault(route="GET /artist/9002/", status=500)
    answer = client.get(f"/Artists/{external(3, 9002)}/Similar")
    assert answer.status == 502
    world.deezer.clear_faults()
    assert client.get(f"/Artists/{external(3, 9002)}/Similar").json()["Items"]


@pytest.mark.parametrize("path", [f"/Items/{SONG}/Similar", f"/Items/{SONG}/InstantMix",
                                  f"/Artists/InstantMix?id={ARTIST}"])
def test_without_a_token_there_is_nothing(world: World, path: str) -> None:
    assert world.sidetrack.send("GET", path).status == 401


def test_local_seeds_are_jellyfins(world: World, client: FinampLike) -> None:
    local = client.get("/Items", {"includeItemTypes": "Audio", "recursive": True, "limit": 1}).json()["Items"][0]
    for path in (f"/Items/{local['Id']}/Similar", f"/Items/{local['Id']}/InstantMix",
                 f"/Songs/{local['Id']}/InstantMix"):
        assert client.get(path).body == world.direct(client).get(path).body
        assert not any(map(is_external, client.get(path).json()["Items"]))
