"""What a user's policy opens and closes on the server itself."""
from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike

from .conftest import Server

pytestmark = [pytest.mark.needs_admin, pytest.mark.needs_other]
CONTAINERS = "Container=opus,mp3,aac,m4a,flac,wav,ogg"
WAYS = ("/Items/{}", f"/Audio/{{}}/universal?{CONTAINERS}", "/Items/{}/File", "/Items/{}/Download",
        "/Items/{}/PlaybackInfo")


@pytest.fixture
def other(server: Server) -> Iterator[FinampLike]:
    other = server.client("other")
    yield other
    other.post("/Sessions/Logout")


@pytest.fixture
def change_policy(admin: Client, other: FinampLike) -> Iterator[Callable[..., None]]:
    """Changes the other user's policy, until the test is over."""
    path = f"/Users/{other.user_id}"
    before = admin.get(path).json()["Policy"]

    def change(**changes: Any) -> None:
        assert admin.post(f"{path}/Policy", {**before, **changes}).status == 204
    yield change
    change()


def statuses(client: FinampLike, item_id: str) -> list[int]:
    return [client.get(way.format(item_id)).status for way in WAYS]


def test_without_playback_the_bytes_are_open_all_the_same(
        other: FinampLike, change_policy: Callable[..., None], songs: list[dict[str, Any]]) -> None:
    """Only PlayAccess says no: whoever wants the policy to hold has to look at it."""
    change_policy(EnableMediaPlayback=False)
    assert other.item(songs[0]["Id"])["PlayAccess"] == "None"
    assert statuses(other, songs[0]["Id"]) == [200, 200, 200, 200, 200]


def test_without_downloads_only_download_is_forbidden(
        other: FinampLike, change_policy: Callable[..., None], songs: list[dict[str, Any]]) -> None:
    change_policy(EnableContentDownloading=False)
    assert statuses(other, songs[0]["Id"]) == [200, 200, 200, 403, 200]


def test_without_folders_there_is_nothing(
        other: FinampLike, change_policy: Callable[..., None], songs: list[dict[str, Any]]) -> None:
    change_policy(EnableAllFolders=False, EnabledFolders=[])
    assert statuses(other, songs[0]["Id"]) == [404, 404, 404, 404, 404]
    answer = other.get("/Items", {"includeItemTypes": "Audio", "recursive": True}).json()
    assert answer["Items"] == []
