"""Deezer's gateway, media service and CDN: whole songs for those who have an account.

An account is an ARL with a plan: "lossless", "hq" or "free". Sessions, api tokens, licences, track
tokens and addresses are made up, checked and expire as the real ones do; most refusals come with
HTTP 200. Of two CDN hosts, /cdn/a and /cdn/b, both have the same bytes.

Controls beside the stand-in's own:
  POST /standin/accounts  {"arl": TEXT, "plan": PLAN or null}   null: the ARL is no good any more
  POST /standin/expire    {"what": "token" | "session" | "licence"}   those that are given out
  POST /standin/song      {"id": N, "rights"?: "none" | "refused" | "full", "fallback"?: N or null,
                           "missing"?: [FORMAT…], "lyrics"?: "synced" | "text" | "none"}
         rights "none": the song says so itself; "refused": only the media service does
  GET  /standin/plain?id=N&format=FORMAT   the bytes as they sound
"""
from __future__ import annotations

import collections
import dataclasses
import hashlib
import itertools
import json
import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import recordings
from .catalog import Track
from .recordings import FORMATS
from .stripe import cipher
from ..ranges import file_answer

if TYPE_CHECKING:
    from .server import Deezer

RATE_WINDOW_S = 5.0
PLANS = {"lossless": FORMATS, "hq": FORMATS[1:], "free": FORMATS[2:]}
ANONYMOUS = "anonymous"


@dataclasses.dataclass
class Song:
    """What is special about a song here."""

    rights: str = "full"
    fallback: int | None = None
    missing: list[str] = dataclasses.field(default_factory=list)
    lyrics: str = "synced"


@dataclasses.dataclass
class Session:
    arl: str
    token: str = ""


def _well(results: Any) -> web.Response:
    return web.json_response({"error": [], "results": results})


def _wrong(name: str, text: str) -> web.Response:
    return web.json_response({"error": {name: text}, "results": {}})


def _media_error(code: int, text: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": text}]}


class Gateway:
    """One for each stand-in; `server` has the catalogue, the clock and the counters."""

    def __init__(self, server: Deezer, secret: str | None) -> None:
        self._server = server
        self._secret = secret
        self.accounts: dict[str, str] = {}  # ARL → plan
        self.rate_limit: int | None = 50
        self.licence_lifetime_s = 14 * 24 * 3600
        self.token_lifetime_s = 24 * 3600
        self.media_lifetime_s = 72000
        self.cipher = "BF_CBC_STRIPE"  # or NONE
        self._songs: collections.defaultdict[int, Song] = collections.defaultdict(Song)
        self._sessions: dict[str, Session] = {}
        self._licences: dict[str, tuple[str, float]] = {}
        self._tokens: dict[str, tuple[int, float, bool]] = {}  # song, end, has rights
        self._recent: collections.deque[float] = collections.deque()
        self._numbers = itertools.count(1)
        self._ciphered: dict[tuple[int, str], bytes] = {}
        server.control("POST", "accounts", self._post_accounts)
        server.control("POST", "expire", self._post_expire)
        server.control("POST", "song", self._post_song)
        server.control("GET", "plain", self._get_plain)

    def _count(self, name: str) -> None:
        self._server.counters[name] += 1

    def _new(self, kind: str) -> str:
        return f"{kind}-stand-in-{next(self._numbers)}"

    # The gateway

    def call(self, request: web.BaseRequest, params: dict[str, str], body: bytes) -> web.StreamResponse:
        method = params.get("method", "")
        self._count(f"gw {method}")
        if self._is_over_quota():
            return web.json_response({"error": {"type": "Exception", "message": "Quota limit exceeded",
                                                "code": 4}})
        cookies = SimpleCookie(request.headers.get("Cookie", ""))
        arl = cookies["arl"].value if "arl" in cookies else ""
        sid = cookies["sid"].value if "sid" in cookies else ""
        if method == "deezer.ping":
            return self._ping(arl)
        session = self._sessions.get(sid)
        if method == "deezer.getUserData":
            return self._user(session if session and session.arl == arl else None)
        if session is None:
            return _wrong("NEED_USER_AUTH_REQUIRED", "User auth required")
        if not session.token or params.get("api_token") != session.token:
            return _wrong("VALID_TOKEN_REQUIRED", "Invalid CSRF token")
        if method == "song.getListData":
            return self._song_data(json.loads(body)["sng_ids"])
        if method == "song.getLyrics":
            return self._lyrics(int(json.loads(body)["sng_id"]))
        return _wrong("REQUEST_ERROR", "Unknown method")

    def _is_over_quota(self) -> bool:
        now = self._server.clock.monotonic()
        while self._recent and self._recent[0] <= now - RATE_WINDOW_S:
            self._recent.popleft()
        if self.rate_limit is not None and len(self._recent) >= self.rate_limit:
            self._count("gw over_quota")
            return True
        self._recent.append(now)
        return False

    def _ping(self, arl: str) -> web.Response:
        sid = self._new("fr")
        self._sessions[sid] = Session(arl)
        return _well({"SESSION": sid, "USER_TOKEN": self._new("user")})

    def _user(self, session: Session | None) -> web.Response:
        plan = self.accounts.get(session.arl) if session else None
        licence = self._new("licence")
        end = self._server.clock.unix() + self.licence_lifetime_s
        self._licences[licence] = (plan or ANONYMOUS, end)
        token = self._new("csrf")
        if session is not None:
            session.token = token
        formats = PLANS.get(plan or "", ())
        high, lossless = "MP3_320" in formats, "FLAC" in formats
        return _well({
            "USER": {"USER_ID": 1234567 if plan else 0, "BLOG_NAME": "somebody", "OPTIONS": {
                "web_streaming": plan is not None, "web_hq": high, "web_lossless": lossless,
                "web_sound_quality": {"low": True, "standard": True, "high": high, "lossless": lossless},
                "license_token": licence, "expiration_timestamp": int(end), "license_country": "NL"}},
            "checkForm": token, "COUNTRY": "NL", "URL_MEDIA": self._server.url})

    def _track(self, song_id: int) -> Track | None:
        return self._server.catalog.tracks.get(song_id)

    def _song(self, track: Track) -> dict[str, Any]:
        special = self._songs[track.id]
        token = self._new("track")
        end = self._server.clock.unix() + self.token_lifetime_s
        self._tokens[token] = (track.id, end, special.rights == "full")
        value: dict[str, Any] = {
            "SNG_ID": str(track.id), "SNG_TITLE": track.title, "DURATION": str(track.duration),
            "ISRC": track.isrc, "GAIN": "-12.4", "LYRICS_ID": track.id,
            "TRACK_TOKEN": token, "TRACK_TOKEN_EXPIRE": int(end), "FILESIZE_AAC_64": "0",
            "RIGHTS": [] if special.rights == "none" else {"STREAM_SUB_AVAILABLE": True},
            "__TYPE__": "song"}
        for name in FORMATS:
            size = 0 if name in special.missing else len(recordings.recording(track, name))
            value[f"FILESIZE_{name}"] = str(size)
        other = self._track(special.fallback) if special.fallback is not None else None
        if other is not None:
            value["FALLBACK"] = self._song(other)
        return value

    def _song_data(self, ids: list[str]) -> web.Response:
        tracks = [track for track in map(self._track, map(int, ids)) if track]
        if not tracks:
            return _wrong("DATA_ERROR", "No data")
        return _well({"data": [self._song(track) for track in tracks], "count": len(tracks),
                      "total": len(tracks), "filtered_count": 0})

    def _lyrics(self, song_id: int) -> web.Response:
        track = self._track(song_id)
        kind = self._songs[song_id].lyrics
        if track is None or kind == "none":
            return _wrong("DATA_ERROR", "No data")
        lines = [f"{track.title}, line {number}" for number in range(1, 5)]
        value: dict[str, Any] = {"LYRICS_ID": str(song_id), "LYRICS_TEXT": "\n".join(lines)}
        if kind == "synced":
            value["LYRICS_SYNC_JSON"] = []
            for number, line in enumerate(lines):
                value["LYRICS_SYNC_JSON"] += [
                    {"lrc_timestamp": f"[00:{10 * number:02d}.00]", "milliseconds": str(10000 * number),
                     "duration": "8000", "line": line}, {"line": ""}]
        return _well(value)

    # The media service

    def media(self, body: bytes) -> web.StreamResponse:
        self._count("get_url")
        asked = json.loads(body)
        plan, end = self._licences.get(asked["license_token"], ("", 0.0))
        if end <= self._server.clock.unix():
            return web.json_response(_media_error(1000, "License token is not valid"))
        if plan == ANONYMOUS:
            return web.json_response(_media_error(1002, "License token has no sufficient rights on "
                                                        "requested media."))
        names = [entry["format"] for entry in asked["media"][0]["formats"]]
        return web.json_response({"data": [self._source(plan, token, names)
                                           for token in asked["track_tokens"]]})

    def _source(self, plan: str, token: str, names: list[str]) -> dict[str, Any]:
        song_id, end, has_rights = self._tokens.get(token, (0, 0.0, False))
        if end <= self._server.clock.unix():
            return _media_error(2000, "Track token is not valid")
        if not has_rights:
            return _media_error(2002, "Track token has no sufficient rights on requested media.")
        allowed = [name for name in names if name in PLANS[plan]]
        if not allowed:
            return _media_error(1002, "License token has no sufficient rights on requested media.")
        there = [name for name in allowed if name not in self._songs[song_id].missing]
        if not there:
            return {"media": []}
        now = int(self._server.clock.unix())
        path = f"{song_id}/{there[0]}/{self.cipher}?exp={now + self.media_lifetime_s}"
        return {"media": [{
            "media_type": "FULL", "cipher": {"type": self.cipher}, "format": there[0],
            "sources": [{"url": f"{self._server.url}/cdn/{host}/{path}&hmac={self._hmac(path)}",
                         "provider": host} for host in ("a", "b")],
            "nbf": now - 60, "exp": now + self.media_lifetime_s}]}

    @staticmethod
    def _hmac(path: str) -> str:
        return hashlib.sha256(f"cdn {path}".encode()).hexdigest()

    # The CDN

    def file(self, request: web.BaseRequest, target: str) -> web.StreamResponse:
        self._count("cdn")
        match = re.fullmatch(r"/cdn/[ab]/((\d+)/(\w+)/(\w+)\?exp=(\d+))&hmac=([0-9a-f]+)", target)
        if match is None:
            return web.Response(status=404)
        if match[6] != self._hmac(match[1]) or int(match[5]) <= self._server.clock.unix():
            self._count("cdn refused")
            return web.Response(status=403)
        return file_answer(request, self._bytes(int(match[2]), match[3], match[4]), {
            "Content-Type": recordings.TYPES[match[3]], "ETag": f'"{match[2]}-{match[3]}"',
            "Cache-Control": "max-age=3600"})

    def _bytes(self, song_id: int, name: str, cipher_name: str) -> bytes:
        if cipher_name == "NONE":
            return recordings.recording(self._server.catalog.tracks[song_id], name)
        known = self._ciphered.get((song_id, name))
        if known is None:
            plain = recordings.recording(self._server.catalog.tracks[song_id], name)
            known = self._ciphered[song_id, name] = cipher(plain, song_id, self._secret or "")
        return known

    # The controls

    async def _post_accounts(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        if value["plan"] is None:
            self.accounts.pop(value["arl"], None)
        elif value["plan"] in PLANS:
            self.accounts[value["arl"]] = value["plan"]
        else:
            raise ValueError(value["plan"])

    async def _post_expire(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        if value["what"] == "token":
            for session in self._sessions.values():
                session.token = self._new("csrf")
        else:
            {"session": self._sessions, "licence": self._licences}[value["what"]].clear()

    async def _post_song(self, _: web.BaseRequest, value: dict[str, Any]) -> None:
        song_id = int(value.pop("id"))
        self._songs[song_id] = dataclasses.replace(Song(), **value)

    async def _get_plain(self, _: web.BaseRequest, value: dict[str, Any]) -> Any:
        track = self._server.catalog.tracks[int(value["id"])]
        return {"hex": recordings.recording(track, value["format"]).hex()}
