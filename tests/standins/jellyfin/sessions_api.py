"""Reports from players, the list of sessions, remote control, and ending things."""
from __future__ import annotations

from typing import Any

from aiohttp import web

from . import ids
from .call import ADMIN, Call, Route, problem, thrown
from .sessions import NO_CAPABILITIES, Session

ITEM_KINDS = {
    "AggregateFolder", "Audio", "AudioBook", "BasePluginFolder", "Book", "BoxSet", "Channel",
    "ChannelFolderItem", "CollectionFolder", "Episode", "Folder", "Genre",
    "ManualPlaylistsFolder", "Movie", "LiveTvChannel", "LiveTvProgram", "MusicAlbum",
    "MusicArtist", "MusicGenre", "MusicVideo", "Person", "Photo", "PhotoAlbum", "Playlist",
    "PlaylistsFolder", "Program", "Recording", "Season", "Series", "Studio", "Trailer",
    "TvChannel", "TvProgram", "UserRootFolder", "UserView", "Video", "Year",
}
PLAY_METHODS = {"transcode": "Transcode", "directstream": "DirectStream", "directplay": "DirectPlay"}
PLAYSTATE_COMMANDS = {"stop", "pause", "unpause", "nexttrack", "previoustrack", "seek", "rewind",
                      "fastforward", "playpause"}
NUMBERS = ("RunTimeTicks", "ProductionYear", "IndexNumber", "ParentIndexNumber")


def _guid(value: Any, name: str) -> str:
    if value is None:
        return ids.EMPTY
    found = ids.parse(value)
    if found is None:
        raise problem(400, {f"$.{name}": ["The JSON value could not be converted to System.Guid."]})
    return found


def _item(value: Any) -> dict[str, Any] | None:
    """BaseItemDto out of anything JSON: only ids and the Type can be wrong."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise problem(400, {"$.Item": ["The JSON value could not be converted."]})
    item = {name[:1].upper() + name[1:]: entry for name, entry in value.items() if entry is not None}
    item["Id"] = _guid(item.get("Id"), "Item.Id")
    for name in ("AlbumId", "ParentId"):
        if name in item:
            item[name] = _guid(item[name], f"Item.{name}")
    for name in ("ArtistItems", "AlbumArtists", "GenreItems"):
        for entry in item.get(name, []):
            _guid(entry.get("Id"), f"Item.{name}.Id")
    if item.setdefault("Type", "AggregateFolder") not in ITEM_KINDS:
        raise problem(400, {"$.Item.Type": ["The JSON value could not be converted."]})
    for name in NUMBERS:
        if isinstance(item.get(name), str):
            item[name] = int(item[name])
    item.setdefault("MediaType", "Unknown")
    return item


def _report(call: Call) -> dict[str, Any]:
    report = call.json_body()
    report["itemid"] = _guid(report.get("itemid"), "ItemId")
    report["item"] = _item(report.get("item"))
    for entry in report.get("nowplayingqueue") or []:
        _guid(entry.get("Id") or entry.get("id"), "NowPlayingQueue.Id")
    method = report.get("playmethod")
    if method is not None:
        if str(method).lower() not in PLAY_METHODS:
            raise problem(400, {"$.PlayMethod": ["The JSON value could not be converted."]})
        report["playmethod"] = PLAY_METHODS[str(method).lower()]
    if isinstance(report.get("positionticks"), str):
        report["positionticks"] = int(report["positionticks"])
    return report


async def post_playing(call: Call) -> web.Response:
    report = _report(call)
    call.server.sessions.playing(call.server.sessions.seen(call.auth), report)
    return call.done()


async def post_progress(call: Call) -> web.Response:
    report = _report(call)
    call.server.sessions.progress(call.server.sessions.seen(call.auth), report)
    return call.done()


async def post_stopped(call: Call) -> web.Response:
    report = _report(call)
    session = call.server.sessions.seen(call.auth)
    if (report.get("positionticks") or 0) < 0:
        raise thrown(400)
    call.server.sessions.stopped(session, report)
    return call.done()


async def post_ping(call: Call) -> web.Response:
    if not call.query.text("playSessionId"):
        raise problem(400, {"playSessionId": ["The playSessionId field is required."]})
    return call.done()


async def get_sessions(call: Call) -> web.Response:
    shown = call.server.sessions.visible_to(call.auth)
    device_id = call.query.text("deviceId")
    if device_id:
        shown = [entry for entry in shown if entry.device_id.lower() == device_id.lower()]
    if call.id_query("controllableByUserId"):
        shown = [entry for entry in shown if call.server.sessions.is_controllable(entry)]
    seconds = call.number_query("activeWithinSeconds")
    if seconds:
        oldest = call.server.clock.monotonic() - seconds
        shown = [entry for entry in shown if entry.last_activity_at >= oldest]
    return call.json([call.server.sessions.to_json(entry) for entry in shown])


def _own_or_named(call: Call) -> Session:
    named = call.query.text("id")
    if not named:
        return call.server.sessions.seen(call.auth)
    found = call.server.sessions.find(named)
    if found is None:
        raise thrown(404)
    return found


async def post_capabilities(call: Call) -> web.Response:
    session = _own_or_named(call)
    call.server.sessions.set_capabilities(session, {
        "PlayableMediaTypes": call.query.list("playableMediaTypes"),
        "SupportedCommands": call.query.list("supportedCommands"),
        "SupportsMediaControl": call.query.flag("supportsMediaControl"),
        "SupportsPersistentIdentifier": call.query.flag("supportsPersistentIdentifier", True)})
    return call.done()


async def post_capabilities_full(call: Call) -> web.Response:
    value = call.json_body()
    session = _own_or_named(call)
    capabilities = {name: value.get(name.lower(), default) for name, default in NO_CAPABILITIES.items()}
    for name in ("PlayableMediaTypes", "SupportedCommands"):
        if isinstance(capabilities[name], str):
            capabilities[name] = [part for part in capabilities[name].split(",") if part]
    for name in ("DeviceProfile", "AppStoreUrl", "IconUrl"):
        if value.get(name.lower()) is not None:
            capabilities[name] = value[name.lower()]
    call.server.sessions.set_capabilities(session, capabilities)
    return call.done()


def _target(call: Call) -> Session:
    found = call.server.sessions.find(call.text_param("session"))
    if found is None:
        raise thrown(404)
    return found


def _by_whom(call: Call) -> dict[str, str]:
    return {"ControllingUserId": call.auth.user.id} if call.auth.user else {}


async def _general(call: Call, name: str, arguments: dict[str, str]) -> web.Response:
    data = {"Name": name, "ControllingUserId": call.auth.user.id if call.auth.user else ids.EMPTY,
            "Arguments": arguments}
    await call.server.sockets.send_command(_target(call), "GeneralCommand", data)
    return call.done()


async def post_playstate(call: Call) -> web.Response:
    command = call.text_param("command")
    if command.lower() not in PLAYSTATE_COMMANDS:
        raise problem(400, {"command": [f"The value '{command}' is not valid."]})
    data: dict[str, Any] = {"Command": command}
    ticks = call.number_query("seekPositionTicks")
    if ticks is not None:
        data["SeekPositionTicks"] = ticks
    data.update(_by_whom(call))
    await call.server.sockets.send_command(_target(call), "Playstate", data)
    return call.done()


async def post_play(call: Call) -> web.Response:
    session = _target(call)
    library = call.server.library
    command = call.query.text("playCommand")
    if command is None:
        raise problem(400, {"playCommand": ["The playCommand field is required."]})
    items = [library.find(entry) for entry in call.query.ids("itemIds")]
    songs = [song for item in items if item is not None for song in library.songs_of(item)]
    data: dict[str, Any] = {"ItemIds": [song.id for song in songs]}
    ticks = call.number_query("startPositionTicks")
    if ticks is not None:
        data["StartPositionTicks"] = ticks
    data.update({"PlayCommand": command, **_by_whom(call)})
    await call.server.sockets.send_command(session, "Play", data)
    return call.done()


async def post_message(call: Call) -> web.Response:
    value = call.json_body()
    arguments = {"Header": value.get("header") or "Message from Server", "Text": value.get("text") or ""}
    if value.get("timeoutms") is not None:
        arguments["TimeoutMs"] = str(value["timeoutms"])
    return await _general(call, "DisplayMessage", arguments)


async def post_command(call: Call) -> web.Response:
    value = call.json_body()
    if not value.get("name"):
        raise problem(400)
    arguments = {name: str(entry) for name, entry in (value.get("arguments") or {}).items()}
    return await _general(call, value["name"], arguments)


async def post_named_command(call: Call) -> web.Response:
    return await _general(call, call.text_param("command"), {})


async def _end_devices(call: Call, rows: list[Any]) -> None:
    """Revoke tokens; the sessions of those devices end and their sockets close."""
    call.server.accounts.revoke(rows)
    for row in rows:
        for session in call.server.sessions.all():
            if session.device_id == row.device_id and session.user_id == row.user.id:
                await call.server.sockets.close_of(session)
                call.server.sessions.end(session)


async def post_logout(call: Call) -> web.Response:
    rows = [row for row in call.server.accounts.devices if row.token == call.auth.token]
    await _end_devices(call, rows)
    return call.done()


async def get_devices(call: Call) -> web.Response:
    rows = [{"Name": row.device, "AccessToken": row.token, "Id": row.device_id,
             "LastUserName": row.user.name, "AppName": row.client, "AppVersion": row.version,
             "LastUserId": row.user.id} for row in call.server.accounts.devices]
    return call.json({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})


async def delete_device(call: Call) -> web.Response:
    rows = [row for row in call.server.accounts.devices if row.device_id == call.query.text("id")]
    if not rows:
        raise problem(404)
    await _end_devices(call, rows)
    return call.done()


async def get_keys(call: Call) -> web.Response:
    rows = [{"Id": number, "AccessToken": key, "AppName": app, "IsActive": False}
            for number, (key, app) in enumerate(call.server.accounts.api_keys.items(), 1)]
    return call.json({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})


async def post_key(call: Call) -> web.Response:
    call.server.accounts.new_api_key(call.query.text("app") or "")
    return call.done()


async def delete_key(call: Call) -> web.Response:
    call.server.accounts.api_keys.pop(call.text_param("key"), None)
    return call.done()


async def delete_encodings(call: Call) -> web.Response:
    return call.done()


ROUTES = [
    Route("GET", "/Sessions", get_sessions),
    Route("POST", "/Sessions/Playing", post_playing),
    Route("POST", "/Sessions/Playing/Progress", post_progress),
    Route("POST", "/Sessions/Playing/Stopped", post_stopped),
    Route("POST", "/Sessions/Playing/Ping", post_ping),
    Route("POST", "/Sessions/Capabilities", post_capabilities),
    Route("POST", "/Sessions/Capabilities/Full", post_capabilities_full),
    Route("POST", "/Sessions/Logout", post_logout),
    Route("POST", "/Sessions/{session}/Playing", post_play),
    Route("POST", "/Sessions/{session}/Playing/{command}", post_playstate),
    Route("POST", "/Sessions/{session}/Message", post_message),
    Route("POST", "/Sessions/{session}/Command", post_command),
    Route("POST", "/Sessions/{session}/Command/{command}", post_named_command),
    Route("POST", "/Sessions/{session}/System/{command}", post_named_command),
    Route("GET", "/Devices", get_devices, ADMIN),
    Route("DELETE", "/Devices", delete_device, ADMIN),
    Route("GET", "/Auth/Keys", get_keys, ADMIN), Route("POST", "/Auth/Keys", post_key, ADMIN),
    Route("DELETE", "/Auth/Keys/{key}", delete_key, ADMIN),
    Route("DELETE", "/Videos/ActiveEncodings", delete_encodings),
]
