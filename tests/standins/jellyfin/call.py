"""One request on its way to a handler, the answers handlers give, and the routes."""
from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any, Awaitable, Callable
from urllib.parse import unquote

from aiohttp import web

from . import ids
from .accounts import Auth, User
from .library import Item
from .query import Query

if TYPE_CHECKING:
    from .server import Jellyfin

# Names inside these are data, not properties: the CamelCase profile leaves them.
DICTIONARIES = {"ImageTags", "ProviderIds", "ImageBlurHashes", "Arguments", "RequiredHttpHeaders"}
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
          415: "Unsupported Media Type"}


class Refusal(Exception):
    """Ends a handler with an error answer."""

    def __init__(self, answer: web.StreamResponse) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, errors: dict[str, list[str]] | None = None) -> Refusal:
    """ASP.NET's ProblemDetails."""
    value: dict[str, Any] = {"type": f"https://tools.ietf.org/html/rfc9110#section-15.5.{status % 100 + 1}",
                             "title": TITLES[status], "status": status}
    if errors is not None:
        value.update(title="One or more validation errors occurred.", errors=errors)
    value["traceId"] = "00-00000000000000000000000000000000-0000000000000000-00"
    answer = web.Response(status=status, body=json.dumps(value).encode(), headers={
        "Content-Type": "application/json; charset=utf-8", "Vary": "Accept-Encoding"})
    answer.enable_chunked_encoding()
    return Refusal(answer)


def bare(status: int) -> Refusal:
    return Refusal(web.Response(status=status))


def thrown(status: int) -> Refusal:
    """What the exception middleware says about everything."""
    return Refusal(web.Response(status=status, text="Error processing request."))


def camel(value: Any) -> Any:
    if isinstance(value, list):
        return [camel(entry) for entry in value]
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: entry if name in DICTIONARIES else camel(entry)
                for name, entry in value.items()}
    return value


def wants_camel(accept: str) -> bool:
    """True when the first JSON type of Accept carries profile=CamelCase."""
    for entry in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        if kind in ("application/json", "*/*"):
            return any(part.replace('"', "") == "profile=camelcase" for part in parameters)
    return False


class Call:
    """A request, its parameters and who sent it."""

    def __init__(self, server: Jellyfin, request: web.BaseRequest, path: str, query: Query,
                 body: bytes, auth: Auth, params: dict[str, str]) -> None:
        self.server = server
        self.request = request
        self.path = path  # below the base path, as it was sent
        self.query = query
        self.body = body
        self.auth = auth
        self._params = params

    # What came in

    def text_param(self, name: str) -> str:
        return unquote(self._params[name])

    def id_param(self, name: str = "item") -> str:
        found = ids.parse(self.text_param(name))
        if found is None:
            raise problem(400, {name: [f"The value '{self.text_param(name)}' is not valid."]})
        return found

    def item_param(self, name: str = "item") -> Item:
        """400 when it is no GUID, 404 when this user has no such item."""
        item = self.server.library.find(self.id_param(name))
        if item is None or not self.may_see(item):
            raise problem(404)
        return item

    def may_see(self, item: Item) -> bool:
        user = self.auth.user
        playlist = self.server.library.playlists.get(item.id)
        if playlist is not None and user is not None:
            return playlist.is_visible(user.id)
        if user is None or user.policy["EnableAllFolders"]:
            return True
        return self.server.library.view.id in user.policy["EnabledFolders"]

    def id_query(self, name: str) -> str | None:
        """A single GUID of the query: 400 when it is something else."""
        text = self.query.text(name)
        if not text:
            return None
        found = ids.parse(text)
        if found is None:
            raise problem(400, {name: [f"The value '{text}' is not valid."]})
        return found

    def number_query(self, name: str) -> int | None:
        try:
            return self.query.number(name)
        except ValueError:
            raise problem(400, {name: ["The value is not valid."]}) from None

    def json_body(self) -> dict[str, Any]:
        kind = self.request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind not in ("application/json", "text/json") and not kind.endswith("+json"):
            raise problem(415)
        try:
            value = json.loads(self.body)
        except ValueError:
            raise problem(400, {"$": ["The input is not valid JSON."]}) from None
        if not isinstance(value, dict):
            raise problem(400, {"$": ["The JSON value could not be converted."]})
        return {name.lower(): entry for name, entry in value.items()}

    @property
    def user(self) -> User:
        """The user whose view this is: ?userId= for keys and administrators."""
        wanted = ids.parse(self._params.get("user", "")) or self.id_query("userId")
        if wanted is not None and (self.auth.user is None or wanted != self.auth.user.id):
            if not self.auth.is_administrator:
                raise thrown(403)
            found = self.server.accounts.find_user(wanted)
            if found is None:
                raise problem(404)
            return found
        if self.auth.user is None:
            raise problem(400)
        return self.auth.user

    @property
    def user_id(self) -> str:
        if self.auth.user is None and not self._params.get("user") and "userid" not in self.query:
            return ids.EMPTY
        return self.user.id

    # What goes out

    def json(self, value: Any, status: int = 200) -> web.Response:
        in_camel = wants_camel(self.request.headers.get("Accept", ""))
        body = json.dumps(camel(value) if in_camel else value, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Vary": "Accept-Encoding"}
        if in_camel:
            headers["Content-Type"] = 'application/json; profile="CamelCase"; charset=utf-8'
        if "gzip" in self.request.headers.get("Accept-Encoding", "").lower():
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 1)
        answer = web.Response(status=status, body=body, headers=headers)
        answer.enable_chunked_encoding()
        return answer

    @staticmethod
    def done() -> web.Response:
        return web.Response(status=204)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
PUBLIC, USER, ADMIN = "public", "user", "admin"


class Route:
    """`/Users/{user}/Items` for some methods; who may call it."""

    def __init__(self, methods: str, path: str, handler: Handler, access: str = USER) -> None:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(path))
        self.pattern = re.compile(f"{pattern}/?", re.IGNORECASE)
        self.methods = methods.split()
        self.handler = handler
        self.access = access


class Router:
    """Finds the route of a path, whatever its case and trailing slash."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = routes

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str], list[str]]:
        """The route and its parameters; or None and the methods this path allows."""
        allowed: list[str] = []
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match and method in route.methods:
                return route, match.groupdict(), []
            if match:
                allowed += route.methods
        return None, {}, allowed
