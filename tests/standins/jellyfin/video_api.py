"""A film that is in no list: HLS, progressive transcodes, subtitles, trickplay, and live television."""
from __future__ import annotations

import asyncio
import hashlib

from aiohttp import web

from . import ids
from .call import PUBLIC, Call, Route, problem
from ..picture import png_cover
from ..ranges import file_answer

FILM = ids.made_from("the stand-in's film")
SECONDS = 30
SEGMENT_S = 3
SIZE = 3_000_000
PACKET = 188  # of a transport stream
LIVE_PACKETS = 70
LIVE_EVERY_S = 0.01
LAST_MODIFIED = "Tue, 06 Jan 2026 10:00:00 GMT"
TILE_WIDTH = 320


def bytes_of(label: str, size: int) -> bytes:
    """The same bytes for the same label, others for others."""
    return hashlib.shake_128(label.encode()).digest(size)


def _film(call: Call) -> str:
    if call.id_param() != FILM:
        raise problem(404)
    return FILM


async def get_stream(call: Call) -> web.StreamResponse:
    data = bytes_of(_film(call), SIZE)
    if call.query.flag("static"):
        return file_answer(call.request, data, {"Content-Type": "video/mp4", "Last-Modified": LAST_MODIFIED})
    answer = web.StreamResponse(headers={"Content-Type": "video/mp4", "Accept-Ranges": "none"})
    answer.headers["Server"] = call.server.server_header
    if call.request.version >= (1, 1):
        answer.enable_chunked_encoding()
    await answer.prepare(call.request)
    await answer.write(data)
    return answer  # in HTTP/1.0 the end of the connection is its end


def _playlist(lines: list[str], kind: str = "application/vnd.apple.mpegurl") -> web.Response:
    return web.Response(text="\n".join(["#EXTM3U", *lines, ""]), headers={"Expires": "0", "Content-Type": kind})


async def get_master(call: Call) -> web.Response:
    _film(call)
    return _playlist(['#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="avc1.42401F,mp4a.40.2",RESOLUTION=1280x720',
                      f"main.m3u8?{call.request._message.path.partition('?')[2]}"])


async def get_main(call: Call) -> web.Response:
    _film(call)
    query = call.request._message.path.partition("?")[2]
    lines = ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}",
             "#EXT-X-MEDIA-SEQUENCE:0"]
    for number in range(SECONDS // SEGMENT_S):
        lines += [f"#EXTINF:{SEGMENT_S:.6f}, nodesc", f"hls1/main/{number}.ts?{query}"]
    return _playlist([*lines, "#EXT-X-ENDLIST"])


async def get_segment(call: Call) -> web.Response:
    number = int(call.text_param("number"))
    if number >= SECONDS // SEGMENT_S:
        raise problem(404)
    return file_answer(call.request, bytes_of(f"{_film(call)} {number}", 1000 * PACKET),
                       {"Content-Type": "video/mp2t"})


async def get_subtitles(call: Call) -> web.Response:
    _film(call)
    kind = call.text_param("format").lower()
    texts = {"vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\nGr\u00fc\u00dfe\n",
             "srt": "\ufeff1\r\n00:00:00,000 --> 00:00:02,000\r\nGr\u00fc\u00dfe\r\n\r\n"}
    if kind not in texts:
        raise problem(404)
    return web.Response(body=texts[kind].encode(), headers={
        "Content-Type": "text/vtt" if kind == "vtt" else "application/x-subrip"})


async def get_tiles(call: Call) -> web.Response:
    _film(call)
    return _playlist(["#EXT-X-TARGETDURATION:10", "#EXT-X-VERSION:7", "#EXT-X-IMAGES-ONLY",
                      f"#EXT-X-TILES:RESOLUTION={TILE_WIDTH}x180,LAYOUT=10x10,DURATION=10", "0.jpg", "#EXT-X-ENDLIST"],
                     "application/x-mpegURL")


async def get_tile(call: Call) -> web.Response:
    _film(call)
    if call.text_param("width") != str(TILE_WIDTH) or call.text_param("number") != "0":
        raise problem(404)
    return file_answer(call.request, png_cover("tiles", 400, 400), {
        "Content-Type": "image/jpeg", "Last-Modified": LAST_MODIFIED})


async def get_live(call: Call) -> web.StreamResponse:
    """Goes on for as long as somebody watches."""
    journal = call.server.journal
    answer = web.StreamResponse(headers={"Content-Type": "video/mp2t", "Accept-Ranges": "none"})
    answer.enable_chunked_encoding()
    await answer.prepare(call.request)
    journal.add("live_began", stream=call.text_param("stream"))
    try:
        for number in range(1_000_000):
            await answer.write(bytes_of(f"live {number}", LIVE_PACKETS * PACKET))
            await asyncio.sleep(LIVE_EVERY_S)
    finally:
        journal.add("live_ended", stream=call.text_param("stream"))
    return answer


ROUTES = [
    Route("GET HEAD", "/Videos/{item}/stream.{extension}", get_stream, PUBLIC),
    Route("GET HEAD", "/Videos/{item}/master.m3u8", get_master),
    Route("GET HEAD", "/Videos/{item}/main.m3u8", get_main),
    Route("GET", "/Videos/{item}/hls1/main/{number}.ts", get_segment),
    Route("GET", "/Videos/{item}/{source}/Subtitles/{index}/{start}/Stream.{format}", get_subtitles, PUBLIC),
    Route("GET", "/Videos/{item}/{source}/Subtitles/{index}/Stream.{format}", get_subtitles, PUBLIC),
    Route("GET", "/Videos/{item}/Trickplay/{width}/tiles.m3u8", get_tiles),
    Route("GET", "/Videos/{item}/Trickplay/{width}/{number}.jpg", get_tile),
    Route("GET", "/LiveTv/LiveStreamFiles/{stream}/stream.{extension}", get_live, PUBLIC),
]
