"""Bytes: audio in every spelling, downloads, HLS playlists, images, PlaybackInfo."""
from __future__ import annotations

import secrets
from urllib.parse import quote

from aiohttp import web

from . import dto, ids
from .call import PUBLIC, Call, Route, bare, problem
from .library import TICKS_PER_SECOND, Item
from ..ranges import file_answer

LAST_MODIFIED = "Mon, 05 Jan 2026 10:00:00 GMT"
LIST_TYPE = "application/vnd.apple.mpegurl"
SEGMENT_S = 3
FOREVER = "public, max-age=31536000, immutable"


def _song(call: Call) -> Item:
    item = call.item_param()
    if item.type != "Audio":
        raise problem(404)
    return item


def _direct(call: Call, item: Item, **headers: str) -> web.Response:
    return file_answer(call.request, item.audio(), {
        "Content-Type": "audio/wav", "Last-Modified": LAST_MODIFIED, **headers})


def _transcoded(item: Item) -> web.Response:
    """As a transcode looks from outside: no length, no ranges, chunked."""
    answer = web.Response(body=item.audio(), headers={"Content-Type": "audio/wav",
                                                      "Accept-Ranges": "none"})
    answer.enable_chunked_encoding()
    return answer


async def get_stream(call: Call) -> web.Response:
    item = _song(call)
    if call.query.flag("static") or "audiocodec" not in call.query:
        return _direct(call, item)
    return _transcoded(item)


async def get_universal(call: Call) -> web.StreamResponse:
    item = _song(call)
    containers = [entry.split("|")[0].lower() for entry in call.query.list("container")]
    if not containers or "wav" in containers:
        return _direct(call, item)
    if (call.query.text("transcodingProtocol") or "").lower() == "hls":
        return await get_master(call)
    return _transcoded(item)


async def get_file(call: Call) -> web.Response:
    return _direct(call, _song(call))


async def get_download(call: Call) -> web.Response:
    item = _song(call)
    if call.auth.user is not None and not call.auth.user.policy["EnableContentDownloading"]:
        raise bare(403)
    name = item.path.rsplit("/", 1)[1]
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return _direct(call, item, **{
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"})


def _asked(call: Call) -> str:
    """The query as it came: lists repeat it in every address."""
    return str(call.request._message.path.partition("?")[2])


def _list(*lines: str) -> web.Response:
    return web.Response(body="\n".join(("#EXTM3U", *lines, "")).encode(),
                        headers={"Content-Type": LIST_TYPE, "Expires": "0"})


async def get_master(call: Call) -> web.Response:
    _song(call)
    return _list('#EXT-X-STREAM-INF:BANDWIDTH=256000,AVERAGE-BANDWIDTH=256000,CODECS="mp4a.40.34"',
                 f"main.m3u8?{_asked(call)}")


async def get_playlist(call: Call) -> web.Response:
    item = _song(call)
    lines = ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-VERSION:3",
             f"#EXT-X-TARGETDURATION:{SEGMENT_S}", "#EXT-X-MEDIA-SEQUENCE:0"]
    for number in range(-(-item.seconds // SEGMENT_S)):
        length = min(SEGMENT_S, item.seconds - number * SEGMENT_S)
        lines += [f"#EXTINF:{length:.6f}, nodesc",
                  f"hls1/main/{number}.ts?{_asked(call)}&runtimeTicks="
                  f"{number * SEGMENT_S * TICKS_PER_SECOND}"
                  f"&actualSegmentLengthTicks={length * TICKS_PER_SECOND}"]
    return _list(*lines, "#EXT-X-ENDLIST")


async def get_segment(call: Call) -> web.Response:
    item = _song(call)
    size = len(item.audio()) * SEGMENT_S // item.seconds
    start = int(call.text_param("number")) * size
    return web.Response(body=item.audio()[start:start + size], content_type="video/mp2t")


async def get_image(call: Call) -> web.Response:
    item = call.server.library.find(call.id_param())
    if item is None or not item.has_picture or call.text_param("type").lower() != "primary":
        raise problem(404)
    tag = call.query.text("tag")
    headers = {"Content-Type": "image/png", "Last-Modified": LAST_MODIFIED, "Vary": "Accept",
               "Content-Disposition": "attachment", "Age": "0", "Cache-Control": "public"}
    if tag:
        headers.update({"ETag": f'"{tag}"', "Cache-Control": FOREVER})
    asked = call.request.headers
    is_same = tag and asked.get("If-None-Match") == headers["ETag"]
    if is_same or asked.get("If-Modified-Since") == LAST_MODIFIED:
        return web.Response(status=304, headers=headers)
    sizes = [call.number_query(name) for name in ("width", "maxWidth", "fillWidth",
                                                  "height", "maxHeight", "fillHeight")]
    side = next((value for value in sizes if value), 500)
    return web.Response(body=item.picture(side, side), headers=headers)


async def playback_info(call: Call) -> web.Response:
    item = call.item_param()
    source = dto.media_source(item) if item.type == "Audio" else None
    value = call.json_body() if call.body else {}
    play_session = secrets.token_hex(16)
    wanted = call.query.text("mediaSourceId") or value.get("mediasourceid")
    if call.request.method == "POST" and wanted and wanted != item.id:
        return call.json({"MediaSources": [], "ErrorCode": "NoCompatibleStream"})
    if source is not None and call.request.method == "POST" and value.get("enabledirectplay") is False:
        source.update(SupportsDirectPlay=False, SupportsDirectStream=False,
                      TranscodingSubProtocol="hls", TranscodingContainer="ts",
                      TranscodingUrl=f"/audio/{ids.dashed(item.id)}/master.m3u8?DeviceId="
                                     f"{call.auth.device_id}&MediaSourceId={item.id}"
                                     f"&PlaySessionId={play_session}&ApiKey={call.auth.token}")
    return call.json({"MediaSources": [source] if source else [], "PlaySessionId": play_session})


ROUTES = [
    Route("GET HEAD", "/Audio/{item}/universal", get_universal),
    Route("GET HEAD", "/Audio/{item}/stream", get_stream, PUBLIC),
    Route("GET HEAD", "/Audio/{item}/stream.{extension}", get_stream, PUBLIC),
    Route("GET HEAD", "/Videos/{item}/stream", get_stream, PUBLIC),
    Route("GET", "/Audio/{item}/main.m3u8", get_playlist),
    Route("GET HEAD", "/Audio/{item}/master.m3u8", get_master),
    Route("GET", "/Audio/{item}/hls1/main/{number}.ts", get_segment),
    Route("GET", "/Items/{item}/File", get_file),
    Route("GET", "/Items/{item}/Download", get_download),
    Route("GET HEAD", "/Items/{item}/Images/{type}", get_image, PUBLIC),
    Route("GET HEAD", "/Items/{item}/Images/{type}/{index}", get_image, PUBLIC),
    Route("GET POST", "/Items/{item}/PlaybackInfo", playback_info),
]
