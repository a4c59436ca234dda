"""Clients of Jellyfin as they are in the wild: one like Finamp, one like the web client.

Both log in, search, open, stream and report; they differ in spelling (routes,
query names, where the token goes) as the real ones do.
"""
from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .http import Answer, send
from .websocket import WebSocket

TICKS_PER_SECOND = 10_000_000
EXTERNAL_PREFIX = "65787401"  # how every external id begins
Item = dict[str, Any]


def ticks(seconds: float) -> int:
    return int(seconds * TICKS_PER_SECOND)


def is_external(item: Item | str) -> bool:
    return (item if isinstance(item, str) else item["Id"]).startswith(EXTERNAL_PREFIX)


class Client:
    """Somebody with a device and, after `log_in`, a token."""

    client = "Test Client"
    version = "1.0"

    def __init__(self, base_url: str, device_id: str, device: str = "Test Device") -> None:
        self.base_url = base_url
        self.device_id = device_id
        self.device = device
        self.token: str | None = None
        self.user_id = ""
        self.server_id = ""

    # Who we are

    def authorization(self) -> str:
        parts = {"Client": self.client, "Device": self.device, "DeviceId": self.device_id,
                 "Version": self.version}
        if self.token:
            parts["Token"] = self.token
        return "MediaBrowser " + ", ".join(f'{name}="{quote(value)}"' for name, value in parts.items())

    def log_in(self, name: str, password: str | None = None) -> Client:
        answer = self.send("POST", "/Users/AuthenticateByName",
                           json={"Username": name, "Pw": password or f"{name}-pw"}).json()
        self.token = answer["AccessToken"]
        self.user_id = answer["User"]["Id"]
        self.server_id = answer["ServerId"]
        return self

    def through(self, base_url: str) -> Client:
        """The same client, token and device at another address."""
        other = type(self)(base_url, self.device_id, self.device)
        other.token, other.user_id, other.server_id = self.token, self.user_id, self.server_id
        return other

    # Requests

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None,
             **arguments: Any) -> Answer:
        headers = {"Authorization": self.authorization(), **(headers or {})}
        return send(self.base_url, method, path, headers=headers, **arguments)

    def get(self, path: str, query: dict[str, Any] | None = None, **arguments: Any) -> Answer:
        return self.send("GET", path, query=query, **arguments)

    def post(self, path: str, json: Any = None, **arguments: Any) -> Answer:
        return self.send("POST", path, json=json, **arguments)

    def open_socket(self) -> WebSocket:
        return WebSocket(self.base_url, "/socket", {"Authorization": self.authorization()})

    def is_token_good(self) -> bool:
        return self.get("/Users/Me").status == 200

    # What a player does

    def item(self, item_id: str) -> Item:
        return self.get(f"/Users/{self.user_id}/Items/{item_id}").json()

    def search(self, term: str, types: str = "Audio", **query: Any) -> dict[str, Any]:
        return self.get(f"/Users/{self.user_id}/Items",
                        {"SearchTerm": term, "IncludeItemTypes": types, "Recursive": True, **query}).json()

    def post_capabilities(self) -> None:
        answer = self.post("/Sessions/Capabilities/Full", {
            "PlayableMediaTypes": ["Audio"], "SupportedCommands": ["Play", "Playstate"],
            "SupportsMediaControl": True, "SupportsPersistentIdentifier": False})
        assert answer.status == 204, answer.status

    def report(self, what: str, item: Item | str, position_s: float, *, paused: bool = False,
               play_session: str | None = None, **extra: Any) -> Answer:
        """POST a playback report; `what` is "", "/Progress" or "/Stopped"."""
        item_id = item if isinstance(item, str) else item["Id"]
        body = {"ItemId": item_id, "MediaSourceId": item_id, "PositionTicks": ticks(position_s),
                "PlayMethod": "DirectPlay", "CanSeek": True, **extra}
        if what != "/Stopped":
            body["IsPaused"] = paused
        if play_session:
            body["PlaySessionId"] = play_session
        return self.post(f"/Sessions/Playing{what}", body)

    def start(self, item: Item | str, position_s: float = 0, **extra: Any) -> None:
        answer = self.report("", item, position_s, **extra)
        assert answer.status == 204, f"{answer.status}: {answer.text}"

    def progress(self, item: Item | str, position_s: float, **extra: Any) -> None:
        answer = self.report("/Progress", item, position_s, **extra)
        assert answer.status == 204, f"{answer.status}: {answer.text}"

    def stop(self, item: Item | str, position_s: float, **extra: Any) -> None:
        answer = self.report("/Stopped", item, position_s, **extra)
        assert answer.status == 204, f"{answer.status}: {answer.text}"


class FinampLike(Client):
    """Finamp: /Users/{u}/Items in PascalCase, PlaybackInfo by GET, the file by /Items/{id}/File."""

    client = "Finamp"
    version = "0.9.20"

    def playback_info(self, item_id: str) -> dict[str, Any]:
        return self.get(f"/Items/{item_id}/PlaybackInfo", {"userId": self.user_id}).json()

    def stream_path(self, item_id: str) -> str:
        return f"/Items/{item_id}/File?ApiKey={self.token}"


class WebLike(Client):
    """jellyfin-web: un-prefixed routes, HEAD before GET on universal, a socket of its own."""

    client = "Jellyfin Web"
    version = "12.0.0"

    def search(self, term: str, types: str = "Audio", **query: Any) -> dict[str, Any]:
        return self.get("/Items", {"userId": self.user_id, "searchTerm": term, "includeItemTypes": types,
                                   "recursive": True, "enableTotalRecordCount": False, **query}).json()

    def playback_info(self, item_id: str) -> dict[str, Any]:
        return self.post(f"/Items/{item_id}/PlaybackInfo",
                         {"UserId": self.user_id, "DeviceProfile": {}}).json()

    def stream_path(self, item_id: str) -> str:
        containers = "opus%2Cwebm%7Copus%2Cmp3%2Caac%2Cm4a%7Caac%2Cflac%2Cwav%2Cogg"
        return (f"/Audio/{item_id}/universal?UserId={self.user_id}&DeviceId={self.device_id}"
                f"&MaxStreamingBitrate=140000000&Container={containers}&TranscodingContainer=mp4"
                f"&TranscodingProtocol=hls&AudioCodec=aac&ApiKey={self.token}"
                f"&PlaySessionId=1795226672663&StartTimeTicks=0&EnableRedirection=true")


def session_of(observer: Client, device_id: str) -> dict[str, Any] | None:
    """The session of a device as Jellyfin lists it to `observer`."""
    for session in observer.get("/Sessions").json():
        if session["DeviceId"] == device_id:
            return session
    return None


def now_playing(observer: Client, device_id: str) -> Item | None:
    session = session_of(observer, device_id)
    return session.get("NowPlayingItem") if session else None
