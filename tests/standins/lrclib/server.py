"""The stand-in LRCLIB: /api/get by title, artist, album and length; /api/search by words.

Beside the common controls (stand.py):
  POST /standin/songs {"track", "artist", "album", "duration", "synced"?, "plain"?, "instrumental"?}
  GET  /standin/counters   how many requests of each kind
"""
from __future__ import annotations

import collections
import dataclasses
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from ..stand import Stand

DURATION_S = 2  # as LRCLIB: what differs by more is another recording
MOST_FOUND = 20


@dataclasses.dataclass
class Song:
    id: int
    track: str
    artist: str
    album: str
    duration: float
    synced: str | None = None
    plain: str | None = None
    instrumental: bool = False

    def json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.track, "trackName": self.track, "artistName": self.artist,
                "albumName": self.album, "duration": self.duration, "instrumental": self.instrumental,
                "plainLyrics": self.plain, "syncedLyrics": self.synced}


class Lrclib(Stand):
    server_header = "lrclib"

    def __init__(self) -> None:
        super().__init__()
        self.songs: list[Song] = []
        self.counters: collections.Counter[str] = collections.Counter()
        self.control("POST", "songs", self._post_songs)
        self.control("GET", "counters", self._get_counters)
        self._add("Harder, Better, Faster, Stronger", "Daft Punk", "Discovery", 226,
                  synced="[00:01.00] One line\n[00:03.50] Another line\n[00:05.00]",
                  plain="One line\nAnother line")
        self._add("One More Time", "Daft Punk", "Discovery", 320, plain="Only plain\nwords")
        self._add("Aerodynamic", "Daft Punk", "Discovery", 212, instrumental=True)
        # Under another album: only the search finds it, among others.
        self._add("Digital Love", "Somebody Else", "Covers", 301, synced="[00:01.00]not this one")
        self._add("Digital Love", "Daft Punk", "The Singles", 240, synced="[00:01.00]nor this one")
        self._add("Digital Love", "Daft Punk", "The Singles", 302, plain="the right one")
        self._add("Digital Love (Remastered)", "DAFT PUNK", "Discovery (Deluxe)", 300,
                  synced="[00:02.00]the right one")

    def _add(self, track: str, artist: str, album: str, duration: float, **words: Any) -> None:
        self.songs.append(Song(len(self.songs) + 1, track, artist, album, duration, **words))

    async def answer(self, request: web.BaseRequest, target: str, body: bytes) -> web.StreamResponse:
        path, _, query = target.partition("?")
        params = dict(parse_qsl(query, keep_blank_values=True))
        self.counters[path] += 1
        if path == "/api/get":
            return self._get(params)
        if path == "/api/search":
            return self._search(params)
        return web.json_response({"code": 404, "name": "NotFound", "message": "Not found"}, status=404)

    def _get(self, params: dict[str, str]) -> web.Response:
        if not params.get("track_name") or not params.get("artist_name"):
            return web.json_response({"code": 400, "name": "ValidationError", "message": "missing"}, status=400)
        for song in self.songs:
            if ((song.track.lower(), song.artist.lower(), song.album.lower())
                    == tuple(params.get(name, "").lower() for name in ("track_name", "artist_name", "album_name"))
                    and abs(song.duration - float(params.get("duration") or song.duration)) <= DURATION_S):
                return web.json_response(song.json())
        return web.json_response({"code": 404, "name": "TrackNotFound",
                                  "message": "Failed to find specified track"}, status=404)

    def _search(self, params: dict[str, str]) -> web.Response:
        words = f"{params.get('q', '')} {params.get('track_name', '')}".lower().split()
        found = [song.json() for song in self.songs
                 if all(word in f"{song.track} {song.artist} {song.album}".lower() for word in words)]
        return web.json_response(found[:MOST_FOUND])

    async def _post_songs(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        self._add(value.pop("track"), value.pop("artist"), value.pop("album"), value.pop("duration"), **value)

    async def _get_counters(self, *_: Any) -> dict[str, int]:
        return dict(self.counters)
