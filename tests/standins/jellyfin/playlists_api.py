"""Playlists, as measured on 12.0: an entry's id is its item's, who may edit is the owner
and whom a share lets, and who may not see a playlist gets 404."""
from __future__ import annotations

import dataclasses
from typing import Any

from aiohttp import web

from . import ids
from .call import Call, Route, bare, problem, thrown
from .library import Item

FOLDER = "/config/data/playlists"


@dataclasses.dataclass
class Playlist:
    """What a playlist is beside an item: whose, for whom, and of what."""

    item: Item
    owner: str
    is_open: bool
    shares: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    entries: list[str] = dataclasses.field(default_factory=list)

    def is_visible(self, user_id: str) -> bool:
        return self.is_open or user_id == self.owner or any(
            share["UserId"] == user_id for share in self.shares)

    def is_editable(self, user_id: str) -> bool:
        return user_id == self.owner or any(
            share["UserId"] == user_id and share["CanEdit"] for share in self.shares)


def _not_found(call: Call, what: str = "Playlist not found") -> web.Response:
    return call.json(what, 404)


def _find(call: Call, user_id: str) -> Playlist | None:
    found = call.server.library.playlists.get(call.id_param("playlist"))
    return found if found is not None and found.is_visible(user_id) else None


def _caller(call: Call) -> str:
    return call.auth.user.id if call.auth.user is not None else ids.EMPTY


def _songs(call: Call, wanted: list[str]) -> list[str]:
    """What adding these ids adds: folders their songs, unknown ids nothing."""
    library = call.server.library
    return [song.id for item in map(library.find, wanted) if item is not None and call.may_see(item)
            for song in library.songs_of(item)]


def _change(call: Call, playlist: Playlist, entries: list[str]) -> None:
    playlist.entries = entries
    songs = [song for song in map(call.server.library.find, entries) if song is not None]
    playlist.item.seconds = sum(song.seconds for song in songs)
    playlist.item.has_picture = bool(songs)


def _listed_ids(value: Any) -> list[str] | None:
    """An array of GUIDs, or a text with commas whose parts that are none do not count."""
    if isinstance(value, str):
        return [found for found in map(ids.parse, value.split(",")) if found]
    if value is None:
        return None
    parsed = [ids.parse(entry) for entry in value]
    if None in parsed:
        raise problem(400, {"$.Ids": ["The JSON value could not be converted."]})
    return [entry for entry in parsed if entry]


def _shares(value: Any) -> list[dict[str, Any]]:
    return [{"UserId": ids.parse(share["UserId"]), "CanEdit": bool(share.get("CanEdit"))}
            for share in value or []]


async def create(call: Call) -> web.Response:
    value = call.json_body() if call.body else {}
    wanted = call.query.ids("ids") or _listed_ids(value.get("ids")) or []
    name = call.query.text("name") or value.get("name")
    if name is None:
        raise thrown(500)
    library = call.server.library
    if not (call.query.text("mediaType") or value.get("mediatype")):
        if wanted and library.find(wanted[0]) is None:
            raise thrown(400)
    owner = call.id_query("userId") or ids.parse(value.get("userid")) or _caller(call)
    if owner != _caller(call) and not call.auth.is_administrator:
        raise thrown(403)
    path = f"{FOLDER}/{name}"
    while any(other.item.path == path for other in library.playlists.values()):
        path += "1"
    item = library.keep(Item("Playlist", str(name), path, ids.made_from(FOLDER)))
    item.name = str(name)
    playlist = Playlist(item, owner, bool(value.get("ispublic", True)) if value else False,
                        _shares(value.get("users")))
    library.playlists[item.id] = playlist
    _change(call, playlist, _songs(call, wanted))
    return call.json({"Id": item.id})


async def update(call: Call) -> web.Response:
    value = call.json_body()
    playlist = _find(call, _caller(call))
    if playlist is None:
        return _not_found(call)
    if not playlist.is_editable(_caller(call)):
        raise bare(403)
    wanted = _listed_ids(value.get("ids"))
    if wanted is not None:
        _change(call, playlist, _songs(call, wanted))
    if value.get("name") is not None:
        playlist.item.name = value["name"]
    if value.get("users") is not None:
        playlist.shares = _shares(value["users"])
    if value.get("ispublic") is not None:
        playlist.is_open = bool(value["ispublic"])
    return call.done()


async def get(call: Call) -> web.Response:
    if call.auth.user is None:
        raise thrown(400)
    playlist = _find(call, _caller(call))
    if playlist is None:
        return _not_found(call)
    return call.json({"OpenAccess": playlist.is_open, "Shares": playlist.shares,
                      "ItemIds": playlist.entries})


async def get_items(call: Call) -> web.Response:
    user_id = call.id_query("userId") or _caller(call)
    playlist = _find(call, user_id)
    if playlist is None:
        return _not_found(call)
    library = call.server.library
    songs = [song for song in map(library.find, playlist.entries) if song and call.may_see(song)]
    songs = [song for song in songs if (user_id, song.id) not in library.hidden]
    start, limit = call.number_query("startIndex") or 0, call.number_query("limit")
    page = songs[start:] if limit is None else songs[start:start + limit]
    fields = call.query.list("fields")
    return call.json({"Items": [{**call.server.dto.listed(song, user_id, fields), "PlaylistItemId": song.id}
                                for song in page],
                      "TotalRecordCount": len(songs), "StartIndex": start})


async def add(call: Call) -> web.Response:
    user_id = call.user_id
    playlist = _find(call, user_id)
    if playlist is None:
        return _not_found(call)
    if not playlist.is_editable(user_id):
        raise bare(403)
    added = _songs(call, call.query.ids("ids"))
    place = call.number_query("position")
    place = len(playlist.entries) if place is None else max(0, place)
    _change(call, playlist, playlist.entries[:place] + added + playlist.entries[place:])
    return call.done()


async def remove(call: Call) -> web.Response:
    playlist = _find(call, _caller(call))
    if playlist is None:
        return _not_found(call)
    if not playlist.is_editable(_caller(call)):
        raise bare(403)
    gone = call.query.list("entryIds")
    _change(call, playlist, [entry for entry in playlist.entries if entry not in gone])
    return call.done()


async def move(call: Call) -> web.Response:
    playlist = _find(call, _caller(call))
    try:
        index = int(call.text_param("index"))
    except ValueError:
        raise problem(400, {"newIndex": ["The value is not valid."]}) from None
    if playlist is None:
        return _not_found(call)
    if not playlist.is_editable(_caller(call)):
        raise bare(403)
    entry = call.text_param("entry").lower()
    entries = playlist.entries
    seen = [other for other in entries if (_caller(call), other) not in call.server.library.hidden]
    if (seen.index(entry) if entry in seen else -1) == index:
        return call.done()
    prior = max(index - 1, 0)
    if prior >= len(seen):
        raise thrown(500)
    place = entries.index(seen[prior])
    place = max(place - 1, 0) if index == 0 else place + 1
    if entry not in entries:
        return call.done()
    rest = list(entries)
    rest.remove(entry)
    rest.insert(len(rest) if index >= len(rest) else place, entry)
    _change(call, playlist, rest)
    return call.done()


async def get_users(call: Call) -> web.Response:
    playlist = _find(call, _caller(call))
    if playlist is None:
        return _not_found(call)
    if playlist.owner != _caller(call):
        raise bare(403)
    return call.json(playlist.shares)


async def get_user(call: Call) -> web.Response:
    playlist = _find(call, _caller(call))
    if playlist is None:
        return _not_found(call)
    if playlist.owner == _caller(call):
        return call.json({"UserId": _caller(call), "CanEdit": True})
    wanted = call.id_param("user")
    if wanted != _caller(call) and not playlist.is_editable(_caller(call)):
        raise bare(403)
    share = next((share for share in playlist.shares if share["UserId"] == wanted), None)
    return call.json(share) if share else _not_found(call, "User permissions not found")


def _delete(call: Call, item_id: str) -> None:
    playlist = call.server.library.playlists.get(item_id)
    if playlist is None or not playlist.is_visible(_caller(call)):
        raise problem(404)
    if playlist.owner != _caller(call) and not call.auth.is_administrator:
        raise bare(401)
    call.server.library.forget_playlist(item_id)


async def delete_item(call: Call) -> web.Response:
    _delete(call, call.id_param())
    return call.done()


async def delete_items(call: Call) -> web.Response:
    for item_id in call.query.ids("ids"):
        _delete(call, item_id)
    return call.done()


ROUTES = [
    Route("POST", "/Playlists", create),
    Route("GET", "/Playlists/{playlist}", get), Route("POST", "/Playlists/{playlist}", update),
    Route("GET", "/Playlists/{playlist}/Items", get_items),
    Route("POST", "/Playlists/{playlist}/Items", add),
    Route("DELETE", "/Playlists/{playlist}/Items", remove),
    Route("POST", "/Playlists/{playlist}/Items/{entry}/Move/{index}", move),
    Route("GET", "/Playlists/{playlist}/Users", get_users),
    Route("GET", "/Playlists/{playlist}/Users/{user}", get_user),
    Route("DELETE", "/Items/{item}", delete_item), Route("DELETE", "/Items", delete_items),
]
