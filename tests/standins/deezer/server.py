"""The stand-in Deezer: endpoints, pages, the rate limit, previews that expire.

Beside the common controls (stand.py):
  POST /standin/faults   {"fault": NAME, "route"?, "times"?, "ms"?} besides raw rules:
         blackhole slow 429 code4 broken_json truncated false refused (for ms)
         cdn_cut cdn_stall (at 60 %) cdn_gone (403) of one request for a whole song
  POST /standin/settings {"rate_limit": 50, "preview_lifetime_s": 900, and of the gateway
         "gateway_rate_limit": 50, "licence_lifetime_s", "token_lifetime_s", "media_lifetime_s",
         "cipher": "BF_CBC_STRIPE" or "NONE"}
  GET  /standin/counters how many requests of each kind, and how many were over quota
"""
from __future__ import annotations

import collections
import hashlib
import re
from typing import Any, Callable
from urllib.parse import parse_qsl, quote, urlencode

from aiohttp import web

from . import shapes
from .catalog import Album, Artist, Catalog, Playlist, Query, Track
from .gateway import Gateway
from .. import picture, silence
from ..ranges import file_answer
from ..stand import Stand

RATE_WINDOW_S = 5.0
LARGEST_PAGE = 100
NAMED_FAULTS: dict[str, dict[str, Any]] = {
    "blackhole": {"hang": True}, "slow": {"delay_ms": 2000}, "429": {"status": 429},
    "code4": {"body": '{"error":{"type":"Exception","message":"Quota limit exceeded","code":4}}'},
    "broken_json": {"body": '{"data":[{"id":1,"title":"never clo'},
    "truncated": {"abort": True}, "false": {"body": "false"},
    "cdn_cut": {"route": "GET /cdn/", "abort": True, "share": 0.6, "times": 1},
    "cdn_stall": {"route": "GET /cdn/", "stall": True, "share": 0.6, "times": 1},
    "cdn_gone": {"route": "GET /cdn/", "status": 403, "times": 1},
}
GATEWAY_SETTINGS = {"gateway_rate_limit": "rate_limit", "licence_lifetime_s": "licence_lifetime_s",
                    "token_lifetime_s": "token_lifetime_s", "media_lifetime_s": "media_lifetime_s",
                    "cipher": "cipher"}
Answer = Callable[["Deezer", re.Match[str], dict[str, str]], web.StreamResponse]


def error(code: int, kind: str, message: str, status: int = 200) -> web.Response:
    return web.json_response({"error": {"type": kind, "message": message, "code": code}},
                             status=status)


def no_data(status: int = 200) -> web.Response:
    return error(800, "DataException", "no data", status)


class Deezer(Stand):
    server_header = "Apache"

    def __init__(self, secret: str | None = None) -> None:
        super().__init__()
        self.catalog = Catalog()
        self.shapes = shapes.Shapes(lambda: self.url, self._preview_url, self.clock.unix)
        self.rate_limit: int | None = 50
        self.preview_lifetime_s = 900
        self.counters: collections.Counter[str] = collections.Counter()
        self._recent: collections.deque[float] = collections.deque()
        self.gateway = Gateway(self, secret)
        self.control("POST", "settings", self._post_settings)
        self.control("GET", "counters", self._get_counters)

    # One request

    async def answer(self, request: web.BaseRequest, target: str, body: bytes) -> web.StreamResponse:
        path, _, query = target.partition("?")
        params = dict(parse_qsl(query, keep_blank_values=True))
        if path.startswith("/preview/"):
            self.counters["preview"] += 1
            return self._preview(request, path, params)
        if path.startswith("/images/"):
            self.counters["image"] += 1
            return self._image(request, path)
        if path == "/ajax/gw-light.php":
            return self.gateway.call(request, params, body)
        if path == "/v1/get_url":
            return self.gateway.media(body)
        if path.startswith("/cdn/"):
            return self.gateway.file(request, target)
        self.counters["api"] += 1
        if self._is_over_quota():
            self.counters["over_quota"] += 1
            return error(4, "Exception", "Quota limit exceeded")
        for pattern, handler in ENDPOINTS:
            match = pattern.fullmatch(path)
            if match:
                self.counters[pattern.pattern] += 1
                return handler(self, match, params)
        return web.json_response({"error": "Not Found"}, status=404)

    def _is_over_quota(self) -> bool:
        now = self.clock.monotonic()
        while self._recent and self._recent[0] <= now - RATE_WINDOW_S:
            self._recent.popleft()
        if self.rate_limit is not None and len(self._recent) >= self.rate_limit:
            return True
        self._recent.append(now)
        return False

    # Pages

    def page(self, path: str, params: dict[str, str], entries: list[Any],
             write: Callable[[Any], Any], default_limit: int = 25) -> web.Response:
        try:
            index = max(0, int(params.get("index", 0)))
            limit = min(LARGEST_PAGE, int(params.get("limit", default_limit)))
        except ValueError:
            return error(500, "ParameterException", "Wrong parameter")
        value: dict[str, Any] = {"data": [write(entry) for entry in entries[index:index + limit]],
                                 "total": len(entries)}
        if index > 0:
            value["prev"] = self._page_url(path, params, max(0, index - limit))
        if index + limit < len(entries):
            value["next"] = self._page_url(path, params, index + limit)
        return web.json_response(value)

    def _page_url(self, path: str, params: dict[str, str], index: int) -> str:
        kept = {name: value for name, value in params.items() if name != "index"}
        return f"{self.url}{path}?{urlencode({**kept, 'index': index}, quote_via=quote)}"

    # Bytes

    def _preview_url(self, track: Track) -> str:
        digest = track.preview_hash
        path = f"/api/1/1/{digest[0]}/{digest[1]}/{digest[2]}/0/{digest}.mp3"
        expires = int(self.clock.unix()) + self.preview_lifetime_s
        return (f"{self.url}/preview{path}?hdnea=exp={expires}~acl={path}*~data=user_id=0,"
                f"application_id=42~hmac={self._hmac(digest, expires)}")

    @staticmethod
    def _hmac(digest: str, expires: int) -> str:
        return hashlib.sha256(f"{digest} {expires}".encode()).hexdigest()

    def _preview(self, request: web.BaseRequest, path: str, params: dict[str, str]) -> web.Response:
        digest = path.rsplit("/", 1)[1].removesuffix(".mp3")
        track = self.catalog.track_by_preview(digest)
        signed = re.match(r"exp=(\d+)~.*~hmac=([0-9a-f]+)$", params.get("hdnea", ""))
        if track is None:
            return web.Response(status=404)
        if not signed or signed[2] != self._hmac(digest, int(signed[1])):
            return web.Response(status=403)
        if int(signed[1]) < self.clock.unix():
            self.counters["preview_expired"] += 1
            return web.Response(status=403)
        return file_answer(request, silence.mp3_silence(f"track {track.id}"), {
            "Content-Type": "audio/mpeg", "ETag": f'"{digest}"',
            "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT", "Cache-Control": "max-age=900"})

    def _image(self, request: web.BaseRequest, path: str) -> web.Response:
        match = re.fullmatch(r"/images/(cover|artist|playlist)/([0-9a-f]{32})/"
                             r"(\d+)x(\d+)-000000-80-0-0\.(?:jpg|png)", path)
        if not match:
            return web.Response(status=404)
        body = picture.png_cover(match[2], int(match[3]), int(match[4]))
        return web.Response(body=body, headers={"Content-Type": "image/png",
                                                "Cache-Control": "public, max-age=31536000"})

    def image_redirect(self, kind: str, md5: str, params: dict[str, str]) -> web.Response:
        side = shapes.SIZES.get(params.get("size", "medium"), 250)
        return web.Response(status=302, headers={
            "Location": f"{self.url}/images/{kind}/{md5}/{side}x{side}-000000-80-0-0.jpg"})

    # The controls

    async def _post_faults(self, request: web.BaseRequest, value: dict[str, Any]) -> None:
        name = value.pop("fault", None)
        milliseconds = value.pop("ms", None)
        if name == "refused":
            self.later(self._restart(float(milliseconds or 1000) / 1000))
            return
        rule = {**NAMED_FAULTS[name], **value} if name else value
        if name == "slow" and milliseconds is not None:
            rule["delay_ms"] = int(milliseconds)
        await super()._post_faults(request, rule)

    async def _post_settings(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        for name in value:
            if name in ("rate_limit", "preview_lifetime_s"):
                setattr(self, name, value[name])
            elif name in GATEWAY_SETTINGS:
                setattr(self.gateway, GATEWAY_SETTINGS[name], value[name])
            else:
                raise KeyError(name)

    async def _get_counters(self, *_: Any) -> Any:
        return dict(self.counters)


# The endpoints


def _search(kind: str) -> Answer:
    def handler(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
        if not params.get("q", "").strip():
            return error(501, "MissingParameterException", "Missing parameters: q")
        query = Query(params["q"])
        catalog, write = server.catalog, server.shapes
        if kind == "album":
            return server.page(match[0], params, catalog.search_albums(query),
                               lambda album: write.album(album, shapes.ALBUM_IN_SEARCH))
        if kind == "playlist":
            return server.page(match[0], params, catalog.search_playlists(query),
                               lambda playlist: write.playlist(playlist, shapes.PLAYLIST_IN_SEARCH))
        if kind == "artist":
            return server.page(match[0], params, catalog.search_artists(query),
                               lambda artist: write.artist(artist, shapes.ARTIST_LISTED))
        return server.page(match[0], params, catalog.search_tracks(query),
                           lambda track: write.track(track, shapes.TRACK_IN_SEARCH))
    return handler


def _track(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
    name = match["id"]
    track = (server.catalog.track_by_isrc(name[5:]) if name.startswith("isrc:")
             else server.catalog.tracks.get(_number(name)))
    return web.json_response(server.shapes.track(track, shapes.TRACK_PAGE)) if track else no_data()


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _of_album(write: Callable[[Deezer, Album, str, dict[str, str]], web.StreamResponse]) -> Answer:
    def handler(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
        album = server.catalog.albums.get(_number(match["id"]))
        if album is None:
            # Recorded: album 0 is a 404, every other unknown id a 200.
            return no_data(404 if match["id"] == "0" else 200)
        return write(server, album, match[0], params)
    return handler


def _of_artist(write: Callable[[Deezer, Artist, str, dict[str, str]], web.StreamResponse]) -> Answer:
    def handler(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
        artist = server.catalog.artists.get(_number(match["id"]))
        return write(server, artist, match[0], params) if artist else no_data()
    return handler


def _of_playlist(write: Callable[[Deezer, Playlist, str, dict[str, str]], web.StreamResponse]) -> Answer:
    def handler(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
        playlist = server.catalog.playlists.get(_number(match["id"]))
        return write(server, playlist, match[0], params) if playlist else no_data()
    return handler


def _radio(server: Deezer, artist: Artist, path: str, params: dict[str, str]) -> web.StreamResponse:
    # Its own songs and those of artists like it.
    tracks = [track for one in (artist, *server.catalog.related_to(artist))
              for track in server.catalog.top_of(one)[:5]][:25]
    return web.json_response({"data": [server.shapes.track(track, shapes.TRACK_RADIO)
                                       for track in tracks]})


def _of_genre(write: Callable[[Deezer, int, str, dict[str, str]], web.StreamResponse]) -> Answer:
    def handler(server: Deezer, match: re.Match[str], params: dict[str, str]) -> web.StreamResponse:
        genre = _number(match["id"])
        if genre not in dict(server.catalog.genres()):
            return no_data()
        return write(server, genre, match[0], params)
    return handler


ENDPOINTS: list[tuple[re.Pattern[str], Answer]] = [(re.compile(pattern), handler) for pattern, handler in [
    (r"/search(/track)?", _search("track")),
    (r"/search/album", _search("album")),
    (r"/search/artist", _search("artist")),
    (r"/search/playlist", _search("playlist")),
    (r"/track/(?P<id>[^/]+)", _track),
    (r"/album/(?P<id>[^/]+)", _of_album(lambda server, album, path, params: web.json_response(
        server.shapes.album(album, shapes.ALBUM_PAGE)))),
    (r"/album/(?P<id>[^/]+)/tracks", _of_album(lambda server, album, path, params: server.page(
        path, params, album.tracks,
        lambda track: server.shapes.track(track, shapes.TRACK_OF_ALBUM)))),
    (r"/album/(?P<id>[^/]+)/image", _of_album(lambda server, album, path, params:
                                              server.image_redirect("cover", album.md5, params))),
    (r"/artist/(?P<id>[^/]+)", _of_artist(lambda server, artist, path, params: web.json_response(
        server.shapes.artist(artist, shapes.ARTIST_PAGE)))),
    (r"/artist/(?P<id>[^/]+)/top", _of_artist(lambda server, artist, path, params: server.page(
        path, params, server.catalog.top_of(artist),
        lambda track: server.shapes.track(track, shapes.TRACK_TOP), default_limit=5))),
    (r"/artist/(?P<id>[^/]+)/albums", _of_artist(lambda server, artist, path, params: server.page(
        path, params, artist.albums,
        lambda album: server.shapes.album(album, shapes.ALBUM_OF_ARTIST)))),
    (r"/artist/(?P<id>[^/]+)/related", _of_artist(lambda server, artist, path, params: server.page(
        path, params, server.catalog.related_to(artist),
        lambda other: server.shapes.artist(other, shapes.ARTIST_LISTED)))),
    (r"/artist/(?P<id>[^/]+)/radio", _of_artist(_radio)),
    (r"/artist/(?P<id>[^/]+)/playlists", _of_artist(lambda server, artist, path, params: server.page(
        path, params, server.catalog.playlists_with(artist),
        lambda playlist: server.shapes.playlist(playlist, shapes.PLAYLIST_IN_SEARCH)))),
    (r"/chart/(?P<id>[^/]+)/tracks", _of_genre(lambda server, genre, path, params: server.page(
        path, params, server.catalog.tracks_of(genre),
        lambda track: server.shapes.track(track, shapes.TRACK_IN_CHART), default_limit=10))),
    (r"/chart/(?P<id>[^/]+)/albums", _of_genre(lambda server, genre, path, params: server.page(
        path, params, server.catalog.albums_of(genre),
        lambda album: server.shapes.album(album, shapes.ALBUM_IN_CHART), default_limit=10))),
    (r"/chart/(?P<id>[^/]+)/artists", _of_genre(lambda server, genre, path, params: server.page(
        path, params, server.catalog.artists_of(genre),
        lambda artist: server.shapes.artist(artist, shapes.ARTIST_IN_SEARCH), default_limit=10))),
    (r"/chart/(?P<id>[^/]+)/playlists", _of_genre(lambda server, genre, path, params: server.page(
        path, params, list(server.catalog.playlists.values()),
        lambda playlist: server.shapes.playlist(playlist, shapes.PLAYLIST_IN_SEARCH), default_limit=10))),
    (r"/editorial/(?P<id>[^/]+)/releases", _of_genre(lambda server, genre, path, params: server.page(
        path, params, server.catalog.newest_of(genre),
        lambda album: server.shapes.album(album, shapes.ALBUM_RELEASED)))),
    (r"/genre", lambda server, match, params: web.json_response(
        {"data": [server.shapes.genre(genre) for genre in server.catalog.genres()]})),
    (r"/genre/(?P<id>[^/]+)", _of_genre(lambda server, genre, path, params: web.json_response(
        server.shapes.genre((genre, dict(server.catalog.genres())[genre]))))),
    (r"/genre/(?P<id>[^/]+)/artists", _of_genre(lambda server, genre, path, params: web.json_response(
        {"data": [server.shapes.artist(artist, shapes.ARTIST_IN_SEARCH)
                  for artist in server.catalog.artists_of(genre)]}))),
    (r"/playlist/(?P<id>[^/]+)", _of_playlist(lambda server, playlist, path, params: web.json_response(
        server.shapes.playlist(playlist, shapes.PLAYLIST_PAGE)))),
    (r"/playlist/(?P<id>[^/]+)/tracks", _of_playlist(lambda server, playlist, path, params: server.page(
        path, params, playlist.tracks,
        lambda track: server.shapes.track(track, shapes.TRACK_OF_PLAYLIST)))),
    (r"/playlist/(?P<id>[^/]+)/image", _of_playlist(lambda server, playlist, path, params:
                                                    server.image_redirect("playlist", playlist.md5, params))),
    (r"/artist/(?P<id>[^/]+)/image", _of_artist(lambda server, artist, path, params:
                                                server.image_redirect("artist", artist.md5, params))),
]]
