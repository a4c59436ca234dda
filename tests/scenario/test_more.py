"""Lists of Jellyfin's that external things complete: albums a local artist lacks, charts."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from tests.support import openapi
from tests.support.client import FinampLike, is_external
from tests.support.processes import Sidetrack
from tests.support.waiting import wait_for

from .conftest import World


def external(kind: int, number: int) -> str:
    return f"657874011{kind}00{number:020x}"


PAPER, LAMPLIGHT, LANTERNS = external(2, 770002), external(2, 770003), external(4, 440001)
Start = Callable[..., FinampLike]


@pytest.fixture
def start(world: World, start_sidetrack: Callable[..., Sidetrack]) -> Start:
    """Alice, at a program with these settings and an account for whole songs."""
    def run(user: str = "alice", **changes: str) -> FinampLike:
        process = start_sidetrack({"SIDETRACK_DEEZER_ARL": "alice=" + "0123456789abcdef" * 12,
                                   "SIDETRACK_DEEZER_SECRET": "0123456789abcdef",
                                   "SIDETRACK_DEEZER_GATEWAY_URL": world.deezer.url,
                                   "SIDETRACK_DEEZER_MEDIA_URL": world.deezer.url, **changes})
        wait_for(process.is_ready, 10, "ready")
        client = FinampLike(process.url, world.device_id(), "Pixel")
        client.log_in(user)
        return client
    return run


@pytest.fixture(scope="module")
def keepers(stage: World) -> str:
    """The local artist, of whom the library has one album."""
    stage.jellyfin.control("POST", "library", artist="the lantern-keepers", album="Light Years Apart (Remastered)",
                           title="Some Light")
    album = stage.admin.get("/Items", {"searchTerm": "Light Years Apart", "includeItemTypes": "MusicAlbum",
                                       "recursive": True}).json()["Items"][0]
    return album["AlbumArtists"][0]["Id"]


def albums(client: FinampLike, artist: str, **query: Any) -> dict[str, Any]:
    answer = client.get("/Items", {"albumArtistIds": artist, "includeItemTypes": "MusicAlbum", "recursive": True,
                                   **query}).json()
    openapi.check_result(answer)
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["Id"] for item in answer["Items"]]


def test_a_local_artist_gets_the_albums_that_he_lacks(start: Start, keepers: str) -> None:
    client = start(SIDETRACK_COMPLETE_ARTISTS="on")
    answer = albums(client, keepers, sortBy="ProductionYear")
    assert not is_external(answer["Items"][0]), "Jellyfin's own stand first"
    assert ids(answer)[1:] == [PAPER, LAMPLIGHT] and answer["TotalRecordCount"] == 3
    pages = [ids(albums(client, keepers, sortBy="ProductionYear", startIndex=number, limit=1)) for number in range(4)]
    assert pages == [[entry] for entry in ids(answer)] + [[]]
    # The same in the other spelling, and for an id with dashes.
    dashed = f"{keepers[:8]}-{keepers[8:12]}-{keepers[12:16]}-{keepers[16:20]}-{keepers[20:]}".upper()
    other = client.get(f"/Users/{client.user_id}/Items", {"ArtistIds": dashed, "IncludeItemTypes": "MusicAlbum",
                                                          "Recursive": True, "SortBy": "ProductionYear"}).json()
    assert ids(other) == ids(answer)


def test_jellyfins_albums_are_its_own_bytes(world: World, start: Start, keepers: str) -> None:
    client = start(SIDETRACK_COMPLETE_ARTISTS="on")
    direct = albums(client.through(world.jellyfin.url), keepers)
    assert albums(client, keepers)["Items"][:1] == direct["Items"]


def test_a_namesake_without_a_shared_album_is_somebody_else(world: World, start: Start) -> None:
    client = start(SIDETRACK_COMPLETE_ARTISTS="on")
    local = next(item for item in client.get("/Artists", {}).json()["Items"] if "xen Quartet" in item["Name"])
    assert not any(map(is_external, albums(client, local["Id"])["Items"]))


@pytest.mark.parametrize("query", [{"searchTerm": "light"}, {"genres": "Rock"}, {"filters": "IsFavorite"},
                                   {"includeItemTypes": "MusicAlbum,Audio"}, {"includeItemTypes": "Audio"}])
def test_lists_about_something_else_are_left_alone(world: World, start: Start, keepers: str,
                                                   query: dict[str, str]) -> None:
    client = start(SIDETRACK_COMPLETE_ARTISTS="on", SIDETRACK_CHARTS="on")
    path = {"albumArtistIds": keepers, "includeItemTypes": "MusicAlbum", "recursive": True, **query}
    if "searchTerm" not in query:
        assert client.get("/Items", path).json() == client.through(world.jellyfin.url).get("/Items", path).json()


def test_previews_stay_out_of_artists_pages(start: Start, keepers: str) -> None:
    bob = start("bob", SIDETRACK_COMPLETE_ARTISTS="on")
    assert not any(map(is_external, albums(bob, keepers)["Items"]))


def test_a_provider_that_hangs_costs_the_rest_only(world: World, start: Start, keepers: str) -> None:
    client = start(SIDETRACK_COMPLETE_ARTISTS="on", SIDETRACK_CHARTS="on")
    world.deezer.fault(hang=True)
    try:
        assert len(albums(client, keepers)["Items"]) == 1
        assert client.get("/Items", {"includeItemTypes": "Playlist", "recursive": True}).status == 200
    finally:
        world.deezer.clear_faults()


def test_charts_stand_behind_the_playlists(world: World, start: Start) -> None:
    client = start(SIDETRACK_CHARTS="on")
    client.post("/Playlists", {"Name": "My own", "Ids": []})
    answer = client.get("/Items", {"includeItemTypes": "Playlist", "recursive": True}).json()
    external_ones = [item for item in answer["Items"] if is_external(item)]
    for item in external_ones:
        openapi.check_item(item)
    assert LANTERNS in [item["Id"] for item in external_ones]
    assert answer["Items"][-len(external_ones):] == external_ones
    assert answer["TotalRecordCount"] == len(answer["Items"])
    assert client.get(f"/Playlists/{LANTERNS}/Items").json()["Items"]


def test_both_are_off_unless_wanted(world: World, keepers: str) -> None:
    client = world.finamp()
    assert not any(map(is_external, albums(client, keepers)["Items"]))
    answer = client.get("/Items", {"includeItemTypes": "Playlist", "recursive": True}).json()
    assert not any(map(is_external, answer["Items"]))
