"""One HTTP request, one answer, nothing done behind the test's back."""
from __future__ import annotations

import dataclasses
import gzip
import http.client
import json as json_module
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT_S = 10.0


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    @property
    def text(self) -> str:
        body = gzip.decompress(self.body) if self.header("Content-Encoding") == "gzip" else self.body
        return body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The parsed body of a 200; anything else fails with what was said instead."""
        assert self.status == 200, f"{self.status}: {self.text[:500]}"
        return json_module.loads(self.text)


def target(path: str, query: dict[str, Any] | None) -> str:
    """Path and query; lists become comma-joined, None is left out."""
    given = {name: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else
             str(value).lower() if isinstance(value, bool) else value
             for name, value in (query or {}).items() if value is not None}
    return f"{path}?{urlencode(given, quote_via=quote)}" if given else path


def send(base_url: str, method: str, path: str, *, query: dict[str, Any] | None = None,
         headers: dict[str, str] | None = None, json: Any = None, body: bytes | None = None,
         timeout_s: float = TIMEOUT_S) -> Answer:
    """A request on a connection of its own."""
    parts = urlsplit(base_url)
    headers = dict(headers or {})
    if json is not None:
        body = json_module.dumps(json).encode()
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request(method, parts.path.rstrip("/") + target(path, query), body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
