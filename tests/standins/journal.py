"""What a stand-in saw: every request, and the events it calls worth telling."""
from __future__ import annotations

from typing import Any

from aiohttp import web

from .clock import Clock

BODY_KEPT = 65536


class Journal:
    """Numbered entries, so that a test can ask for what came after `since`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[dict[str, Any]] = []
        self._next = 1

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:
        entry = {"number": self._next, "at": self._clock.unix(), "kind": kind, **fields}
        self._next += 1
        self._entries.append(entry)
        return entry

    def add_request(self, request: web.BaseRequest, target: str, body: bytes) -> dict[str, Any]:
        headers = [[name.decode("latin-1"), value.decode("latin-1")]
                   for name, value in request.raw_headers]
        return self.add("request", method=request.method, target=target, headers=headers,
                        body_size=len(body), body=body[:BODY_KEPT].decode("utf-8", "replace"))

    def since(self, number: int) -> list[dict[str, Any]]:
        return [entry for entry in self._entries if entry["number"] > number]

    def clear(self) -> None:
        self._entries.clear()
