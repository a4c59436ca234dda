"""What an administrator decides about providers: which are asked, and what of theirs is shown."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from tests.support.client import FinampLike, Item, is_external
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for

Start = Callable[..., Sidetrack]
# Of Deezer's there: "Light Years Apart" has an explicit song, "Paper Lanterns" a cleaned one.
EXPLICIT, CLEANED = "Cold Light", "Faded Lights Again"


def listener(sidetrack: Sidetrack, user: str = "alice") -> FinampLike:
    client = FinampLike(sidetrack.url, f"device of {user}")
    client.log_in(user)
    return client


def found(client: FinampLike, term: str, types: str = "Audio") -> list[Item]:
    return [item for item in client.search(term, types, Limit=200)["Items"] if is_external(item)]


def names(items: list[Item]) -> set[str]:
    return {item["Name"].removesuffix(" (preview)") for item in items}


def children(client: FinampLike, album: Item) -> list[Item]:
    return client.get("/Items", {"parentId": album["Id"], "userId": client.user_id}).json()["Items"]


@pytest.fixture(autouse=True)
def quiet(deezer: StandIn) -> None:
    deezer.clear_faults()
    deezer.advance(6000)


def test_without_providers_search_is_jellyfins_own(start_sidetrack: Start, deezer: StandIn) -> None:
    client = listener(start_sidetrack({"SIDETRACK_PROVIDERS": "none"}))
    before = len(deezer.requests())
    assert client.search("light", Limit=50)["Items"] and not found(client, "light")
    assert len(deezer.requests()) == before


def test_playlists_are_found_where_they_are_asked_for(start_sidetrack: Start) -> None:
    client = listener(start_sidetrack())
    wait_for(lambda: found(client, "lanterns", "Playlist"), 5, "the playlist is found")
    (playlist,) = found(client, "lanterns", "Playlist")
    assert (playlist["Name"], playlist["Type"]) == ("Lanterns at Dusk", "Playlist")
    songs = client.get(f"/Playlists/{playlist['Id']}/Items", {"userId": client.user_id}).json()
    assert songs["TotalRecordCount"] == len(songs["Items"]) == 30
    assert not any(item["Type"] == "Playlist" for item in found(client, "lanterns", "Audio,MusicAlbum"))


@pytest.mark.parametrize("setting, shown", [
    ("all", {EXPLICIT, CLEANED}), ("clean", {CLEANED}), ("explicit", {EXPLICIT})])
def test_explicit_and_cleaned_songs(start_sidetrack: Start, setting: str, shown: set[str]) -> None:
    client = listener(start_sidetrack({"SIDETRACK_EXPLICIT": setting}))
    for term, types in (("light", "Audio"), ("lantern", "MusicAlbum")):
        wait_for(lambda: found(client, term, types), 5, "Deezer's part is there")
    seen, albums = names(found(client, "light")), found(client, "lantern", "MusicAlbum")
    for album in albums:
        seen |= names(children(client, album))
    assert seen & {EXPLICIT, CLEANED} == shown
    # An album with an explicit song is explicit.
    assert ("Light Years Apart" in names(albums)) == (EXPLICIT in shown)


def test_one_user_cannot_use_the_provider_up(start_sidetrack: Start, deezer: StandIn) -> None:
    sidetrack = start_sidetrack({"SIDETRACK_SEARCHES_PER_USER": "3"})
    alice, bob = listener(sidetrack), listener(sidetrack, "bob")

    def searches() -> int:
        return len(deezer.requests("GET /search"))

    before = searches()
    for term in ("amber", "broken", "cold", "distant", "early"):
        alice.search(term)
    assert searches() - before == 3
    assert "sidetrack_searches_limited_total 2" in sidetrack.send("GET", "/metrics").text
    # What is known is still shown, and others are not concerned.
    wait_for(lambda: found(alice, "amber"), 5, "the cached answer is shown")
    bob.search("gentle")
    assert searches() - before == 4
    sidetrack.advance(61_000)
    alice.search("early")
    assert searches() - before == 5
