"""The server itself: login, users, System/*, health, the web folder."""
from __future__ import annotations

from typing import Any

from aiohttp import web

from . import web_files
from .accounts import DEFAULT_CONFIGURATION, Auth, User
from .call import ADMIN, PUBLIC, Call, Route, problem, thrown
from .sessions import timestamp


def user_json(call: Call, user: User) -> dict[str, Any]:
    value = {"Name": user.name, "ServerId": call.server.server_id, "Id": user.id,
             "HasPassword": True, "HasConfiguredPassword": True,
             "HasConfiguredEasyPassword": False, "EnableAutoLogin": False}
    if user.last_seen:
        value.update(LastLoginDate=user.last_seen, LastActivityDate=user.last_seen)
    value.update(Configuration=DEFAULT_CONFIGURATION, Policy=user.policy)
    return value


async def post_login(call: Call) -> web.Response:
    value = call.json_body()
    auth = call.auth
    if not (auth.client and auth.device_id and auth.device and auth.version):
        raise thrown(400)
    user = call.server.accounts.find_user(str(value.get("username") or ""))
    if user is None or user.password != value.get("pw"):
        raise thrown(401)
    return await log_in(call, user, auth)


async def log_in(call: Call, user: User, auth: Auth) -> web.Response:
    """A new token for this device; what it had before is gone."""
    if user.policy["IsDisabled"]:
        raise thrown(403)
    device, replaced = call.server.accounts.login(user, auth)
    for row in replaced:
        for session in call.server.sessions.all():
            if session.device_id == row.device_id and session.user_id == user.id:
                await call.server.sockets.close_of(session)
                call.server.sessions.end(session)
    user.last_seen = timestamp(call.server.clock.utc())
    auth.user = user
    session = call.server.sessions.seen(auth)
    return call.json({"User": user_json(call, user),
                      "SessionInfo": call.server.sessions.to_json(session),
                      "AccessToken": device.token, "ServerId": call.server.server_id})


async def get_me(call: Call) -> web.Response:
    if call.auth.user is None:
        raise problem(400)
    return call.json(user_json(call, call.auth.user))


async def get_user(call: Call) -> web.Response:
    user = call.server.accounts.find_user(call.id_param("user"))
    if user is None:
        raise problem(404)
    return call.json(user_json(call, user))


async def get_users(call: Call) -> web.Response:
    return call.json([user_json(call, user) for user in call.server.accounts.users])


async def post_policy(call: Call) -> web.Response:
    user = call.server.accounts.find_user(call.id_param("user"))
    if user is None:
        raise problem(404)
    given = call.json_body()
    for name in user.policy:
        if name.lower() in given:
            user.policy[name] = given[name.lower()]
    return call.done()


async def get_public_users(call: Call) -> web.Response:
    return call.json([])


def _public_info(call: Call) -> dict[str, Any]:
    server = call.server
    return {"LocalAddress": server.url, "ServerName": server.name, "Version": server.version,
            "ProductName": "Jellyfin Server", "OperatingSystem": "", "Id": server.server_id,
            "StartupWizardCompleted": True}


async def get_public_info(call: Call) -> web.Response:
    return call.json(_public_info(call))


async def get_info(call: Call) -> web.Response:
    return call.json({
        "OperatingSystemDisplayName": "", "HasPendingRestart": False, "IsShuttingDown": False,
        "SupportsLibraryMonitor": True, "WebSocketPortNumber": call.server.port,
        "CompletedInstallations": [], "CanSelfRestart": True, "CanLaunchWebBrowser": False,
        "ProgramDataPath": "/config", "WebPath": "/web", "ItemsByNamePath": "/config/metadata",
        "CachePath": "/config/cache", "LogPath": "/config/log",
        "InternalMetadataPath": "/config/metadata",
        "TranscodingTempPath": "/config/cache/transcodes",
        "CastReceiverApplications": [{"Id": "F007D354", "Name": "Stable"}],
        "HasUpdateAvailable": False, "EncoderLocation": "System", "SystemArchitecture": "X64",
        **_public_info(call)})


async def get_endpoint(call: Call) -> web.Response:
    # Without KnownProxies Jellyfin believes no X-Forwarded-For: everybody is local.
    return call.json({"IsLocal": True, "IsInNetwork": True})


async def get_ping(call: Call) -> web.Response:
    return call.json("Jellyfin Server")


async def get_health(call: Call) -> web.Response:
    return web.Response(text="Healthy", headers={"Cache-Control": "no-store, no-cache"})


async def get_activity(call: Call) -> web.Response:
    entries = call.server.activity
    start = call.number_query("startIndex") or 0
    limit = call.number_query("limit")
    newest = entries[::-1]
    page = newest[start:] if limit is None else newest[start:start + limit]
    return call.json({"Items": page, "TotalRecordCount": len(entries), "StartIndex": start})


async def get_branding(call: Call) -> web.Response:
    return call.json({"LoginDisclaimer": None, "CustomCss": None, "SplashscreenEnabled": False})


async def get_empty(call: Call) -> web.Response:
    return call.json([])


async def get_display(call: Call) -> web.Response:
    return call.json({"Id": call.text_param("id"), "SortBy": "SortName", "RememberIndexing": False,
                      "PrimaryImageHeight": 250, "PrimaryImageWidth": 250, "CustomPrefs": {},
                      "ScrollDirection": "Horizontal", "ShowBackdrop": True,
                      "RememberSorting": False, "SortOrder": "Ascending", "ShowSidebar": False,
                      "Client": call.query.text("client") or "emby"})


async def post_display(call: Call) -> web.Response:
    call.json_body()
    return call.done()


async def get_bitrate_test(call: Call) -> web.Response:
    size = call.number_query("size") or 102400
    return web.Response(body=b"\0" * min(size, 100_000_000), content_type="application/octet-stream")


async def get_root(call: Call) -> web.Response:
    return web.Response(status=302, headers={"Location": "web/"})


async def get_web(call: Call) -> web.StreamResponse:
    if not call.path.endswith("/"):
        # Scheme and host are those that forwarding headers of known proxies name.
        headers = call.request.headers if call.server.knows_proxies else {}
        host = headers.get("X-Forwarded-Host", call.request.headers.get("Host", ""))
        origin = f"{headers.get('X-Forwarded-Proto', 'http')}://{host}"
        return web.Response(status=301, headers={"Location": f"{origin}{call.server.base_path}/web/"})
    return await web_files.get_file(call)


ROUTES = [
    Route("POST", "/Users/AuthenticateByName", post_login, PUBLIC),
    Route("GET", "/Users/Public", get_public_users, PUBLIC),
    Route("GET", "/Users/Me", get_me), Route("GET", "/Users", get_users),
    Route("GET", "/Users/{user}", get_user), Route("POST", "/Users/{user}/Policy", post_policy, ADMIN),
    Route("GET", "/System/Info/Public", get_public_info, PUBLIC),
    Route("GET", "/System/Info", get_info), Route("GET", "/System/Endpoint", get_endpoint),
    Route("GET POST", "/System/Ping", get_ping, PUBLIC),
    Route("GET HEAD", "/health", get_health, PUBLIC),
    Route("GET", "/System/ActivityLog/Entries", get_activity, ADMIN),
    Route("GET", "/Branding/Configuration", get_branding, PUBLIC),
    Route("GET", "/Plugins", get_empty, ADMIN), Route("GET", "/ScheduledTasks", get_empty, ADMIN),
    Route("GET", "/DisplayPreferences/{id}", get_display),
    Route("POST", "/DisplayPreferences/{id}", post_display),
    Route("GET", "/Playback/BitrateTest", get_bitrate_test),
    Route("GET HEAD", "/", get_root, PUBLIC), Route("GET HEAD", "/web", get_web, PUBLIC),
]
