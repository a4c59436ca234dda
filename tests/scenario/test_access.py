"""Nobody gets a byte of external music, pictures aside, without a good token and the policy for it.

Every route that the program answers itself is walked, as it stands in proxy/router.c, with the ids
of an external song, album, artist and playlist.
"""
from __future__ import annotations

import pathlib
import re
from typing import Any, Iterator

import pytest

from tests.support.client import Client, Item, is_external
from tests.support.http import Answer
from tests.support.waiting import wait_for

from .conftest import World

ROUTER = pathlib.Path(__file__).resolve().parents[2] / "proxy" / "router.c"
ROW = re.compile(r'\{\s*(GET_HEAD|HTTP_GET)[^"]*"(/[^"]*)"')
# Pictures need no token, as in Jellyfin; these say nothing of external things.
OPEN = re.compile(r"/Images/|^/System/|^/Sessions|^/socket")
FILLINGS = {"{type}": "Primary", "{index}": "0", "{ext}": "mp3", "{list}": "main", "{segment}": "0.mp3",
            "{entry}": "1", "{session}": "1"}


def patterns() -> list[str]:
    """What clients fetch by an external id."""
    found = sorted({match[2] for match in ROW.finditer(ROUTER.read_text(encoding="utf-8"))})
    return [pattern for pattern in found if not OPEN.search(pattern)]


def paths(pattern: str, ids: dict[str, str], user: str) -> Iterator[str]:
    for kind, item in ids.items():
        path = pattern.replace("{id}", item).replace("{user}", user)
        for name, filling in FILLINGS.items():
            path = path.replace(name, filling)
        if "{id}" in pattern:
            yield path
        elif kind == "song":
            yield f"{path}?searchTerm=light&ids={item}&includeItemTypes=Audio&recursive=true&isFavorite=true"
        else:
            yield f"{path}?parentId={item}&recursive=true"


TYPES = {"song": "Audio", "album": "MusicAlbum", "artist": "MusicArtist", "playlist": "Playlist"}


def find(client: Client, types: str) -> Item:
    """An external thing of that type."""
    def found() -> Item | None:
        items = [item for term in ("light", "daft", "lantern", "hits") for item in client.search(term, types)["Items"]]
        return next((item for item in items if is_external(item)), None)
    return wait_for(found, 10, f"the catalogue has a {types}")


@pytest.fixture(scope="module")
def ids(stage: World) -> dict[str, str]:
    client = stage.finamp()
    found = {kind: find(client, types)["Id"] for kind, types in TYPES.items()}
    assert client.send("POST", f"/UserFavoriteItems/{found['song']}").status == 200
    return found


def says_something(answer: Answer) -> bool:
    """Whether it has anything of theirs in it: an external id, or sound."""
    return "65787401" in answer.text.replace("-", "") or (answer.header("Content-Type") or "").startswith("audio/")


def test_the_router_is_read() -> None:
    assert len(patterns()) > 50 and "/Audio/{id}/universal" in patterns()


@pytest.mark.parametrize("pattern", patterns())
def test_nothing_comes_without_a_good_token(world: World, ids: dict[str, str], pattern: str) -> None:
    user = world.finamp().user_id
    headers: list[dict[str, str]] = [
        {}, {"Authorization": 'MediaBrowser Token="0123456789abcdef0123456789abcdef", Client="x", DeviceId="y"'},
        {"Authorization": 'MediaBrowser Client="x", DeviceId="y"'}]
    for path in paths(pattern, ids, user):
        for given in headers:
            answer = world.sidetrack.send("GET", path, headers=given)
            assert answer.status in (400, 401, 403, 404), f"{path}: {answer.status}"
            assert not says_something(answer), f"{path}: {answer.text[:200]}"


@pytest.mark.parametrize("pattern", patterns())
def test_nothing_comes_where_the_policy_forbids_it(world: World, ids: dict[str, str], pattern: str) -> None:
    client = world.finamp("bob")
    world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=False)
    try:
        world.sidetrack.advance(61_000)  # what was known of his rights is old
        for path in paths(pattern, ids, client.user_id):
            answer = client.get(path)
            assert not says_something(answer), f"{path}: {answer.status} {answer.text[:200]}"
    finally:
        world.jellyfin.control("POST", "policy", user="bob", EnableMediaPlayback=True)
        world.sidetrack.advance(61_000)


def hearts(client: Client, user: str) -> list[dict[str, Any]]:
    answers = [client.get("/Items", {"userId": user, "isFavorite": True, "recursive": True, "includeItemTypes": "Audio"}),
               client.get(f"/Users/{user}/Items", {"Filters": "IsFavorite", "Recursive": True, "IncludeItemTypes": "Audio"})]
    return [item for answer in answers if answer.status == 200 for item in answer.json()["Items"] if is_external(item)]


def test_the_walk_would_notice(world: World, ids: dict[str, str]) -> None:
    client = world.finamp()
    assert says_something(client.get(f"/Items/{ids['song']}"))
    assert says_something(client.get(f"/Items/{ids['song']}/File"))


def test_one_users_hearts_are_not_anothers(world: World, ids: dict[str, str]) -> None:
    alice, bob = world.finamp("alice"), world.finamp("bob")
    assert [item["Id"] for item in hearts(alice, alice.user_id)] == [ids["song"]] * 2
    assert not hearts(bob, bob.user_id)
    assert not hearts(bob, alice.user_id)
    item = bob.get(f"/Items/{ids['song']}").json()
    assert item["UserData"]["IsFavorite"] is False
