"""The stand-in Jellyfin put together: dispatch, CORS, base path, and its control door.

Beside the common controls (stand.py):
  POST /standin/policy  {"user": "alice", "EnableMediaPlayback": false, ...}
  POST /standin/library {"artist", "album", "title", "seconds"?, "isrc"?, ...}
  POST /standin/hide    {"user": "bob", "item"}    a song that he may not see
  POST /standin/apikey  {"app"}             → {"key"}
  POST /standin/transcoding {"device_id", "info"}  what Jellyfin says of a transcode, or null
  POST /standin/starting {"on": true}       503 everywhere, as while it migrates
  GET  /standin/sockets                     the WebSockets that are open
"""
from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from . import (ids, items_api, media_api, playlists_api, quick_connect, sessions_api, sync_play,
               system_api, video_api, web_files)
from .accounts import Accounts
from .call import ADMIN, PUBLIC, Call, Refusal, Route, Router, bare, thrown
from .dto import Dto
from .library import Library
from .query import Query
from .sessions import Sessions, timestamp
from .sockets import Sockets
from ..stand import Stand


class Jellyfin(Stand):
    """State and rules of one server; everything but accounts and library dies at a restart."""

    server_header = "Kestrel"
    name = "StandIn"

    def __init__(self, *, version: str = "12.0.0", legacy_auth: bool | None = None,
                 base_path: str = "", knows_proxies: bool = False) -> None:
        super().__init__()
        self.knows_proxies = knows_proxies
        self.version = version
        self.base_path = base_path.rstrip("/")
        self.server_id = ids.made_from("the stand-in Jellyfin")
        legacy = version.startswith("10.") if legacy_auth is None else legacy_auth
        self.accounts = Accounts(self.server_id, self.name, version, legacy)
        self.library = Library()
        self.dto = Dto(self.library, self.server_id)
        self.sessions = Sessions(self)
        self.sockets = Sockets(self)
        self.quick_connects: list[quick_connect.Request] = []
        self.groups: list[sync_play.Group] = []
        self.activity: list[dict[str, Any]] = []
        self.is_starting = False
        self._router = Router([Route("GET", "/socket", self.sockets.serve, PUBLIC),
                               *system_api.ROUTES, *quick_connect.ROUTES, *web_files.ROUTES,
                               *sessions_api.ROUTES, *sync_play.ROUTES, *media_api.ROUTES,
                               *video_api.ROUTES, *items_api.ROUTES, *playlists_api.ROUTES])
        self.control("POST", "policy", self._post_policy)
        self.control("POST", "library", self._post_library)
        self.control("POST", "hide", self._post_hide)
        self.control("POST", "apikey", self._post_api_key)
        self.control("POST", "transcoding", self._post_transcoding)
        self.control("POST", "starting", self._post_starting)
        self.control("GET", "sockets", self._get_sockets)

    @property
    def url(self) -> str:
        return super().url + self.base_path

    def log_activity(self, kind: str, text: str, user_id: str) -> None:
        self.activity.append({"Id": len(self.activity) + 1, "Name": text, "Type": kind,
                              "Date": timestamp(self.clock.utc()), "UserId": user_id,
                              "Severity": "Information"})
        self.sockets.activity_logged()

    # One request

    async def answer(self, request: web.BaseRequest, target: str, body: bytes) -> web.StreamResponse:
        path, _, query_text = target.partition("?")
        inside = self._strip_base(path)
        if inside is None:
            return web.Response(status=302, headers={"Location": f"{self.base_path[1:]}/web/"})
        if request.method == "OPTIONS" and "Origin" in request.headers:
            return self._preflight(request)
        try:
            answer = await self._dispatch(request, inside, Query(query_text), body)
        except Refusal as refusal:
            answer = refusal.answer
        except ConnectionError:
            raise
        except Exception as problem:  # what a bug in a real server looks like
            self.journal.add("crashed", error=repr(problem))
            answer = thrown(500).answer
        if request.method == "HEAD" and answer.chunked and not answer.prepared:
            # aiohttp would send the last chunk of a body that is not there.
            answer = web.Response(status=answer.status, headers=answer.headers)
        if "Origin" in request.headers and not answer.prepared:
            answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    def _strip_base(self, path: str) -> str | None:
        if not self.base_path:
            return path
        if path.lower() == self.base_path.lower():
            return "/"
        inside = path.lower().startswith(self.base_path.lower() + "/")
        return path[len(self.base_path):] if inside else None

    @staticmethod
    def _preflight(request: web.BaseRequest) -> web.Response:
        headers = {"Access-Control-Allow-Origin": "*",
                   "Access-Control-Allow-Methods":
                       request.headers.get("Access-Control-Request-Method", "")}
        asked = request.headers.get("Access-Control-Request-Headers")
        if asked:
            headers["Access-Control-Allow-Headers"] = asked
        return web.Response(status=204, headers=headers)

    async def _dispatch(self, request: web.BaseRequest, path: str, query: Query,
                        body: bytes) -> web.StreamResponse:
        route, params, allowed = self._router.find(request.method, path)
        if self.is_starting and path.lower() != "/system/info/public":
            return web.Response(status=503, text="Jellyfin is starting", headers={"Retry-After": "5"})
        if route is None:
            if allowed:
                raise Refusal(web.Response(status=405, headers={"Allow": ", ".join(allowed)}))
            raise bare(404)
        auth = self.accounts.claim(request, query)
        if route.access != PUBLIC and not auth.is_authenticated:
            raise bare(401)
        if route.access == ADMIN and not auth.is_administrator:
            raise bare(403)
        params = {name: unquote(value) for name, value in params.items()}
        return await route.handler(Call(self, request, path, query, body, auth, params))

    async def body_too_large(self) -> web.StreamResponse:
        return thrown(500).answer

    # Time and restarts

    async def clock_moved(self) -> None:
        self.sessions.clock_moved()
        await self.sockets.clock_moved()

    async def forget(self) -> None:
        self.sessions.forget()
        self.quick_connects.clear()
        self.groups.clear()

    # The controls

    async def _post_policy(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        user = self.accounts.find_user(value.pop("user"))
        if user is None:
            raise KeyError("no such user")
        user.policy.update(value)

    async def _post_library(self, _: web.BaseRequest, value: dict[str, Any]) -> Any:
        return {"id": self.library.add_song(**value).id}

    async def _post_hide(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        user = self.accounts.find_user(value["user"])
        if user is None:
            raise KeyError("no such user")
        self.library.hidden.add((user.id, value["item"]))

    async def _post_api_key(self, _: web.BaseRequest, value: dict[str, Any]) -> Any:
        return {"key": self.accounts.new_api_key(value.get("app", "Test"))}

    async def _post_transcoding(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self.sessions.set_transcoding(value["device_id"], value.get("info"))

    async def _post_starting(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self.is_starting = bool(value["on"])

    async def _get_sockets(self, *_: Any) -> Any:
        return self.sockets.to_json()
