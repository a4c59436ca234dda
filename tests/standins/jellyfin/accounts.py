"""Users, devices, tokens and API keys, and which of them a request proves.

The parsing follows Jellyfin's AuthorizationContext to the letter: keys are
case-sensitive, values URL-decoded, and with `legacy` off the old headers and
?api_key= do not exist.
"""
from __future__ import annotations

import copy
import dataclasses
import secrets
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from . import ids
from .query import Query

DEFAULT_POLICY: dict[str, Any] = {
    "IsAdministrator": False, "IsHidden": True, "EnableCollectionManagement": False,
    "EnableSubtitleManagement": False, "EnableLyricManagement": False, "IsDisabled": False,
    "BlockedTags": [], "AllowedTags": [], "EnableUserPreferenceAccess": True,
    "AccessSchedules": [], "BlockUnratedItems": [], "EnableRemoteControlOfOtherUsers": False,
    "EnableSharedDeviceControl": True, "EnableRemoteAccess": True,
    "EnableLiveTvManagement": False, "EnableLiveTvAccess": True, "EnableMediaPlayback": True,
    "EnableAudioPlaybackTranscoding": True, "EnableVideoPlaybackTranscoding": True,
    "EnablePlaybackRemuxing": True, "ForceRemoteSourceTranscoding": False,
    "EnableContentDeletion": False, "EnableContentDeletionFromFolders": [],
    "EnableContentDownloading": True, "EnableSyncTranscoding": True,
    "EnableMediaConversion": True, "EnabledDevices": [], "EnableAllDevices": True,
    "EnabledChannels": [], "EnableAllChannels": True, "EnabledFolders": [],
    "EnableAllFolders": True, "InvalidLoginAttemptCount": 0, "LoginAttemptsBeforeLockout": -1,
    "MaxActiveSessions": 0, "EnablePublicSharing": True, "BlockedMediaFolders": [],
    "BlockedChannels": [], "RemoteClientBitrateLimit": 0,
    "AuthenticationProviderId":
        "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider",
    "PasswordResetProviderId":
        "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider",
    "SyncPlayAccess": "CreateAndJoinGroups",
}

DEFAULT_CONFIGURATION: dict[str, Any] = {
    "PlayDefaultAudioTrack": True, "SubtitleLanguagePreference": "",
    "DisplayMissingEpisodes": False, "GroupedFolders": [], "SubtitleMode": "Default",
    "DisplayCollectionsView": False, "EnableLocalPassword": False, "OrderedViews": [],
    "LatestItemsExcludes": [], "MyMediaExcludes": [], "HidePlayedInLatest": True,
    "RememberAudioSelections": True, "RememberSubtitleSelections": True,
    "EnableNextEpisodeAutoPlay": True, "CastReceiverId": "F007D354",
}


@dataclasses.dataclass
class User:
    name: str
    password: str
    policy: dict[str, Any]
    id: str = ""
    last_seen: str | None = None

    def __post_init__(self) -> None:
        self.id = ids.made_from(f"user {self.name}")

    @property
    def is_administrator(self) -> bool:
        return bool(self.policy["IsAdministrator"])


@dataclasses.dataclass
class Device:
    """One row of the device table: a token and who it was given to."""

    token: str
    user: User
    client: str
    device_id: str
    device: str
    version: str


@dataclasses.dataclass
class Auth:
    """What a request says about its sender, and what of it is proved."""

    client: str | None = None
    device_id: str | None = None
    device: str | None = None
    version: str | None = None
    token: str | None = None
    user: User | None = None
    is_authenticated: bool = False
    is_api_key: bool = False

    @property
    def is_administrator(self) -> bool:
        return self.is_api_key or (self.user is not None and self.user.is_administrator)


def parse_parts(text: str) -> dict[str, str]:
    """`Key="value", Key=value` as Jellyfin reads it, character by character."""
    parts: dict[str, str] = {}
    quoted = False
    start = 0
    key = ""
    for i, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            if start < i:
                parts[key] = unquote_plus(text[start:i].strip('"'))
                key = ""
            start = i + 1
        elif letter == "=" and not quoted:
            key = text[start:i].strip()
            start = i + 1
    if start < len(text):
        parts[key] = unquote_plus(text[start:].strip('"'))
    return parts


class Accounts:
    """Everybody this server knows. Survives a restart, like the database."""

    def __init__(self, server_id: str, server_name: str, version: str, legacy: bool) -> None:
        self.legacy = legacy
        self._server = (server_id, server_name, version)
        self.users = [self._new_user("admin", IsAdministrator=True,
                                     EnableRemoteControlOfOtherUsers=True),
                      self._new_user("alice"), self._new_user("bob"),
                      self._new_user("carol")]
        self.devices: list[Device] = []
        self.api_keys: dict[str, str] = {}

    @staticmethod
    def _new_user(name: str, **policy: Any) -> User:
        return User(name, f"{name}-pw", {**copy.deepcopy(DEFAULT_POLICY), **policy})

    def find_user(self, id_or_name: str | None) -> User | None:
        wanted = ids.parse(id_or_name)
        for user in self.users:
            if user.id == wanted or user.name.lower() == (id_or_name or "").lower():
                return user
        return None

    def claim(self, request: web.BaseRequest, query: Query) -> Auth:
        """Who sent this request? Also renames the device row, as Jellyfin does."""
        parts = self._header_parts(request)
        auth = Auth(parts.get("Client"), parts.get("DeviceId"), parts.get("Device"),
                    parts.get("Version"), parts.get("Token"))
        if self.legacy:
            auth.token = (auth.token or request.headers.get("X-Emby-Token")
                          or request.headers.get("X-MediaBrowser-Token"))
        auth.token = auth.token or query.text("apikey")
        if self.legacy:
            auth.token = auth.token or query.text("api_key")
        device = next((row for row in self.devices if row.token == auth.token), None)
        if device is not None:
            self._fill_from_device(auth, device)
        elif auth.token in self.api_keys:
            self._fill_from_key(auth)
        return auth

    def _header_parts(self, request: web.BaseRequest) -> dict[str, str]:
        header = request.headers.get("Authorization")
        if self.legacy and not header:
            header = request.headers.get("X-Emby-Authorization")
        scheme, space, rest = (header or "").partition(" ")
        known = ("mediabrowser", "emby") if self.legacy else ("mediabrowser",)
        return parse_parts(rest) if space and scheme.lower() in known else {}

    @staticmethod
    def _fill_from_device(auth: Auth, device: Device) -> None:
        auth.is_authenticated = True
        auth.user = device.user
        auth.client = auth.client or device.client
        auth.device_id = auth.device_id or device.device_id
        may_update = "chromecast" not in auth.client.lower()
        if auth.device and may_update:
            device.device = auth.device
        if auth.version and may_update:
            device.version = auth.version
        auth.device = auth.device or device.device
        auth.version = auth.version or device.version

    def _fill_from_key(self, auth: Auth) -> None:
        server_id, server_name, version = self._server
        auth.is_authenticated = auth.is_api_key = True
        auth.client = self.api_keys[auth.token or ""]
        auth.device_id = auth.device_id or server_id
        auth.device = auth.device or server_name
        auth.version = auth.version or version

    def login(self, user: User, auth: Auth) -> tuple[Device, list[Device]]:
        """A new device row, and the rows of the same user and device it replaces."""
        replaced = [row for row in self.devices
                    if row.user is user and row.device_id == auth.device_id]
        self.devices = [row for row in self.devices if row not in replaced]
        device = Device(secrets.token_hex(16), user, auth.client or "", auth.device_id or "",
                        auth.device or "", auth.version or "")
        self.devices.append(device)
        return device, replaced

    def revoke(self, rows: list[Device]) -> None:
        self.devices = [row for row in self.devices if row not in rows]

    def new_api_key(self, app: str) -> str:
        key = secrets.token_hex(16)
        self.api_keys[key] = app
        return key
