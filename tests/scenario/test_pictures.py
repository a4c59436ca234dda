"""The picture of what plays, by the rules of Jellyfin's dashboard.

It asks the server that its browser uses: the item's own picture when it has one, else its album's.
"""
from __future__ import annotations

from typing import Any

from tests.support.client import Client, is_external
from tests.support.waiting import stays_true, wait_for

from .conftest import World
from .test_story import find_external

SONG = ("light", "Cold Light")
LOCAL = {"artist": "the lantern-keepers", "album": "Light Years Apart (Remastered)"}


def dashboard_picture(item: dict[str, Any]) -> str | None:
    """As getNowPlayingImageUrl of jellyfin-web 12 does, for what songs have."""
    tags = item.get("ImageTags", {})
    if tags.get("Primary"):
        return f"/Items/{item['Id']}/Images/Primary?tag={tags['Primary']}"
    if item.get("AlbumPrimaryImageTag") and item.get("AlbumId"):
        return f"/Items/{item['AlbumId']}/Images/Primary?tag={item['AlbumPrimaryImageTag']}"
    return None


def picture(world: World, client: Client) -> str | None:
    item = world.playing(client)
    return dashboard_picture(item) if item else None


def test_through_us_the_dashboard_shows_the_cover_of_an_external_song(world: World) -> None:
    client = world.finamp()
    song = find_external(client, "harder better", "Harder, Better, Faster, Stronger")
    client.start(song)
    path = wait_for(lambda: picture(world, client), 5, "it is shown with a picture")
    assert is_external(world.playing(client)["AlbumId"]), "the library has no such album"
    answer = client.send("GET", path, headers={"Authorization": ""})
    assert (answer.status, (answer.header("Content-Type") or "").split("/")[0]) == (200, "image")
    assert world.admin.get(path).status == 404, "past us there is none"
    client.stop(song, 1)


def test_a_cover_of_the_library_is_shown_by_jellyfin_itself(world: World) -> None:
    client = world.finamp()
    song = find_external(client, *SONG)
    world.jellyfin.control("POST", "library", **LOCAL, title="Another Song Of It")
    try:
        client.start(song)

        def local_path() -> str | None:
            path = picture(world, client)
            return path if path and not is_external(path.removeprefix("/Items/")) else None
        path = wait_for(local_path, 5, "the album of the library is told")
        for server in (world.admin, world.admin.through(world.sidetrack.url)):
            answer = server.get(path)
            assert (answer.status, (answer.header("Content-Type") or "").split("/")[0]) == (200, "image")
        # Known from here on: later reports say the same at once.
        client.progress(song, 9)
        stays_true(lambda: picture(world, client) == path, 0.5, "it stays so")
        asked = len(world.jellyfin.requests("includeItemTypes=MusicAlbum&recursive=true&limit=20"))
        client.stop(song, 10)
        client.start(song)
        wait_for(lambda: picture(world, client) == path, 5, "and is known from the start")
        assert len(world.jellyfin.requests("includeItemTypes=MusicAlbum&recursive=true&limit=20")) == asked
    finally:
        client.stop(song, 11)
