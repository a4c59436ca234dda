"""The query of a request: names in any case, lists repeated or comma-joined."""
from __future__ import annotations

from urllib.parse import parse_qsl

from . import ids


class Query:
    def __init__(self, text: str) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self._values.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def text(self, name: str) -> str | None:
        return self._values.get(name.lower(), [None])[0]

    def number(self, name: str) -> int | None:
        """The number, or None when it is missing; ValueError when it is none."""
        value = self.text(name)
        return int(value) if value else None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name)
        return default if not value else value.lower() == "true"

    def list(self, name: str) -> list[str]:
        joined = ",".join(self._values.get(name.lower(), []))
        return [part.strip() for part in joined.split(",") if part.strip()]

    def ids(self, name: str) -> list[str]:
        """The GUIDs of a list; what is no GUID is dropped without a word."""
        return [found for found in map(ids.parse, self.list(name)) if found]
