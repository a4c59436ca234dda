"""How Jellyfin 12 recognises a caller, and how it refuses one."""
from __future__ import annotations

import pytest

from tests.support.client import Client, FinampLike, session_of
from tests.support.http import send
from tests.support.processes import StandIn

from .conftest import Server

LOGIN = "/Users/AuthenticateByName"


@pytest.mark.parametrize("form, status", [
    ('MediaBrowser Token="{}"', 200), ("MediaBrowser Token={}", 200), ('mediabrowser Token="{}"', 200),
    ('MEDIABROWSER Client="a, b=c", Token="{}"', 200), ('MediaBrowser token="{}"', 401),
    ("MediaBrowser Token='{}'", 401), ("Bearer {}", 401), ('Emby Token="{}"', 401), ("{}", 401),
])
def test_the_authorization_header(server: Server, client: FinampLike, form: str, status: int) -> None:
    answer = send(server.url, "GET", "/Users/Me", headers={"Authorization": form.format(client.token)})
    assert answer.status == status


@pytest.mark.parametrize("header", ["X-Emby-Token", "X-MediaBrowser-Token"])
def test_the_old_token_headers_are_refused(server: Server, client: FinampLike, header: str) -> None:
    assert send(server.url, "GET", "/Users/Me", headers={header: client.token}).status == 401


def test_the_old_authorization_header_is_refused(server: Server, client: FinampLike) -> None:
    headers = {"X-Emby-Authorization": f'MediaBrowser Token="{client.token}"'}
    assert send(server.url, "GET", "/Users/Me", headers=headers).status == 401


@pytest.mark.parametrize("name, status", [("ApiKey", 200), ("apikey", 200), ("APIKEY", 200), ("apiKey", 200),
                                          ("api_key", 401), ("API_KEY", 401)])
def test_the_token_in_the_query(server: Server, client: FinampLike, name: str, status: int) -> None:
    assert send(server.url, "GET", f"/Users/Me?{name}={client.token}").status == status


def test_a_bad_header_beats_a_good_query(server: Server, client: FinampLike) -> None:
    headers = {"Authorization": f'MediaBrowser Token="{"0" * 32}"'}
    assert send(server.url, "GET", f"/Users/Me?ApiKey={client.token}", headers=headers).status == 401


def test_a_foreign_scheme_leaves_the_query_in_force(server: Server, client: FinampLike) -> None:
    headers = {"Authorization": "Basic dXNlcjpwYXNz"}
    assert send(server.url, "GET", f"/Users/Me?ApiKey={client.token}", headers=headers).status == 200


def test_a_refusal_is_bare(server: Server) -> None:
    answer = send(server.url, "GET", "/Users/Me")
    assert (answer.status, answer.body, answer.header("WWW-Authenticate")) == (401, b"", None)


def test_values_are_url_decoded_and_plus_is_a_space(server: Server, client: FinampLike) -> None:
    header = (f'MediaBrowser Client="Plus%20Client", Device="My+Little%2C Phone", DeviceId="{client.device_id}-plus"'
              f', Version="1", Token="{client.token}"')
    headers = {"Authorization": header}
    answer = send(server.url, "POST", "/Sessions/Playing/Progress", headers=headers, json={})
    assert answer.status == 204
    session = session_of(client, f"{client.device_id}-plus")
    assert (session["Client"], session["DeviceName"]) == ("Plus Client", "My Little, Phone")


@pytest.mark.parametrize("left_out", ["Client", "Device", "DeviceId", "Version"])
def test_a_login_has_to_name_its_client(server: Server, left_out: str) -> None:
    parts = {"Client": "c", "Device": "d", "DeviceId": "contract-login", "Version": "1"}
    del parts[left_out]
    header = "MediaBrowser " + ", ".join(f'{name}="{value}"' for name, value in parts.items())
    name, password = server.people["user"]
    answer = send(server.url, "POST", LOGIN, headers={"Authorization": header},
                  json={"Username": name, "Pw": password})
    assert answer.status == 400


def test_a_wrong_password_is_401(server: Server) -> None:
    client = Client(server.url, "contract-wrong")
    answer = client.post(LOGIN, {"Username": server.people["user"][0], "Pw": "wrong"})
    assert (answer.status, answer.text) == (401, "Error processing request.")


def test_a_login_says_who_where_and_with_what(client: FinampLike) -> None:
    answer = client.get("/Users/Me").json()
    assert answer["Id"] == client.user_id
    assert {"IsAdministrator", "EnableMediaPlayback", "EnableAllFolders", "EnableContentDownloading",
            "EnabledFolders"} <= set(answer["Policy"])
    assert len(client.token or "") == 32


def test_a_new_login_on_the_same_device_ends_the_old_token(server: Server, client: FinampLike) -> None:
    again = server.client("user", client.device_id)
    assert not client.is_token_good()
    assert again.is_token_good()


@pytest.mark.needs_other
def test_another_user_on_the_same_device_does_not(server: Server, client: FinampLike) -> None:
    other = server.client("other", client.device_id)
    assert client.is_token_good()
    other.post("/Sessions/Logout")


def test_a_logout_ends_the_token_at_once(server: Server) -> None:
    client = server.client()
    assert client.post("/Sessions/Logout").status == 204
    assert not client.is_token_good()


@pytest.mark.needs_admin
def test_the_device_header_renames_the_device(admin: Client, client: FinampLike) -> None:
    client.device = "Renamed by its header"
    assert client.get("/Users/Me").status == 200
    devices = admin.get("/Devices").json()["Items"]
    assert [entry["Name"] for entry in devices if entry["Id"] == client.device_id] == [client.device]


@pytest.mark.needs_admin
def test_an_api_key_is_no_user(server: Server, admin: Client) -> None:
    assert admin.post("/Auth/Keys?app=Contract").status == 204
    key = next(entry["AccessToken"] for entry in admin.get("/Auth/Keys").json()["Items"]
               if entry["AppName"] == "Contract")
    headers = {"Authorization": f'MediaBrowser Token="{key}"'}
    assert send(server.url, "GET", "/Users/Me", headers=headers).status == 400
    assert send(server.url, "GET", "/Sessions", headers=headers).status == 200
    assert admin.send("DELETE", f"/Auth/Keys/{key}").status == 204
    assert send(server.url, "GET", "/Sessions", headers=headers).status == 401


@pytest.mark.needs_admin
def test_deleting_a_device_ends_its_token(server: Server, admin: Client) -> None:
    client = server.client()
    assert admin.send("DELETE", f"/Devices?id={client.device_id}").status == 204
    assert not client.is_token_good()
    assert session_of(admin, client.device_id) is None


# Jellyfin 10.11, or 12 with EnableLegacyAuthorization


@pytest.mark.standin_only
@pytest.mark.parametrize("headers, query", [
    ({"X-Emby-Token": "{}"}, ""), ({"X-MediaBrowser-Token": "{}"}, ""),
    ({"X-Emby-Authorization": 'MediaBrowser Token="{}"'}, ""),
    ({"X-Emby-Authorization": 'Emby Token="{}"'}, ""), ({"Authorization": 'Emby Token="{}"'}, ""),
    ({}, "?api_key={}"), ({}, "?API_KEY={}"),
])
def test_legacy_forms_where_they_are_enabled(headers: dict[str, str], query: str) -> None:
    process = StandIn("jellyfin", "--version", "10.11.11")
    try:
        client = FinampLike(process.url, "legacy").log_in("alice")
        filled = {name: value.format(client.token) for name, value in headers.items()}
        assert send(process.url, "GET", f"/Users/Me{query.format(client.token)}", headers=filled).status == 200
        filled["Authorization"] = 'MediaBrowser Token="0000"'
        assert send(process.url, "GET", f"/Users/Me{query.format(client.token)}", headers=filled).status == 401
    finally:
        process.stop()
