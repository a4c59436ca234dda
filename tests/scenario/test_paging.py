"""Pages: however a list is cut, the pieces make the whole, once, under one total."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from tests.support.client import Client, is_external
from tests.support.waiting import wait_for

from .conftest import World

Page = Callable[[int, int], tuple[list[dict[str, Any]], int]]
LIMITS = (1, 3, 7, 20, 100)
MOST_PAGES = 200


def items_page(client: Client, path: str, query: dict[str, Any]) -> Page:
    def page(start: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        answer = client.get(path, {**query, "StartIndex": start, "Limit": limit}).json()
        return answer["Items"], answer["TotalRecordCount"]
    return page


def hints_page(client: Client, query: dict[str, Any]) -> Page:
    def page(start: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        answer = client.get("/Search/Hints", {**query, "startIndex": start, "limit": limit}).json()
        return answer["SearchHints"], answer["TotalRecordCount"]
    return page


def assert_pages_make_the_whole(page: Page) -> list[str]:
    """Returns the ids in order."""
    first, total = page(0, 10_000)
    whole = [item["Id"] for item in first]
    assert len(whole) == len(set(whole)) == total
    for limit in LIMITS:
        seen: list[str] = []
        for number in range(MOST_PAGES):
            items, page_total = page(number * limit, limit)
            assert page_total == total, f"the total changed on page {number} of {limit}"
            assert len(items) <= limit
            if not items:
                break
            seen += [item["Id"] for item in items]
        assert len(seen) == len(set(seen)), f"doubles with pages of {limit}"
        assert set(seen) == set(whole), f"another union with pages of {limit}"
    assert page(total + 5, 10) == ([], total)
    return whole


def wait_for_external(page: Page) -> None:
    wait_for(lambda: any(is_external(item) for item in page(0, 100)[0]), 5, "Deezer's part is there")


@pytest.mark.parametrize("spelling", ["/Items", "/Users/{user}/Items"])
@pytest.mark.parametrize("types", ["Audio", "MusicAlbum", "Audio,MusicAlbum,MusicArtist"])
def test_pages_of_a_search(world: World, spelling: str, types: str) -> None:
    client = world.finamp()
    page = items_page(client, spelling.format(user=client.user_id), {
        "searchTerm": "lantern", "includeItemTypes": types, "recursive": True, "userId": client.user_id})
    wait_for_external(page)
    assert_pages_make_the_whole(page)


@pytest.mark.parametrize("path", ["/Artists", "/Artists/AlbumArtists"])
def test_pages_of_artists(world: World, path: str) -> None:
    client = world.finamp()
    page = items_page(client, path, {"searchTerm": "lantern", "userId": client.user_id})
    wait_for_external(page)
    assert_pages_make_the_whole(page)


def test_pages_of_hints(world: World) -> None:
    client = world.finamp()
    page = hints_page(client, {"searchTerm": "light", "userId": client.user_id})
    wait_for_external(page)
    assert_pages_make_the_whole(page)


def test_pages_of_an_external_album(world: World) -> None:
    client = world.finamp()
    search = items_page(client, "/Items", {"searchTerm": "Light Years", "includeItemTypes": "MusicAlbum",
                                           "recursive": True})
    wait_for_external(search)
    album = next(item for item in search(0, 10)[0] if is_external(item))
    ids = assert_pages_make_the_whole(items_page(client, "/Items", {"parentId": album["Id"]}))
    assert len(ids) == 14


def test_local_lists_are_paged_by_jellyfin_alone(world: World) -> None:
    client = world.finamp()
    ids = assert_pages_make_the_whole(items_page(client, "/Items", {"includeItemTypes": "Audio",
                                                                     "recursive": True}))
    assert not any(is_external(entry) for entry in ids)


def test_a_page_is_shared_between_local_and_external(world: World) -> None:
    client = world.finamp()
    page = items_page(client, "/Items", {"searchTerm": "light", "includeItemTypes": "Audio", "recursive": True})
    wait_for_external(page)
    items, _ = page(0, 6)
    external = sum(map(is_external, items))
    assert len(items) == 6
    assert external >= 2, "external songs have a share of the first page"
    assert len(items) - external == 4, "and local ones keep theirs"


@pytest.mark.parametrize("term,fields", [
    ("slow tide", None),            # the same title, artist and duration
    ("copper sun", "ProviderIds"),  # another title, but the same ISRC
])
def test_what_is_in_the_library_is_not_offered_again(world: World, term: str, fields: str | None) -> None:
    client = world.finamp()
    page = items_page(client, "/Items", {"searchTerm": term, "includeItemTypes": "Audio",
                                         "recursive": True, "fields": fields})
    page(0, 100)
    wait_for(lambda: world.deezer.requests(f"GET /search.*{term.split()[0]}"), 5, "Deezer was asked")
    items, total = page(0, 100)
    assert total == 1, [item["Name"] for item in items]
    assert not is_external(items[0])
