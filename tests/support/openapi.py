"""Checking answers against Jellyfin's OpenAPI description, and against what clients need.

The description is large and not ours: it is read from ../shared/data/jellyfin
when that is there. NON_NULL is what the Kotlin SDK and Finamp refuse to do
without: one field missing, and the whole list is lost to them.
"""
from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import jsonschema

from .processes import REPOSITORY

DESCRIPTION = REPOSITORY.parent / "shared/data/jellyfin/openapi.json"

NON_NULL: dict[str, tuple[str, ...]] = {
    "BaseItemDto": ("Id", "Type", "Name", "ServerId", "MediaType", "UserData", "ImageTags",
                    "BackdropImageTags", "ImageBlurHashes"),
    "Audio": ("RunTimeTicks", "Album", "AlbumId", "Artists", "ArtistItems", "AlbumArtist",
              "AlbumArtists"),
    "MusicAlbum": ("Artists", "ArtistItems", "AlbumArtist", "AlbumArtists", "RunTimeTicks"),
    "MusicArtist": (),
    "Playlist": ("RunTimeTicks", "ChildCount", "Path"),
    "MediaSourceInfo": ("Protocol", "Type", "Id", "Container", "IsRemote", "ReadAtNativeFramerate",
                        "IgnoreDts", "IgnoreIndex", "GenPtsInput", "SupportsTranscoding",
                        "SupportsDirectStream", "SupportsDirectPlay", "IsInfiniteStream",
                        "RequiresOpening", "RequiresClosing", "RequiresLooping",
                        "SupportsProbing", "TranscodingSubProtocol", "HasSegments", "MediaStreams"),
    "MediaStream": ("IsInterlaced", "IsDefault", "IsForced", "IsHearingImpaired", "IsOriginal",
                    "Type", "Index", "IsExternal", "IsTextSubtitleStream", "SupportsExternalStream"),
    "UserItemDataDto": ("PlaybackPositionTicks", "PlayCount", "IsFavorite", "Played", "Key", "ItemId"),
    "QueryResult": ("Items", "TotalRecordCount", "StartIndex"),
}
HEX32 = re.compile(r"[0-9a-f]{32}")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_available() -> bool:
    return DESCRIPTION.exists()


def _convert(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a second type."""
    if isinstance(node, list):
        return [_convert(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    value = {name: _convert(entry) for name, entry in node.items() if name != "nullable"}
    if not node.get("nullable"):
        return value
    return {"anyOf": [value, {"type": "null"}]}


class Description:
    def __init__(self, path: pathlib.Path = DESCRIPTION) -> None:
        self._document = json.loads(path.read_text(encoding="utf-8"))
        self._schemas = {"components": {"schemas": _convert(self._document["components"]["schemas"])}}

    def check(self, method: str, template: str, answer: Any) -> None:
        """`answer` is what the description says `method template` returns with 200."""
        response = self._document["paths"][template][method.lower()]["responses"]["200"]
        schema = {**_convert(response["content"]["application/json"]["schema"]), **self._schemas}
        errors = list(jsonschema.Draft7Validator(schema).iter_errors(answer))
        assert not errors, "\n".join(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                                     for error in errors[:10])


def _need(value: dict[str, Any], kind: str) -> None:
    missing = [name for name in NON_NULL[kind] if value.get(name) is None]
    assert not missing, f"{kind} {value.get('Id')} {value.get('Name')!r} lacks {missing}"


def check_item(item: dict[str, Any]) -> None:
    """One BaseItemDto, with all that hangs on it."""
    _need(item, "BaseItemDto")
    _need(item, item["Type"])
    _need(item["UserData"], "UserItemDataDto")
    for name in ("Id", "AlbumId", "ParentId"):
        if item.get(name) is not None:
            assert HEX32.fullmatch(item[name]), f"{name}={item[name]}"
    assert item["UserData"]["ItemId"] == item["Id"]
    for name in ("ArtistItems", "AlbumArtists", "GenreItems", "Studios"):
        for entry in item.get(name) or []:
            assert HEX32.fullmatch(entry["Id"]) and entry["Name"], f"{name}: {entry}"
    for name in ("PremiereDate", "DateCreated"):
        if item.get(name) is not None:
            assert DATE.fullmatch(item[name]), f"{name}={item[name]}"
    for source in item.get("MediaSources") or []:
        check_media_source(source)
    for stream in item.get("MediaStreams") or []:
        _need(stream, "MediaStream")


def check_media_source(source: dict[str, Any]) -> None:
    _need(source, "MediaSourceInfo")
    assert any(stream["Type"] == "Audio" for stream in source["MediaStreams"])
    assert "://" not in (source.get("Path") or ""), "clients open a URL in Path themselves"
    for stream in source["MediaStreams"]:
        _need(stream, "MediaStream")


def check_result(result: dict[str, Any]) -> None:
    """A list of items."""
    _need(result, "QueryResult")
    for item in result["Items"]:
        check_item(item)
