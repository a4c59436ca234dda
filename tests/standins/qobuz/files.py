"""Songs of the stand-in Qobuz: signed questions, addresses that expire, and a CDN.

The signature is made here from what documents say of it, and not by the code
under test. An account has a plan: "hires", "lossless", "lossy", or "free",
which gets half a minute of each song.
"""
from __future__ import annotations

import functools
import hashlib
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .catalog import Track
from .. import flac, silence
from ..ranges import file_answer

if TYPE_CHECKING:
    from .server import Qobuz

# A plan's best, in Qobuz's numbers of formats; from worse to better.
FORMATS = (5, 6, 7, 27)
PLANS = {"hires": 27, "lossless": 6, "lossy": 5, "free": 0}
UNSIGNED = ("app_id", "user_auth_token", "request_ts", "request_sig")
CLOCK_S = 600  # how far a request's time may be off
SAMPLE_SECONDS = 30
FLAC_BYTES_PER_SECOND = 6000  # smaller than music


def signature(method: str, params: dict[str, str], secret: str) -> str:
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name not in UNSIGNED)
    return hashlib.md5(f"{method.replace('/', '')}{text}{params['request_ts']}{secret}".encode()).hexdigest()


@functools.lru_cache(maxsize=32)
def recording(track_id: int, seconds: int, number: int) -> bytes:
    """What a song sounds like in a format: silence, with bytes of its own."""
    label = f"qobuz track {track_id} format {number}"
    if number == 5:
        return silence.mp3_silence(label, seconds, 320000)
    return flac.flac_silence(label, seconds, seconds * FLAC_BYTES_PER_SECOND)


class Files:
    """One for each stand-in; `server` has the catalogue, the accounts and the clock."""

    def __init__(self, server: Qobuz) -> None:
        self._server = server
        self.gone = False          # track/getFileUrl answers 410
        self.lifetime_s = 600      # of an address
        self._keys = 0             # older addresses are refused
        server.control("POST", "withdraw", self._post_withdraw)
        server.control("GET", "plain", self._get_plain)

    # Questions

    def refusal(self, method: str, params: dict[str, str]) -> web.Response | None:
        """None when the signature is good."""
        named = [name for name in ("app_id", "user_auth_token") if name in params]
        try:
            late = abs(float(params.get("request_ts", "")) - self._server.clock.unix()) > CLOCK_S
        except ValueError:
            late = True
        if (named or late or not self._server.secret
                or params.get("request_sig") != signature(method, params, self._server.secret)):
            self._server.counters["bad_signature"] += 1
            return self._server.error(400, "Invalid Request Signature parameter (request_sig)")
        return None

    def url(self, params: dict[str, str], plan: str) -> web.Response:
        track = self._server.catalog.tracks.get(int(params.get("track_id", "0")))
        if self.gone:
            return self._server.error(410, "Gone")
        if track is None:
            return self._server.error(404, "No result matching given argument")
        if int(params.get("format_id", "0")) not in FORMATS or params.get("intent") != "stream":
            return self._server.error(400, "Invalid argument: format_id")
        value: dict[str, Any] = {"track_id": track.id, "duration": track.duration}
        if track.restriction:
            return web.json_response({**value, "restrictions": [{"code": track.restriction}]})
        if plan == "free":
            return web.json_response({**value, **self._sample(track, "UserUncredentialed")})
        if track.sample_only:
            return web.json_response({**value, **self._sample(track, "SampleRestrictedByRightHolders")})
        return web.json_response({**value, **self._whole(track, int(params["format_id"]), plan)})

    def _whole(self, track: Track, wanted: int, plan: str) -> dict[str, Any]:
        album = track.album
        best = 6 if album.bit_depth == 16 else 7 if album.sampling_rate <= 96 else 27
        number = min(wanted, best, PLANS[plan], key=FORMATS.index)
        rate = min(album.sampling_rate, {5: 44.1, 6: 44.1, 7: 96, 27: 192}[number])
        value: dict[str, Any] = {"url": self._address(track, number, track.duration), "format_id": number,
                                 "mime_type": "audio/mpeg" if number == 5 else "audio/flac",
                                 "sampling_rate": rate, "bit_depth": 24 if number in (7, 27) else 16}
        if number != wanted:
            value["restrictions"] = [{"code": "FormatRestrictedByFormatAvailability"}]
        return value

    def _sample(self, track: Track, why: str) -> dict[str, Any]:
        return {"url": self._address(track, 5, SAMPLE_SECONDS), "format_id": 5, "mime_type": "audio/mpeg",
                "sampling_rate": 44.1, "duration": SAMPLE_SECONDS, "sample": True,
                "restrictions": [{"code": why}]}

    # The CDN

    def _hmac(self, *parts: object) -> str:
        return hashlib.sha256(" ".join(map(str, ("file", self._keys, *parts))).encode()).hexdigest()[:27]

    def _address(self, track: Track, number: int, seconds: int) -> str:
        expires = int(self._server.clock.unix()) + self.lifetime_s
        return (f"{self._server.url}/file?uid=1&eid={track.id}&fmt={number}&profile=raw&len={seconds}"
                f"&app_id={self._server.app}&cid=1&etsp={expires}"
                f"&hmac={self._hmac(track.id, number, seconds, expires)}")

    def file(self, request: web.BaseRequest, params: dict[str, str]) -> web.StreamResponse:
        try:
            track, number, seconds, expires = (int(params[name]) for name in ("eid", "fmt", "len", "etsp"))
        except (KeyError, ValueError):
            return web.Response(status=400)
        if params.get("hmac") != self._hmac(track, number, seconds, expires):
            return web.Response(status=403)
        if expires < self._server.clock.unix():
            self._server.counters["file_expired"] += 1
            return web.Response(status=403)
        return file_answer(request, recording(track, seconds, number), {
            "Content-Type": "audio/mpeg" if number == 5 else "audio/flac",
            "ETag": f'"{track}-{number}-{seconds}"'})

    # Words

    def words_url(self, params: dict[str, str]) -> web.Response:
        track = self._server.catalog.tracks.get(int(params.get("track_id", "0")))
        if track is None or track.number == 2:
            return self._server.error(404, "Lyrics are not available for this track.")
        return web.json_response({"track_id": str(track.id), "lyrics_url":
                                  f"{self._server.url}/lyrics/{track.id}.json?sig={self._hmac(track.id)}"})

    def words(self, path: str, params: dict[str, str]) -> web.Response:
        match = re.fullmatch(r"/lyrics/(\d+)\.json", path)
        track = self._server.catalog.tracks.get(int(match[1])) if match else None
        if track is None or params.get("sig") != self._hmac(track.id):
            return web.Response(status=403)
        lines = [{"line": f"{track.title}, line {number}", "start": str(5000 * number),
                  "end": str(5000 * number + 4000)} for number in range(1, 5)]
        return web.json_response({"track_id": str(track.id),
                                  "original": {"type": "lsync", "lang": "en", "lines": lines}})

    # The controls

    async def _post_withdraw(self, *_: Any) -> None:
        """Every address given out so far is refused from now on."""
        self._keys += 1

    async def _get_plain(self, _: web.BaseRequest, value: dict[str, Any]) -> Any:
        track = self._server.catalog.tracks[int(value["id"])]
        data = recording(track.id, int(value.get("seconds", track.duration)), int(value["format"]))
        return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
