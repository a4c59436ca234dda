"""Browsing and searching: /Items, /Artists, /Search/Hints and what hangs on an item."""
from __future__ import annotations

import random
from typing import Any

from aiohttp import web

from . import ids
from .call import Call, Route, bare, problem
from .library import CREATED, Item, searchable

MUSIC_TYPES = ("Audio", "MusicAlbum", "MusicArtist")
FILTERS = ("ids", "parentid", "searchterm", "includeitemtypes", "artistids", "albumartistids",
           "contributingartistids", "albumids", "genres", "years", "mediatypes")


def _page(call: Call, items: list[Item], count: bool = True) -> web.Response:
    start = max(0, call.number_query("startIndex") or 0)
    limit = call.number_query("limit") or None  # 0 is no limit here
    page = items[start:] if limit is None else items[start:start + limit]
    fields = call.query.list("fields")
    return call.json({"Items": [call.server.dto.listed(item, call.user_id, fields) for item in page],
                      "TotalRecordCount": len(items) if count else 0, "StartIndex": start})


def matches(item: Item, term: str) -> bool:
    return searchable(term.strip()) in searchable(item.name)


def _source(call: Call) -> list[Item]:
    """Where a query looks: the named items, a folder, or everything."""
    library = call.server.library
    wanted = call.query.ids("ids")
    if wanted:
        return [item for item in map(library.find, wanted) if item is not None]
    parent_id = call.id_query("parentId")
    recursive = call.query.flag("recursive") or "searchterm" in call.query
    if parent_id is not None:
        parent = library.find(parent_id)
        if parent is None:
            raise problem(400)
        if parent_id in library.playlists:
            if not call.may_see(parent):
                raise bare(401)
            return library.playlist_songs(parent_id, call.user_id)
        # Jellyfin lists a music album and an artist through their folder as well.
        return library.children(parent, recursive)
    if recursive:
        kinds = {entry.lower() for entry in call.query.list("includeItemTypes")}
        return library.all(*MUSIC_TYPES, *(["Playlist"] if kinds == {"playlist"} else []))
    return [library.view]


def _is_kept(call: Call, item: Item) -> bool:
    """Is it a favourite, or played, where that is asked for?"""
    query = call.query
    favourite = query.text("isFavorite") or ("true" if "IsFavorite" in query.list("filters") else None)
    data = call.server.library.data_of(call.user_id, item)
    if favourite and data["IsFavorite"] != (favourite.lower() == "true"):
        return False
    filters = {entry.lower() for entry in query.list("filters")}
    return not ("isplayed" in filters and not data["Played"]
                or "isunplayed" in filters and data["Played"])


def _wanted(call: Call, item: Item) -> bool:
    query = call.query
    types = {entry.lower() for entry in query.list("includeItemTypes")}
    if types and item.type.lower() not in types:
        return False
    if item.type.lower() in {entry.lower() for entry in query.list("excludeItemTypes")}:
        return False
    media = {entry.lower() for entry in query.list("mediaTypes")}
    if media and ("audio" not in media or item.is_folder):
        return False
    term = query.text("searchTerm")
    if term and not matches(item, term):
        return False
    artist = call.server.library.artist_named(item.artist)
    for name in ("artistIds", "albumArtistIds", "contributingArtistIds"):
        listed = query.ids(name)
        if listed and (artist is None or artist.id not in listed):
            return False
    albums = query.ids("albumIds")
    if albums and item.album_id not in albums:
        return False
    years = query.list("years")
    if years and str(item.year) not in years:
        return False
    genres = (query.text("genres") or "").split("|")
    if genres != [""] and item.genre not in genres:
        return False
    return _is_kept(call, item)


def _sorted(call: Call, items: list[Item]) -> list[Item]:
    def data(item: Item) -> dict[str, Any]:
        return call.server.library.data_of(call.user_id, item)

    keys = {"sortname": lambda item: item.sort_name, "name": lambda item: searchable(item.name),
            "album": lambda item: searchable(item.album),
            "albumartist": lambda item: searchable(item.artist),
            "artist": lambda item: searchable(item.artist),
            "productionyear": lambda item: item.year or 0,
            "premieredate": lambda item: item.year or 0,
            "indexnumber": lambda item: item.index or 0,
            "isfolder": lambda item: not item.is_folder,
            "datecreated": lambda item: CREATED,
            "dateplayed": lambda item: data(item).get("LastPlayedDate", ""),
            "playcount": lambda item: data(item)["PlayCount"],
            "random": lambda item: random.random()}
    orders = call.query.list("sortOrder")
    term = searchable(call.query.text("searchTerm") or "")
    if term:
        items = sorted(items, key=lambda item: not searchable(item.name).startswith(term))
    names = {entry.lower() for entry in call.query.list("sortBy")}
    if names and not names & {"sortname", "name"}:
        items = sorted(items, key=keys["sortname"])  # breaks ties
    for position, name in reversed(list(enumerate(call.query.list("sortBy")))):
        key = keys.get(name.lower())
        order = orders[min(position, len(orders) - 1)] if orders else "Ascending"
        if key is not None:
            items = sorted(items, key=key, reverse=order.lower() == "descending")
    return items


async def get_items(call: Call) -> web.Response:
    found = [item for item in _source(call) if call.may_see(item) and _wanted(call, item)]
    return _page(call, _sorted(call, found))


async def get_item(call: Call) -> web.Response:
    value = call.server.dto.full(call.item_param(), call.user_id)
    user = call.auth.user
    if user is not None and not user.policy["EnableMediaPlayback"]:
        value["PlayAccess"] = "None"  # the only effect: the bytes stay open
    return call.json(value)


async def get_latest(call: Call) -> web.Response:
    albums = [item for item in call.server.library.all("MusicAlbum") if call.may_see(item)]
    fields = call.query.list("fields")
    return call.json([call.server.dto.listed(item, call.user_id, fields)
                      for item in albums[:call.number_query("limit") or 20]])


async def get_views(call: Call) -> web.Response:
    views = [call.server.library.view]
    return call.json({"Items": [call.server.dto.full(view, call.user_id) for view in views
                                if call.may_see(view)],
                      "TotalRecordCount": len(views), "StartIndex": 0})


async def get_counts(call: Call) -> web.Response:
    library = call.server.library
    counts = dict.fromkeys(("MovieCount", "SeriesCount", "EpisodeCount", "ProgramCount",
                            "TrailerCount", "MusicVideoCount", "BoxSetCount", "BookCount"), 0)
    counts.update(ArtistCount=len(library.all("MusicArtist")), SongCount=len(library.all("Audio")),
                  AlbumCount=len(library.all("MusicAlbum")), ItemCount=len(library.all(*MUSIC_TYPES)))
    return call.json(counts)


async def get_artists(call: Call) -> web.Response:
    term = call.query.text("searchTerm")
    found = [item for item in call.server.library.all("MusicArtist")
             if call.may_see(item) and (not term or matches(item, term)) and _is_kept(call, item)]
    # Unlike /Items, this one obeys.
    return _page(call, _sorted(call, sorted(found, key=lambda item: item.sort_name)),
                 call.query.flag("enableTotalRecordCount", True))


async def get_artist(call: Call) -> web.Response:
    """Never 404: Jellyfin makes an artist up for any name."""
    name = call.text_param("name")
    known = call.server.library.artist_named(name)
    item = known or Item("MusicArtist", name, f"/config/metadata/artists/{name}", "")
    return call.json(call.server.dto.full(item, call.user_id))


async def get_hints(call: Call) -> web.Response:
    term = call.query.text("searchTerm")
    if not term:
        raise problem(400, {"searchTerm": ["The searchTerm field is required."]})
    types = {entry.lower() for entry in call.query.list("includeItemTypes")}
    found = [item for item in call.server.library.all(*MUSIC_TYPES)
             if call.may_see(item) and matches(item, term)
             and (not types or item.type.lower() in types)]
    # As measured: the limit comes before the start, and the total is what it leaves.
    limited = found[:call.number_query("limit")]
    page = limited[call.number_query("startIndex") or 0:]
    return call.json({"SearchHints": [call.server.dto.hint(item) for item in page],
                      "TotalRecordCount": len(limited)})


async def get_similar(call: Call) -> web.Response:
    item = call.item_param()
    return _page(call, [other for other in call.server.library.all(item.type)
                        if other is not item and other.genre == item.genre])


async def get_mix(call: Call) -> web.Response:
    item = call.item_param()
    songs = call.server.library.songs_of(item)
    others = [song for song in call.server.library.all("Audio")
              if song not in songs and song.genre == (item.genre or song.genre)]
    return _page(call, songs + others)


async def get_ancestors(call: Call) -> web.Response:
    item: Item | None = call.item_param()
    found = []
    while item is not None and item.parent_id:
        item = call.server.library.find(item.parent_id)
        if item is not None:
            found.append(call.server.dto.full(item, call.user_id))
    return call.json(found)


async def get_theme_media(call: Call) -> web.Response:
    owner = call.item_param().id
    empty = {"OwnerId": owner, "Items": [], "TotalRecordCount": 0, "StartIndex": 0}
    return call.json({"ThemeVideosResult": empty, "ThemeSongsResult": empty,
                      "SoundtrackSongsResult": empty})


async def get_empty_list(call: Call) -> web.Response:
    call.item_param()
    return call.json({"Items": [], "TotalRecordCount": 0, "StartIndex": 0})


async def get_lyrics(call: Call) -> web.Response:
    call.item_param()
    raise problem(404)


async def get_filters(call: Call) -> web.Response:
    genres = sorted({item.genre for item in call.server.library.all("MusicAlbum")})
    years = sorted({item.year for item in call.server.library.all("MusicAlbum") if item.year})
    return call.json({"Genres": genres, "Tags": [], "OfficialRatings": [], "Years": years})


async def get_genres(call: Call) -> web.Response:
    names = sorted({item.genre for item in call.server.library.all("MusicAlbum")})
    items = [{"Name": name, "ServerId": call.server.server_id, "Id": ids.made_from(f"genre {name}"),
              "ChannelId": None, "Type": "MusicGenre", "ImageTags": {}, "BackdropImageTags": [],
              "ImageBlurHashes": {}, "LocationType": "FileSystem", "MediaType": "Unknown"}
             for name in names]
    return call.json({"Items": items, "TotalRecordCount": len(items), "StartIndex": 0})


def _set(name: str, value: Any) -> Any:
    async def handler(call: Call) -> web.Response:
        item = call.item_param()
        call.server.library.data_of(call.user_id, item)[name] = value
        call.server.sockets.user_data_changed(call.user_id, item)
        return call.json(call.server.dto.user_data(item, call.user_id))
    return handler


async def post_played(call: Call) -> web.Response:
    """BaseItem.MarkPlayed."""
    item = call.item_param()
    data = call.server.library.data_of(call.user_id, item)
    date = call.query.text("datePlayed")
    data["PlayCount"] = max(1, data["PlayCount"] + bool(date))
    data["LastPlayedDate"] = date or data.get("LastPlayedDate") or "2026-01-06T10:00:00.0000000Z"
    return await _set("Played", True)(call)


async def delete_played(call: Call) -> web.Response:
    data = call.server.library.data_of(call.user_id, call.item_param())
    data.update(PlayCount=0, PlaybackPositionTicks=0)
    data.pop("LastPlayedDate", None)
    return await _set("Played", False)(call)


async def get_user_data(call: Call) -> web.Response:
    return call.json(call.server.dto.user_data(call.item_param(), call.user_id))


async def get_user_root(call: Call) -> web.Response:
    if call.user is None:
        raise bare(401)
    return call.json(call.server.dto.full(call.server.library.root, call.user_id))


ROUTES = [
    Route("GET", "/Items", get_items), Route("GET", "/Users/{user}/Items", get_items),
    Route("GET", "/Items/Latest", get_latest),
    Route("GET", "/Users/{user}/Items/Latest", get_latest),
    Route("GET", "/Items/Counts", get_counts), Route("GET", "/Items/Filters", get_filters),
    Route("GET", "/Items/Root", get_user_root),
    Route("GET", "/Items/{item}", get_item), Route("GET", "/Users/{user}/Items/{item}", get_item),
    Route("GET", "/UserViews", get_views), Route("GET", "/Users/{user}/Views", get_views),
    Route("GET", "/Artists", get_artists), Route("GET", "/Artists/AlbumArtists", get_artists),
    Route("GET", "/Artists/{name}", get_artist), Route("GET", "/Search/Hints", get_hints),
    Route("GET", "/Genres", get_genres), Route("GET", "/MusicGenres", get_genres),
    *(Route("GET", f"/{kind}/{{item}}/Similar", get_similar) for kind in ("Items", "Artists", "Albums")),
    *(Route("GET", f"/{kind}/{{item}}/InstantMix", get_mix)
      for kind in ("Items", "Artists", "Albums", "Songs", "Playlists")),
    Route("GET", "/Items/{item}/Ancestors", get_ancestors),
    Route("GET", "/Items/{item}/ThemeMedia", get_theme_media),
    Route("GET", "/Items/{item}/Intros", get_empty_list),
    Route("GET", "/Users/{user}/Items/{item}/Intros", get_empty_list),
    Route("GET", "/MediaSegments/{item}", get_empty_list),
    Route("GET", "/Audio/{item}/Lyrics", get_lyrics),
    Route("POST", "/UserFavoriteItems/{item}", _set("IsFavorite", True)),
    Route("DELETE", "/UserFavoriteItems/{item}", _set("IsFavorite", False)),
    Route("POST", "/Users/{user}/FavoriteItems/{item}", _set("IsFavorite", True)),
    Route("DELETE", "/Users/{user}/FavoriteItems/{item}", _set("IsFavorite", False)),
    Route("POST", "/UserPlayedItems/{item}", post_played),
    Route("DELETE", "/UserPlayedItems/{item}", delete_played),
    Route("POST", "/Users/{user}/PlayedItems/{item}", post_played),
    Route("DELETE", "/Users/{user}/PlayedItems/{item}", delete_played),
    Route("GET", "/UserItems/{item}/UserData", get_user_data),
]
