"""The music clients of Jellyfin, each in its own spelling: searching, browsing, playing, reporting.

What each sends was read in its source or recorded from it (docs/CLIENTS.md names the revisions).
A player answers with what it would show; whether that is right is the test's to say.
"""
from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from .client import Client, Item, ticks
from .http import Answer, send

FIELDS = "ItemCounts,PrimaryImageAspectRatio,DateCreated,Genres,MediaSources,MediaStreams,ParentId,Path,SortName,Tags"


def dashed(item_id: str) -> str:
    return str(uuid.UUID(item_id))


class Player(Client):
    """What the others have in common: /Items, and a report of each step."""

    #: A media element or a native player fetches the bytes, and sends no Authorization of its own.
    bytes_headers: dict[str, str] = {}
    hears_whole_songs = True

    def songs(self, term: str) -> list[Item]:
        return self.get("/Items", {"userId": self.user_id, "searchTerm": term, "includeItemTypes": "Audio",
                                   "recursive": True, "limit": 50, "fields": FIELDS}).json()["Items"]

    def album(self, album_id: str) -> list[Item]:
        return self.get("/Items", {"userId": self.user_id, "parentId": album_id, "includeItemTypes": "Audio",
                                   "sortBy": "ParentIndexNumber,IndexNumber,SortName", "fields": FIELDS}
                        ).json()["Items"]

    def stream_path(self, song: Item) -> str:
        """May ask for PlaybackInfo before."""
        raise NotImplementedError

    def fetch(self, song: Item, method: str = "GET", wanted: str | None = None) -> Answer:
        headers = {**self.bytes_headers, **({"Range": wanted} if wanted else {})}
        return send(self.base_url, method, self.stream_path(song), headers=headers)

    def begin(self, song: Item) -> Answer:
        return self.post("/Sessions/Playing", self.state(song, 0))

    def go_on(self, song: Item, position_s: float) -> Answer:
        return self.post("/Sessions/Playing/Progress", self.state(song, position_s))

    def end(self, song: Item, position_s: float) -> Answer:
        return self.post("/Sessions/Playing/Stopped", self.state(song, position_s))

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"ItemId": song["Id"], "PositionTicks": ticks(position_s), "IsPaused": False}


class Finamp(Player):
    """The redesign: a queue of packed ids, a file by its id, reports with everything in them."""

    client, version = "Finamp", "1.0.0"

    def authorization(self) -> str:
        text = (f'MediaBrowser UserId="{self.user_id}", Client="Finamp", Device="Pixel", '
                f'DeviceId="{self.device_id}", Version="{self.version}"')
        return f'{text}, Token="{self.token}"' if self.token else text

    def songs(self, term: str) -> list[Item]:
        return self.get(f"/Users/{self.user_id}/Items", {
            "IncludeItemTypes": "Audio", "Recursive": True, "SearchTerm": term, "SortBy": "Album,SortName",
            "SortOrder": "Ascending", "Fields": FIELDS, "StartIndex": 0, "Limit": 50}).json()["Items"]

    def album(self, album_id: str) -> list[Item]:
        return self.get(f"/Users/{self.user_id}/Items", {
            "ParentId": album_id, "IncludeItemTypes": "Audio", "Recursive": True, "Fields": FIELDS,
            "SortBy": "ParentIndexNumber,IndexNumber,SortName", "SortOrder": "Ascending"}).json()["Items"]

    def stream_path(self, song: Item) -> str:
        self.get(f"/Items/{song['Id']}/PlaybackInfo", {"userId": self.user_id}).json()
        return f"/Items/{song['Id']}/File?ApiKey={self.token}"

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        # packIds(): every id of the queue is 16 bytes.
        assert len(bytes.fromhex(song["Id"])) == 16
        return {"ItemId": song["Id"], "SessionId": str(uuid.uuid4()), "MediaSourceId": song["Id"],
                "PlaySessionId": f"finamp-{self.device_id}", "CanSeek": True, "IsPaused": False,
                "IsMuted": False, "PositionTicks": ticks(position_s), "VolumeLevel": 100, "PlayMethod": "DirectPlay",
                "RepeatMode": "RepeatNone", "PlaybackOrder": "Default", "PlaylistItemId": song.get("AlbumId"),
                "NowPlayingQueue": [{"Id": song["Id"], "PlaylistItemId": song.get("AlbumId")}]}


class Feishin(Player):
    """Three searches at once, an album by AlbumIds, and a download to play it."""

    client, version = "Feishin", "1.0.0"

    def songs(self, term: str) -> list[Item]:
        common = {"EnableTotalRecordCount": True, "Limit": 50, "Recursive": True, "SearchTerm": term,
                  "StartIndex": 0, "Fields": FIELDS}
        self.get(f"/Users/{self.user_id}/Items", {"IncludeItemTypes": "MusicAlbum", **common}).json()
        self.get("/Artists/AlbumArtists", {"ImageTypeLimit": 1, "IncludeArtists": True,
                                           "UserId": self.user_id, **common}).json()
        items: list[Item] = self.get(f"/Users/{self.user_id}/Items",
                                     {"IncludeItemTypes": "Audio", **common}).json()["Items"]
        assert all(entry["Id"] for item in items for entry in item["AlbumArtists"]), "it maps without looking"
        return items

    def album(self, album_id: str) -> list[Item]:
        items = self.get(f"/Users/{self.user_id}/Items", {
            "AlbumIds": album_id, "IncludeItemTypes": "Audio", "Recursive": True, "Fields": FIELDS,
            "SortBy": "ParentIndexNumber,IndexNumber,SortName"}).json()["Items"]
        return [item for item in items if item["AlbumId"] == album_id]

    def stream_path(self, song: Item) -> str:
        return f"/Items/{song['Id']}/Download?apiKey={self.token}&playSessionId={self.device_id}"


class Jellify(Player):
    """Repeated keys in camelCase, a PlaybackInfo for each song, no token in the address."""

    client, version = "Jellify", "1.0.0"
    profile = {"Name": "Jellify", "MaxStreamingBitrate": 140000000, "MaxStaticBitrate": 140000000,
               "DirectPlayProfiles": [{"Container": "mp3", "Type": "Audio"},
                                      {"Container": "aac,m4a", "AudioCodec": "aac", "Type": "Audio"},
                                      {"Container": "flac", "Type": "Audio"}],
               "TranscodingProfiles": [{"Container": "aac", "AudioCodec": "aac", "Type": "Audio",
                                        "Protocol": "http", "Context": "Streaming"}], "CodecProfiles": []}

    def songs(self, term: str) -> list[Item]:
        views = self.get("/UserViews", {"userId": self.user_id}).json()["Items"]
        library = next(view["Id"] for view in views if view.get("CollectionType") == "music")
        types = "&".join(f"includeItemTypes={kind}" for kind in ("MusicArtist", "Audio", "MusicAlbum", "Playlist"))
        return self.get(f"/Items?parentId={library}&searchTerm={quote(term)}&recursive=true&{types}&limit=100"
                        f"&sortBy=IsFolder&sortOrder=Descending&userId={self.user_id}").json()["Items"]

    def stream_path(self, song: Item) -> str:
        info = self.post(f"/Items/{song['Id']}/PlaybackInfo?userId={self.user_id}", {
            "UserId": self.user_id, "DeviceProfile": self.profile, "MaxStreamingBitrate": 140000000,
            "AutoOpenLiveStream": True, "EnableDirectPlay": True, "EnableTranscoding": True}).json()
        source = info["MediaSources"][0]
        self.bytes_headers = {"AUTHORIZATION": self.token or ""}
        if source.get("TranscodingUrl"):
            return str(source["TranscodingUrl"])
        return (f"/Audio/{song['Id']}/stream?playSessionId={info['PlaySessionId']}&startTimeTicks=0&static=true")

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"PlaySessionId": self.device_id, "ItemId": song["Id"], "SessionId": self.device_id,
                "PositionTicks": ticks(position_s), "IsPaused": False, "PlayMethod": "DirectPlay"}


class Web(Player):
    """jellyfin-web 12: universal, a HEAD before, the item again and again."""

    client, version = "Jellyfin Web", "12.0.0"
    containers = ("opus%2Cwebm%7Copus%2Cts%7Cmp3%2Cmp3%2Caac%2Cm4a%7Caac%2Cm4b%7Caac%2Cflac%2Cwebma%2C"
                  "webm%7Cwebma%2Cwav%2Cogg")

    def album(self, album_id: str) -> list[Item]:
        self.get(f"/Users/{self.user_id}/Items/{album_id}").json()
        return super().album(album_id)

    def stream_path(self, song: Item) -> str:
        shown = self.get(f"/Users/{self.user_id}/Items", {
            "Ids": song["Id"], "Limit": 300, "Fields": "Chapters,Trickplay", "ExcludeLocationTypes": "Virtual",
            "EnableTotalRecordCount": False, "CollapseBoxSetItems": False}).json()["Items"]
        assert [item["ServerId"] for item in shown] == [self.server_id], "it drops reports without"
        return (f"/Audio/{song['Id']}/universal?UserId={self.user_id}&DeviceId={self.device_id}"
                f"&MaxStreamingBitrate=1168562308&Container={self.containers}&TranscodingContainer=mp4"
                f"&TranscodingProtocol=hls&AudioCodec=aac&ApiKey={self.token}&PlaySessionId=1795226672663"
                "&StartTimeTicks=0&EnableRedirection=true&EnableRemoteMedia=false&EnableAudioVbrEncoding=true")

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"VolumeLevel": 100, "IsMuted": False, "IsPaused": False, "RepeatMode": "RepeatNone",
                "ShuffleMode": "Sorted", "PlaybackOrder": "Default", "MaxStreamingBitrate": 1168562308,
                "PositionTicks": ticks(position_s), "PlaybackStartTimeTicks": 17952266831610000, "PlaybackRate": 1,
                "SecondarySubtitleStreamIndex": -1, "BufferedRanges": [], "PlayMethod": "DirectPlay",
                "PlaySessionId": "1795226672663", "PlaylistItemId": "playlistItem0", "CanSeek": True,
                "MediaSourceId": song["Id"], "ItemId": song["Id"],
                "NowPlayingQueue": [{"Id": song["Id"], "PlaylistItemId": "playlistItem0"}]}


class Supersonic(Player):
    """go-jellyfin: both headers, and no more in a report than has to be."""

    client, version = "Supersonic", "0.15.0"

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **arguments: Any) -> Answer:
        return super().send(method, path, headers={"X-Emby-Token": self.token or "", **(headers or {})}, **arguments)

    def songs(self, term: str) -> list[Item]:
        return self.get(f"/Users/{self.user_id}/Items", {
            "SearchTerm": term, "IncludeItemTypes": "Audio", "Recursive": True, "Limit": 20,
            "Fields": "Genres,DateCreated,MediaSources,ParentId"}).json()["Items"]

    def stream_path(self, song: Item) -> str:
        return (f"/audio/{song['Id']}/stream?static=true&ApiKey={self.token}&UserId={self.user_id}"
                f"&DeviceId={self.device_id}&playSessionId={self.device_id}")


class MpvShim(Player):
    """jellyfin-mpv-shim: takes songs for videos, and never opens a URL that Path names."""

    client, version = "Jellyfin MPV Shim", "2.8.0"
    profile = {"Name": "Jellyfin MPV Shim", "MaxStreamingBitrate": 2147483647, "MaxStaticBitrate": 2147483647,
               "MusicStreamingTranscodingBitrate": 1280000,
               "DirectPlayProfiles": [{"Type": "Video"}, {"Type": "Audio"}, {"Type": "Photo"}],
               "TranscodingProfiles": [{"Type": "Audio"}, {"Container": "ts", "Type": "Video", "Protocol": "hls",
                                                           "AudioCodec": "aac,mp3,ac3,opus,flac,vorbis"}],
               "CodecProfiles": [], "ContainerProfiles": [], "ResponseProfiles": []}

    def stream_path(self, song: Item) -> str:
        info = self.post(f"/Items/{song['Id']}/PlaybackInfo", {
            "UserId": self.user_id, "AutoOpenLiveStream": True, "DeviceProfile": self.profile,
            "MaxStreamingBitrate": 2147483647}).json()
        source = info["MediaSources"][0]
        assert source["Protocol"] == "File" and "://" not in source["Path"]
        assert source["SupportsDirectPlay"]
        return f"/Videos/{song['Id']}/stream?static=true&MediaSourceId={source['Id']}&ApiKey={self.token}"

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"VolumeLevel": 100, "IsMuted": False, "IsPaused": False, "RepeatMode": "RepeatNone",
                "PositionTicks": ticks(position_s), "PlayMethod": "DirectPlay", "CanSeek": True,
                "PlaySessionId": self.device_id, "MediaSourceId": song["Id"], "ItemId": song["Id"],
                "NowPlayingQueue": [{"Id": song["Id"], "PlaylistItemId": "playlistItem1"}]}


class Fintunes(Player):
    """jellyfin-audio-player: an order Jellyfin does not know, and PlayMethod in small letters."""

    client, version = "Fintunes", "2.4.0"

    def songs(self, term: str) -> list[Item]:
        return self.get(f"/Users/{self.user_id}/Items", {
            "IncludeItemTypes": "Audio,MusicAlbum,Playlist", "SortBy": "SearchScore,Album,SortName",
            "SortOrder": "Ascending", "Recursive": True, "SearchTerm": term, "Limit": 24}).json()["Items"]

    def stream_path(self, song: Item) -> str:
        return (f"/Audio/{song['Id']}/universal?TranscodingProtocol=http&TranscodingContainer=aac&AudioCodec=aac"
                "&Container=mp3%2Caac%2Cm4a%7Caac%2Cm4b%7Caac%2Cflac%2Calac%2Cm4a%7Calac%2Cwav%2Cm4a"
                f"&audioBitRate=320000&UserId={self.user_id}&ApiKey={self.token}&DeviceId={self.device_id}")

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"CanSeek": True, "ItemId": song["Id"], "MediaSourceId": song["Id"], "PlaySessionId": song["Id"],
                "PlayMethod": "transcode", "IsPaused": False, "PositionTicks": ticks(position_s),
                "PlaybackStartTimeTicks": None, "VolumeLevel": 100, "IsMuted": False}


class Gelli(Player):
    """apiclient-java: whole lists in PascalCase, universal with HLS as its way out."""

    client, version = "Gelli", "1.5.0"

    def songs(self, term: str) -> list[Item]:
        return self.get(f"/Users/{self.user_id}/Items", {
            "SearchTerm": term, "IncludeItemTypes": "MusicArtist,MusicAlbum,Audio", "Recursive": True,
            "Fields": "MediaSources", "Limit": 40}).json()["Items"]

    def stream_path(self, song: Item) -> str:
        return (f"/Audio/{song['Id']}/universal?UserId={self.user_id}&DeviceId={self.device_id}"
                "&MaxStreamingBitrate=10000000&Container=mp3&Container=aac&Container=flac&TranscodingContainer=ts"
                f"&TranscodingProtocol=hls&AudioCodec=aac&ApiKey={self.token}")

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"ItemId": song["Id"], "PositionTicks": ticks(position_s), "IsPaused": False, "CanSeek": True,
                "VolumeLevel": 100, "PlayMethod": "DirectPlay"}


class Android(Player):
    """jellyfin-android and all that the Kotlin SDK decodes: ids are UUIDs, and written with dashes."""

    client, version = "Jellyfin Android", "2.6.3"

    def songs(self, term: str) -> list[Item]:
        items = self.get("/Items", {
            "userId": dashed(self.user_id), "searchTerm": term, "includeItemTypes": "Audio", "recursive": True,
            "limit": 50, "enableTotalRecordCount": True, "imageTypeLimit": 1}).json()["Items"]
        for item in items:
            for found in (item["Id"], item.get("AlbumId"), item.get("ParentId"), item["UserData"]["ItemId"],
                          *(entry["Id"] for entry in item["ArtistItems"] + item["AlbumArtists"])):
                assert found is None or uuid.UUID(found).hex == found, "UUIDSerializer takes nothing else"
        return items

    def album(self, album_id: str) -> list[Item]:
        return super().album(dashed(album_id))

    def stream_path(self, song: Item) -> str:
        return (f"/Audio/{dashed(song['Id'])}/universal?userId={dashed(self.user_id)}&deviceId={self.device_id}"
                "&maxStreamingBitrate=140000000&container=mp3%2Cflac%2Cogg%7Copus&transcodingProtocol=hls"
                f"&audioCodec=aac&enableRemoteMedia=true&ApiKey={self.token}")

    def state(self, song: Item, position_s: float) -> dict[str, Any]:
        return {"CanSeek": True, "ItemId": dashed(song["Id"]), "IsPaused": False, "IsMuted": False,
                "PositionTicks": ticks(position_s), "PlayMethod": "DirectPlay", "RepeatMode": "RepeatNone",
                "PlaybackOrder": "Default", "MediaSourceId": song["Id"]}


PLAYERS: tuple[type[Player], ...] = (Finamp, Feishin, Jellify, Web, Supersonic, MpvShim, Fintunes, Gelli, Android)
