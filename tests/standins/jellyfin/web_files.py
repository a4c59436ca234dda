"""The web client's folder, as a server of static files answers for it: tags, dates, ranges."""
from __future__ import annotations

import gzip

from aiohttp import web

from .call import PUBLIC, Call, Route, bare
from ..picture import png_cover
from ..ranges import file_answer

PAGE = "<!DOCTYPE html><html><head><title>Jellyfin</title></head><body>stand-in</body></html>"
LAST_MODIFIED = "Sat, 10 Jan 2026 12:00:00 GMT"
FILES: dict[str, tuple[str, bytes]] = {
    "index.html": ("text/html", PAGE.encode()),
    "config.json": ("application/json", b'{"multiserver": false, "servers": []}'),
    "main.bundle.js": ("text/javascript", b"".join(b"var v%d=%d;\n" % (i, i) for i in range(20_000))),
    "themes/dark.css": ("text/css", b"body{background:#101010}\n" * 40),
    "assets/touchicon.png": ("image/png", png_cover("touchicon", 144, 144)),
}
COMPRESSED = ("text/", "application/json")


async def get_file(call: Call) -> web.StreamResponse:
    path = call.path.partition("/web/")[2] or "index.html"
    if path not in FILES:
        raise bare(404)
    kind, data = FILES[path]
    tag = f'"1dc{len(data):012x}"'
    headers = {"Content-Type": kind, "Accept-Ranges": "bytes", "ETag": tag, "Last-Modified": LAST_MODIFIED}
    if path == "index.html":
        headers["Cache-Control"] = "no-cache"
    asked = call.request.headers
    if asked.get("If-Match") not in (None, "*", tag):
        raise bare(412)
    if asked.get("If-None-Match") == tag or (
            "If-None-Match" not in asked and asked.get("If-Modified-Since") == LAST_MODIFIED):
        return web.Response(status=304, headers=headers)
    if "gzip" in asked.get("Accept-Encoding", "") and "Range" not in asked and kind.startswith(COMPRESSED):
        answer = web.Response(body=gzip.compress(data, 1, mtime=0), headers={
            **headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
        answer.enable_chunked_encoding()
        return answer
    return file_answer(call.request, data, headers)


ROUTES = [
    Route("GET HEAD", "/web/{file}", get_file, PUBLIC),
    Route("GET HEAD", "/web/{folder}/{file}", get_file, PUBLIC),
]
