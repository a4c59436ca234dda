"""SIDETRACK_LEGACY_AUTH: old token forms go on as they came, or in the form of today."""
from __future__ import annotations

import pathlib
from typing import Callable, Iterator

import pytest

from tests.support.client import Client, FinampLike, WebLike, is_external
from tests.support.http import Answer, send
from tests.support.processes import Sidetrack, StandIn
from tests.support.waiting import wait_for
from tests.support.websocket import UpgradeRefused, WebSocket

from .conftest import World

# Headers and query; {} is the token.
OLD_FORMS = {
    "X-Emby-Token": ({"X-Emby-Token": "{}"}, ""),
    "X-MediaBrowser-Token": ({"X-MediaBrowser-Token": "{}"}, ""),
    "X-Emby-Authorization": ({"X-Emby-Authorization": 'MediaBrowser Client="Old", DeviceId="d", Token="{}"'}, ""),
    "Emby": ({"Authorization": 'Emby Token="{}"'}, ""),
    "api_key": ({}, "api_key={}"),
}
BARE = ({"Authorization": "{}"}, "")
Form = tuple[dict[str, str], str]
Start = Callable[..., Sidetrack]


def filled(form: Form, token: str | None, path: str) -> tuple[str, dict[str, str]]:
    headers, query = form
    if query:
        path += ("&" if "?" in path else "?") + query.format(token)
    return path, {name: value.format(token) for name, value in headers.items()}


def ask(url: str, form: Form, token: str | None, path: str) -> Answer:
    path, headers = filled(form, token, path)
    return send(url, "GET", path, headers=headers)


def socket_status(url: str, form: Form, token: str | None) -> int:
    path, headers = filled(form, token, "/socket")
    try:
        WebSocket(url, path, headers).close()
    except UpgradeRefused as refused:
        return refused.status
    return 101


@pytest.fixture(scope="module")
def translating(settings: dict[str, str | None],
                tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({**settings, "SIDETRACK_LEGACY_AUTH": "translate",
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("translating"))})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield process
    process.finish()


@pytest.fixture
def client(world: World) -> FinampLike:
    return world.finamp()


def external_song(client: Client) -> str:
    """Search until there is one: an answer that Deezer is too late for comes without."""
    def found() -> str | None:
        return next((item["Id"] for item in client.search("light", Limit=50)["Items"] if is_external(item)), None)
    return wait_for(found, 10, "an external song is found")


def universal(song: str) -> str:
    return f"/Audio/{song}/universal?Container=mp3&DeviceId=d"


@pytest.mark.parametrize("name", OLD_FORMS)
def test_relayed_they_are_refused(world: World, client: FinampLike, name: str) -> None:
    url, form, token = world.sidetrack.url, OLD_FORMS[name], client.token
    assert ask(url, form, token, "/Users/Me").status == 401
    assert ask(url, form, token, universal(external_song(client))).status == 401
    assert socket_status(url, form, token) in (401, 403)


@pytest.mark.parametrize("name", [*OLD_FORMS, "bare"])
def test_translated_they_work(translating: Sidetrack, client: FinampLike, name: str) -> None:
    url, form, token = translating.url, OLD_FORMS.get(name, BARE), client.token
    me = ask(url, form, token, "/Users/Me")
    assert me.json()["Id"] == client.user_id

    def found() -> bool:
        search = ask(url, form, token, "/Items?searchTerm=light&includeItemTypes=Audio&recursive=true")
        return any(is_external(item) for item in search.json()["Items"])
    wait_for(found, 10, "an external song is found")
    stream = ask(url, form, token, universal(external_song(client)))
    assert stream.status == 200 and len(stream.body) > 0
    assert socket_status(url, form, token) == 101


def test_jellyfin_sees_the_new_form_only(world: World, translating: Sidetrack, client: FinampLike) -> None:
    path, headers = filled(OLD_FORMS["api_key"], client.token, "/Users/Me?seen=1")
    send(translating.url, "GET", path, headers={"X-Emby-Token": client.token or "", **headers})
    seen = world.jellyfin.requests("GET /Users/Me.seen=1")[-1]
    headers = {name.lower(): value for name, value in seen["headers"]}
    assert seen["target"] == f"/Users/Me?seen=1&ApiKey={client.token}"
    assert headers["authorization"] == f'MediaBrowser Token="{client.token}"'
    assert "x-emby-token" not in headers


@pytest.mark.parametrize("name", [*OLD_FORMS, "bare"])
def test_a_socket_of_the_old_form_asks_in_the_new_one(world: World, translating: Sidetrack, client: FinampLike,
                                                      name: str) -> None:
    before = len(world.jellyfin.requests("GET /socket"))
    path, headers = filled(OLD_FORMS.get(name, BARE), client.token, "/socket")
    socket = WebSocket(translating.url, path, headers)
    socket.receive_type("ForceKeepAlive")
    seen = world.jellyfin.requests("GET /socket")[before:]
    assert len(seen) == 1
    said = {name.lower(): value for name, value in seen[0]["headers"]}
    if name == "api_key":
        assert seen[0]["target"] == f"/socket?ApiKey={client.token}"
    assert client.token in (said["authorization"] if "authorization" in said else seen[0]["target"])
    assert not {"x-emby-token", "x-mediabrowser-token", "x-emby-authorization"} & said.keys()
    assert [entry["token"] for entry in world.jellyfin.control("GET", "sockets") if entry["open"]] == [client.token]
    socket.close()
    wait_for(lambda: not any(entry["open"] for entry in world.jellyfin.control("GET", "sockets")), 5, "it is closed")


@pytest.mark.parametrize("mode", ["relayed", "translated"])
@pytest.mark.parametrize("name", [*OLD_FORMS, "bare"])
def test_no_socket_for_a_token_that_jellyfin_does_not_know(world: World, translating: Sidetrack, name: str,
                                                           mode: str) -> None:
    url = translating.url if mode == "translated" else world.sidetrack.url
    assert socket_status(url, OLD_FORMS.get(name, BARE), "0" * 32) in (401, 403)


def test_a_socket_without_a_token_is_refused_either_way(world: World, translating: Sidetrack) -> None:
    assert socket_status(translating.url, ({}, ""), None) == 403
    assert socket_status(world.sidetrack.url, ({}, ""), None) == 403


def test_an_old_client_can_log_in_translated(world: World, translating: Sidetrack) -> None:
    old = WebLike(translating.url, world.device_id())
    login = {"Username": "alice", "Pw": "alice-pw"}
    introduction = {"X-Emby-Authorization": old.authorization()}
    refused = send(world.sidetrack.url, "POST", "/Users/AuthenticateByName", json=login, headers=introduction)
    taken = send(translating.url, "POST", "/Users/AuthenticateByName", json=login, headers=introduction)
    assert refused.status == 400
    assert taken.json()["SessionInfo"]["DeviceId"] == old.device_id


def test_no_credential_is_made_up(translating: Sidetrack, client: FinampLike) -> None:
    """The client's good token is known by now; who brings none or another still has none."""
    for form in OLD_FORMS.values():
        assert ask(translating.url, form, "0" * 32, "/Users/Me").status == 401
        assert ask(translating.url, form, "0" * 32, universal(external_song(client))).status == 401
    assert send(translating.url, "GET", "/Users/Me").status == 401
    both = {"Authorization": 'MediaBrowser Token="0000"', "X-Emby-Token": client.token or ""}
    assert send(translating.url, "GET", "/Users/Me", headers=both).status == 401


@pytest.mark.parametrize("mode", ["relay", "translate"])
def test_a_jellyfin_that_takes_old_forms_gets_them_either_way(
        start_sidetrack: Start, tmp_path: pathlib.Path, mode: str) -> None:
    jellyfin = StandIn("jellyfin", "--version", "10.11.11", "--legacy-auth")
    try:
        process = start_sidetrack({"JELLYFIN_URL": jellyfin.url, "SIDETRACK_LEGACY_AUTH": mode})
        wait_for(process.is_ready, 10, "sidetrack is ready")
        client = FinampLike(process.url, "legacy")
        client.log_in("alice")
        song = external_song(client)
        for form in OLD_FORMS.values():
            assert ask(process.url, form, client.token, "/Users/Me").status == 200
            assert ask(process.url, form, client.token, universal(song)).status == 200
            assert socket_status(process.url, form, client.token) == 101
    finally:
        jellyfin.stop()
