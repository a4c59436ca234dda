"""Which Jellyfin the contract is checked against.

By default the stand-in. With CONTRACT_URL a real one, as CONTRACT_USER with
CONTRACT_PASSWORD; CONTRACT_ADMIN(_PASSWORD) and CONTRACT_OTHER(_PASSWORD), a
second ordinary user, open the tests marked so. A library with a few songs and
one album cover is all a real server needs. What the given server cannot be
asked is deselected, and pytest says how many that were.
"""
from __future__ import annotations

import dataclasses
import os
import uuid
from typing import Any, Iterator

import pytest

from tests.support.client import Client, FinampLike
from tests.support.processes import StandIn

MARKERS = {
    "standin_only": "needs the control door of the stand-in (restart, clock)",
    "needs_admin": "needs CONTRACT_ADMIN and CONTRACT_ADMIN_PASSWORD",
    "needs_other": "needs CONTRACT_OTHER and CONTRACT_OTHER_PASSWORD",
}


@dataclasses.dataclass
class Server:
    url: str
    standin: StandIn | None
    people: dict[str, tuple[str, str]]

    def client(self, person: str = "user", device_id: str | None = None, kind: type[Client] = FinampLike) -> Any:
        """A logged-in client on a device of its own."""
        client = kind(self.url, device_id or f"contract-{uuid.uuid4().hex[:12]}", "Contract Device")
        return client.log_in(*self.people[person])


def _people() -> dict[str, tuple[str, str]]:
    if "CONTRACT_URL" not in os.environ:
        return {"user": ("alice", "alice-pw"), "other": ("bob", "bob-pw"), "admin": ("admin", "admin-pw")}
    names = {"user": "CONTRACT_USER", "other": "CONTRACT_OTHER", "admin": "CONTRACT_ADMIN"}
    passwords = {**{person: f"{name}_PASSWORD" for person, name in names.items()}, "user": "CONTRACT_PASSWORD"}
    return {person: (os.environ[name], os.environ.get(passwords[person], ""))
            for person, name in names.items() if name in os.environ}


def pytest_configure(config: pytest.Config) -> None:
    if "CONTRACT_URL" in os.environ and "CONTRACT_USER" not in os.environ:
        raise pytest.UsageError("CONTRACT_URL needs CONTRACT_USER and CONTRACT_PASSWORD")
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {text}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    people = _people()
    impossible = {"standin_only"} if "CONTRACT_URL" in os.environ else set()
    impossible |= {f"needs_{person}" for person in ("admin", "other") if person not in people}
    deselected = [item for item in items if any(item.get_closest_marker(name) for name in impossible)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    url = os.environ.get("CONTRACT_URL")
    if url:
        yield Server(url.rstrip("/"), None, _people())
        return
    process = StandIn("jellyfin")
    yield Server(process.url, process, _people())
    assert process.stop() == 0, process.stderr


@pytest.fixture
def standin(server: Server) -> StandIn:
    assert server.standin is not None
    return server.standin


@pytest.fixture
def client(server: Server) -> Iterator[FinampLike]:
    client = server.client()
    yield client
    client.post("/Sessions/Logout")  # leaves a real server as it was


@pytest.fixture
def admin(server: Server) -> Iterator[Client]:
    admin = server.client("admin", kind=Client)
    yield admin
    admin.post("/Sessions/Logout")


@pytest.fixture(scope="session")
def songs(server: Server) -> list[dict[str, Any]]:
    client = server.client()
    found = client.get("/Items", {"userId": client.user_id, "includeItemTypes": "Audio", "recursive": True,
                                  "sortBy": "SortName"}).json()["Items"]
    client.post("/Sessions/Logout")
    assert len(found) >= 3, "the server needs a music library"
    return found
