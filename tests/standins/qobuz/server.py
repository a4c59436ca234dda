"""The stand-in Qobuz: endpoints, who may ask, pages, and faults.

Beside the common controls (stand.py):
  POST /standin/faults   {"fault": NAME, "route"?, "times"?, "ms"?} besides raw rules:
         blackhole slow 429 broken_json truncated html
  POST /standin/settings {"anonymous", "secret", "gone", "file_lifetime_s", "largest_page",
                          "rate_limit", "retry_after_s"}
  POST /standin/accounts {"token": TEXT, "plan": PLAN or null}   null: no good any more
  POST /standin/withdraw                 every address of a file given out so far is refused
  GET  /standin/counters                 how many requests of each kind
  GET  /standin/plain?id=N&format=F      size and SHA-256 of a song
"""
from __future__ import annotations

import collections
import re
from typing import Any, Callable, Sequence
from urllib.parse import parse_qsl

from aiohttp import web

from .catalog import Catalog
from .files import Files
from .shapes import Shapes
from .. import picture
from ..stand import Stand

RATE_WINDOW_S = 60.0
NAMED_FAULTS: dict[str, dict[str, Any]] = {
    "blackhole": {"hang": True}, "slow": {"delay_ms": 2000}, "429": {"status": 429},
    "broken_json": {"body": '{"tracks":{"items":[{"id":1,"title":"never clo'},
    "truncated": {"abort": True}, "html": {"body": "<html>maintenance</html>"},
}
KINDS = {"track": "tracks", "album": "albums", "artist": "artists", "playlist": "playlists"}
Handler = Callable[["Qobuz", dict[str, str]], web.Response]


class Qobuz(Stand):
    server_header = "nginx"

    def __init__(self, app: str, secret: str) -> None:
        super().__init__()
        self.app = app
        self.secret = secret
        self.accounts: dict[str, str] = {}  # token → plan
        self.anonymous = True  # the catalogue is shown without a token
        self.largest_page = 500
        self.rate_limit: int | None = None
        self.retry_after_s: int | None = None
        self.catalog = Catalog()
        self.shapes = Shapes(lambda: self.url)
        self.counters: collections.Counter[str] = collections.Counter()
        self._recent: collections.deque[float] = collections.deque()
        self.files = Files(self)
        self.control("POST", "settings", self._post_settings)
        self.control("POST", "accounts", self._post_accounts)
        self.control("GET", "counters", self._get_counters)

    def error(self, status: int, message: str) -> web.Response:
        return web.json_response({"status": "error", "code": status, "message": message}, status=status)

    # One request

    async def answer(self, request: web.BaseRequest, target: str, body: bytes) -> web.StreamResponse:
        path, _, query = target.partition("?")
        params = dict(parse_qsl(query, keep_blank_values=True))
        if path.startswith("/images/"):
            self.counters["image"] += 1
            return self._image(path)
        if path == "/file":
            self.counters["file"] += 1
            return self.files.file(request, params)
        if path.startswith("/lyrics/"):
            return self.files.words(path, params)
        return self._api(request, path.strip("/"), params)

    def _api(self, request: web.BaseRequest, method: str, params: dict[str, str]) -> web.Response:
        self.counters["api"] += 1
        self.counters[method] += 1
        if self._is_over_rate():
            self.counters["over_rate"] += 1
            answer = self.error(429, "Too many requests")
            if self.retry_after_s is not None:
                answer.headers["Retry-After"] = str(self.retry_after_s)
            return answer
        if (request.headers.get("X-App-Id") or params.get("app_id")) != self.app:
            return self.error(400, "Invalid or missing app_id parameter")
        token = request.headers.get("X-User-Auth-Token")
        plan = self.accounts.get(token or "")
        signed = method in SIGNED
        if plan is None and (token is not None or signed or not self.anonymous):
            self.counters["no_token"] += 1
            return self.error(401, "User authentication is required.")
        if signed:
            refusal = self.files.refusal(method, params)
            return SIGNED[method](self, params, plan or "") if refusal is None else refusal
        handler = ENDPOINTS.get(method)
        return handler(self, params) if handler else self.error(404, "No such method")

    def _is_over_rate(self) -> bool:
        now = self.clock.monotonic()
        while self._recent and self._recent[0] <= now - RATE_WINDOW_S:
            self._recent.popleft()
        if self.rate_limit is not None and len(self._recent) >= self.rate_limit:
            return True
        self._recent.append(now)
        return False

    # Pages

    def page(self, params: dict[str, str], entries: Sequence[Any],
             write: Callable[[Any], Any]) -> dict[str, Any]:
        offset = max(0, int(params.get("offset", 0)))
        limit = min(self.largest_page, int(params.get("limit", 50)))
        return {"offset": offset, "limit": limit, "total": len(entries),
                "items": [write(entry) for entry in entries[offset:offset + limit]]}

    def not_found(self) -> web.Response:
        return self.error(404, "No result matching given argument")

    def _image(self, path: str) -> web.Response:
        cover = re.fullmatch(r"/images/covers/\w\w/\w\w/(\w+)_(50|150|230|300|600|max)\.jpg", path)
        person = re.fullmatch(r"/images/artists/covers/(small|medium|large)/(\w+)\.jpg", path)
        if not cover and not person:
            return web.Response(status=404)
        side = ({"max": 1200}.get(cover[2]) or int(cover[2]) if cover
                else {"small": 50, "medium": 230, "large": 600}[person[1]])
        body = picture.png_cover(cover[1] if cover else person[2], side, side)
        return web.Response(body=body, headers={"Content-Type": "image/png",
                                                "Cache-Control": "public, max-age=31536000"})

    # The controls

    async def _post_faults(self, request: web.BaseRequest, value: dict[str, Any]) -> None:
        name = value.pop("fault", None)
        milliseconds = value.pop("ms", None)
        rule = {**NAMED_FAULTS[name], **value} if name else value
        if name == "slow" and milliseconds is not None:
            rule["delay_ms"] = int(milliseconds)
        await super()._post_faults(request, rule)

    async def _post_settings(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        for name, setting in value.items():
            if name in ("anonymous", "secret", "largest_page", "rate_limit", "retry_after_s"):
                setattr(self, name, setting)
            elif name in ("gone", "file_lifetime_s"):
                setattr(self.files, name.removeprefix("file_"), setting)
            else:
                raise KeyError(name)

    async def _post_accounts(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        if value["plan"] is None:
            self.accounts.pop(value["token"], None)
        else:
            self.accounts[value["token"]] = value["plan"]

    async def _get_counters(self, *_: Any) -> Any:
        return dict(self.counters)


# The endpoints


def _search(kind: str) -> Handler:
    def handler(server: Qobuz, params: dict[str, str]) -> web.Response:
        words = params.get("query", "")
        if not words.strip():
            return server.error(400, "Invalid argument: query")
        found = server.catalog.search(kind, words)
        return web.json_response({"query": words, KINDS[kind]: server.page(
            params, found, getattr(server.shapes, kind))})
    return handler


def _search_all(server: Qobuz, params: dict[str, str]) -> web.Response:
    words = params.get("query", "")
    if not words.strip():
        return server.error(400, "Invalid argument: query")
    return web.json_response({"query": words, **{
        KINDS[kind]: server.page(params, server.catalog.search(kind, words), getattr(server.shapes, kind))
        for kind in KINDS}})


def _number(params: dict[str, str], name: str) -> int:
    value = params.get(name, "")
    return int(value) if value.isdecimal() else 0


def _track(server: Qobuz, params: dict[str, str]) -> web.Response:
    track = server.catalog.tracks.get(_number(params, "track_id"))
    return web.json_response(server.shapes.track(track)) if track else server.not_found()


def _album(server: Qobuz, params: dict[str, str]) -> web.Response:
    album = server.catalog.albums.get(params.get("album_id", ""))
    if album is None:
        return server.not_found()
    return web.json_response({**server.shapes.album_page(album), "tracks": server.page(
        params, album.tracks, server.shapes.track_of_album)})


def _artist(server: Qobuz, params: dict[str, str]) -> web.Response:
    artist = server.catalog.artists.get(_number(params, "artist_id"))
    if artist is None:
        return server.not_found()
    value = server.shapes.artist(artist)
    extra = params.get("extra")
    if extra == "albums":
        value["albums"] = server.page(params, artist.albums, server.shapes.album)
    elif extra == "playlists":
        playlists = [playlist for playlist in server.catalog.playlists.values()
                     if any(track.album.artist is artist for track in playlist.tracks)]
        value["playlists"] = server.page(params, playlists, server.shapes.playlist)
    return web.json_response(value)


def _artist_page(server: Qobuz, params: dict[str, str]) -> web.Response:
    artist = server.catalog.artists.get(_number(params, "artist_id"))
    if artist is None:
        return server.not_found()
    top = [track for album in artist.albums for track in album.tracks][:20]
    return web.json_response({"id": artist.id, "name": {"display": artist.name},
                              "images": {"portrait": None},
                              "top_tracks": [server.shapes.track_newly(track) for track in top]})


def _similar(server: Qobuz, params: dict[str, str]) -> web.Response:
    artist = server.catalog.artists.get(_number(params, "artist_id"))
    if artist is None:
        return server.not_found()
    return web.json_response({"artists": server.page(params, server.catalog.others(artist),
                                                     server.shapes.artist)})


def _radio(server: Qobuz, params: dict[str, str]) -> web.Response:
    track = server.catalog.tracks.get(_number(params, "track_id"))
    artist = track.album.artist if track else server.catalog.artists.get(_number(params, "artist_id"))
    if artist is None:
        return server.not_found()
    tracks = [one for other in (artist, *server.catalog.others(artist))
              for album in other.albums for one in album.tracks[:3]][:30]
    return web.json_response({"tracks": {"items": [server.shapes.track_newly(one) for one in tracks]}})


def _playlist(server: Qobuz, params: dict[str, str]) -> web.Response:
    playlist = server.catalog.playlists.get(_number(params, "playlist_id"))
    if playlist is None:
        return server.not_found()
    value = server.shapes.playlist(playlist)
    if params.get("extra") == "tracks":
        value["tracks"] = server.page(params, playlist.tracks, server.shapes.track)
    return web.json_response(value)


def _featured_albums(server: Qobuz, params: dict[str, str]) -> web.Response:
    genre = _number(params, "genre_id") or None
    return web.json_response({"albums": server.page(params, server.catalog.albums_of(genre),
                                                    server.shapes.album)})


def _featured_playlists(server: Qobuz, params: dict[str, str]) -> web.Response:
    return web.json_response({"playlists": server.page(params, list(server.catalog.playlists.values()),
                                                       server.shapes.playlist)})


def _genres(server: Qobuz, params: dict[str, str]) -> web.Response:
    return web.json_response({"genres": server.page(
        params, server.catalog.genres(), lambda genre: {"id": genre[0], "name": genre[1]})})


ENDPOINTS: dict[str, Handler] = {
    **{f"{kind}/search": _search(kind) for kind in KINDS}, "catalog/search": _search_all,
    "track/get": _track, "album/get": _album, "artist/get": _artist, "playlist/get": _playlist,
    "artist/page": _artist_page, "artist/getSimilarArtists": _similar,
    "radio/artist": _radio, "radio/track": _radio,
    "album/getFeatured": _featured_albums, "playlist/getFeatured": _featured_playlists,
    "genre/list": _genres,
}
SIGNED: dict[str, Callable[[Qobuz, dict[str, str], str], web.Response]] = {
    "track/getFileUrl": lambda server, params, plan: server.files.url(params, plan),
    "track/lyricsUrl": lambda server, params, plan: server.files.words_url(params),
}
