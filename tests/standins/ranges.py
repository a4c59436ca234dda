"""Answering with a file: HEAD, single byte ranges, If-Range, 416.

A request for several ranges, or one that makes no sense, gets the whole file.
"""
from __future__ import annotations

import re

from aiohttp import web

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$", re.IGNORECASE)


def parse_range(text: str | None, size: int) -> tuple[int, int] | str | None:
    """First and last byte, "unsatisfiable", or None for "send everything"."""
    match = _RANGE.match((text or "").replace(" ", ""))
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = int(match[2])
        return (max(0, size - length), size - 1) if length and size else "unsatisfiable"
    first = int(match[1])
    last = min(int(match[2]) if match[2] else size - 1, size - 1)
    if match[2] and int(match[2]) < first:
        return None
    return (first, last) if first < size else "unsatisfiable"


def file_answer(request: web.BaseRequest, data: bytes, headers: dict[str, str]) -> web.Response:
    """200, 206 or 416 for `data`; aiohttp leaves the body out for HEAD."""
    headers = {"Accept-Ranges": "bytes", **headers}
    wanted = request.headers.get("Range")
    condition = request.headers.get("If-Range")
    if condition is not None and condition not in (headers.get("Last-Modified"), headers.get("ETag")):
        wanted = None
    span = parse_range(wanted, len(data))
    if span == "unsatisfiable":
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    if span is None:
        return web.Response(body=data, headers=headers)
    first, last = span
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return web.Response(status=206, body=data[first:last + 1], headers=headers)
