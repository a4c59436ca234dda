"""Items as JSON: BaseItemDto in its full form and in lists, SearchHint, MediaSourceInfo."""
from __future__ import annotations

from typing import Any

from . import ids
from .library import CREATED, Item, Library
from .. import tune

# What a list adds for a name in ?Fields=.
FIELDS: dict[str, tuple[str, ...]] = {
    "candelete": ("CanDelete",), "candownload": ("CanDownload",), "childcount": ("ChildCount",),
    "cumulativeruntimeticks": ("CumulativeRunTimeTicks",), "datecreated": ("DateCreated",),
    "displaypreferencesid": ("DisplayPreferencesId",), "etag": ("Etag",),
    "externalurls": ("ExternalUrls",), "genres": ("Genres", "GenreItems"),
    "itemcounts": ("SongCount", "AlbumCount"), "mediasources": ("MediaSources",),
    "mediastreams": ("MediaStreams",), "parentid": ("ParentId",), "path": ("Path",),
    "people": ("People",), "playaccess": ("PlayAccess",),
    "primaryimageaspectratio": ("PrimaryImageAspectRatio",), "providerids": ("ProviderIds",),
    "recursiveitemcount": ("RecursiveItemCount",), "sortname": ("SortName",),
    "studios": ("Studios",), "tags": ("Tags",), "taglines": ("Taglines",),
}
_ONLY_ON_REQUEST = {name for names in FIELDS.values() for name in names}
_ONLY_FULL = {"DateLastMediaAdded", "EnableMediaSourceDisplay", "RemoteTrailers",
              "LocalTrailerCount", "SpecialFeatureCount", "Chapters", "LockedFields", "LockData",
              "TrailerCount", "MovieCount", "SeriesCount", "ProgramCount", "EpisodeCount",
              "ArtistCount", "MusicVideoCount"}


def media_stream() -> dict[str, Any]:
    return {"Codec": "pcm_u8", "TimeBase": f"1/{tune.SAMPLE_RATE}", "VideoRange": "Unknown",
            "VideoRangeType": "Unknown", "AudioSpatialFormat": "None",
            "LocalizedDefault": "Default", "LocalizedExternal": "External",
            "LocalizedOriginal": "Original", "DisplayTitle": "PCM_U8 - Mono",
            "IsInterlaced": False, "ChannelLayout": "mono", "BitRate": tune.BIT_RATE,
            "BitDepth": 8, "Channels": 1, "SampleRate": tune.SAMPLE_RATE, "IsDefault": False,
            "IsForced": False, "IsHearingImpaired": False, "IsOriginal": False, "Type": "Audio",
            "Index": 0, "IsExternal": False, "IsTextSubtitleStream": False,
            "SupportsExternalStream": False}


def media_source(item: Item) -> dict[str, Any]:
    return {"Protocol": "File", "Id": item.id, "Path": item.path, "Type": "Default",
            "Container": "wav", "Size": item.size, "Name": item.path.rsplit("/", 1)[1][:-4],
            "IsRemote": False, "ETag": ids.made_from(f"etag {item.path}"),
            "RunTimeTicks": item.ticks, "ReadAtNativeFramerate": False, "IgnoreDts": False,
            "IgnoreIndex": False, "GenPtsInput": False, "SupportsTranscoding": True,
            "SupportsDirectStream": True, "SupportsDirectPlay": True, "IsInfiniteStream": False,
            "UseMostCompatibleTranscodingProfile": False, "RequiresOpening": False,
            "RequiresClosing": False, "RequiresLooping": False, "SupportsProbing": True,
            "MediaStreams": [media_stream()], "MediaAttachments": [], "Formats": [],
            "Bitrate": tune.BIT_RATE, "RequiredHttpHeaders": {},
            "TranscodingSubProtocol": "http", "DefaultAudioStreamIndex": 0, "HasSegments": False}


class Dto:
    """Writes items of one library for one server."""

    def __init__(self, library: Library, server_id: str) -> None:
        self._library = library
        self._server_id = server_id

    def full(self, item: Item, user_id: str) -> dict[str, Any]:
        value: dict[str, Any] = {
            "Name": item.name, "ServerId": self._server_id, "Id": item.id,
            "Etag": ids.made_from(f"etag of {item.path}"), "DateCreated": CREATED,
            "CanDelete": False, "CanDownload": not item.is_folder, "SortName": item.sort_name,
            "ExternalUrls": [], "Path": item.path, "EnableMediaSourceDisplay": True,
            "ChannelId": None, "Taglines": [], "Genres": [item.genre] if item.genre else [],
            "PlayAccess": "Full", "RemoteTrailers": [], "ProviderIds": dict(item.provider_ids),
            "IsFolder": item.is_folder, "ParentId": item.parent_id, "Type": item.type,
            "People": [], "Studios": [],
            "GenreItems": [self._named("genre", item.genre)] if item.genre else [],
            "LocalTrailerCount": 0, "UserData": self.user_data(item, user_id),
            "SpecialFeatureCount": 0,
            "DisplayPreferencesId": ids.made_from(f"display {item.type}"), "Tags": [],
            "ImageTags": {"Primary": item.image_tag} if item.has_picture else {},
            "BackdropImageTags": [], "ImageBlurHashes": {}, "Chapters": [],
            "LocationType": "FileSystem",
            "MediaType": "Audio" if item.type in ("Audio", "Playlist") else "Unknown",
            "LockedFields": [], "LockData": False,
        }
        if item.type != "CollectionFolder":
            value["RunTimeTicks"] = item.ticks
        else:
            value["CollectionType"] = "music"
        if item.year:
            value["ProductionYear"] = item.year
            value["PremiereDate"] = f"{item.year}-01-01T00:00:00.0000000Z"
        if item.artist:
            value.update(self._credits(item))
        if item.is_folder:
            value.update(self._folder(item))
        else:
            value.update(self._song(item))
        return value

    def _named(self, kind: str, name: str) -> dict[str, str]:
        return {"Name": name, "Id": ids.made_from(f"{kind} {name}")}

    def _credits(self, item: Item) -> dict[str, Any]:
        artist = self._library.artist_named(item.artist)
        person = {"Name": item.artist, "Id": artist.id if artist else ids.EMPTY}
        return {"Artists": [item.artist], "ArtistItems": [person], "AlbumArtist": item.artist,
                "AlbumArtists": [dict(person)],
                "People": [{**self._named("person", item.artist), "Role": "", "Type": role}
                           for role in ("AlbumArtist", "Artist")]}

    def _song(self, item: Item) -> dict[str, Any]:
        album = self._library.find(item.album_id)
        value = {"HasLyrics": False, "Container": "wav", "IndexNumber": item.index,
                 "Album": item.album, "AlbumId": item.album_id,
                 "MediaSources": [media_source(item)], "MediaStreams": [media_stream()]}
        if album is not None and album.has_picture:
            value["AlbumPrimaryImageTag"] = album.image_tag
        return value

    def _folder(self, item: Item) -> dict[str, Any]:
        children = self._library.children(item, False)
        value: dict[str, Any] = {
            "DateLastMediaAdded": "0001-01-01T00:00:00.0000000Z",
            "CumulativeRunTimeTicks": item.ticks, "ChildCount": len(children),
            "RecursiveItemCount": len(self._library.children(item, True)),
        }
        if item.has_picture:
            value["PrimaryImageAspectRatio"] = 1
        if item.type == "MusicArtist":
            value.update(SongCount=len(self._library.songs_of(item)), AlbumCount=len(children),
                         TrailerCount=0, MovieCount=0, SeriesCount=0, ProgramCount=0,
                         EpisodeCount=0, ArtistCount=0, MusicVideoCount=0)
        return value

    def listed(self, item: Item, user_id: str, fields: list[str]) -> dict[str, Any]:
        """The short form of lists, with what ?Fields= adds."""
        wanted = {name for field in fields for name in FIELDS.get(field.lower(), ())}
        return {name: value for name, value in self.full(item, user_id).items()
                if name not in _ONLY_FULL and (name not in _ONLY_ON_REQUEST or name in wanted)}

    def playing(self, item: Item) -> dict[str, Any]:
        """The form in which a session shows what it plays."""
        hidden = {"Etag", "CanDelete", "CanDownload", "SortName", "PlayAccess", "People",
                  "UserData", "DisplayPreferencesId", "Tags", "MediaSources", "LockedFields",
                  "LockData", "RemoteTrailers"}
        return {name: value for name, value in self.full(item, "").items() if name not in hidden}

    def user_data(self, item: Item, user_id: str) -> dict[str, Any]:
        key = {"Audio": f"{item.artist}-{item.album}-{item.index or 0:04d}{item.name}",
               "MusicAlbum": f"{item.artist}-{item.name}",
               "MusicArtist": f"Artist-{item.name}"}.get(item.type, ids.dashed(item.id))
        return {**self._library.data_of(user_id, item), "Key": key, "ItemId": item.id}

    def hint(self, item: Item) -> dict[str, Any]:
        value: dict[str, Any] = {"ItemId": item.id, "Id": item.id, "Name": item.name,
                                 "Type": item.type, "RunTimeTicks": item.ticks,
                                 "MediaType": "Unknown" if item.is_folder else "Audio",
                                 "Artists": [item.artist] if item.artist else [],
                                 "ChannelId": None}
        if item.is_folder:
            value["IsFolder"] = True
        if item.index:
            value["IndexNumber"] = item.index
        if item.year:
            value["ProductionYear"] = item.year
        if item.artist:
            value["AlbumArtist"] = item.artist
        if item.album:
            value.update(Album=item.album, AlbumId=item.album_id)
        if item.has_picture:
            value.update(PrimaryImageTag=item.image_tag, PrimaryImageAspectRatio=1)
        return value
