"""The generated music library: three artists, four albums, ten tunes.

Two songs are also in the stand-in Deezer: "Slow Tide" with the same title,
artist and length, "Copper Sun" with the same ISRC under another title.
"""
from __future__ import annotations

import dataclasses
import unicodedata
from typing import TYPE_CHECKING, Any

from . import ids
from .. import picture, tune

if TYPE_CHECKING:
    from .playlists_api import Playlist

MUSIC_FOLDER = "/media/music"
CREATED = "2026-01-05T10:00:00.0000000Z"
TICKS_PER_SECOND = 10_000_000

# artist, album, year, genre, songs as (title, seconds, ISRC)
ALBUMS: list[tuple[str, str, int, str, list[tuple[str, int, str | None]]]] = [
    ("Mira Sol", "Tidal Songs", 2019, "Folk",
     [("Slow Tide", 61, None), ("Light on Water", 58, None), ("Salt and Rope", 60, None)]),
    ("Mira Sol", "Paper Boats", 2022, "Folk",
     [("Lighthouse Keeper", 60, None), ("Paper Boats", 62, None)]),
    ("The Copper Foxes", "Night Market", 2021, "Rock",
     [("Copper Sun", 59, "ZZLAN2100001"), ("Neon Lanterns", 60, None),
      ("Last Light Out", 60, None)]),
    ("Öxen Quartet", "Winter Études", 2016, "Classical",
     [("Étude in Blue Light", 63, None), ("Snow on Strings", 60, None)]),
]


def searchable(text: str) -> str:
    """Lower case without accents, as Jellyfin's CleanName."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


@dataclasses.dataclass(eq=False)
class Item:
    """A song, an album, an artist, or a folder around them."""

    type: str
    name: str
    path: str
    parent_id: str
    id: str = ""
    artist: str = ""
    album: str = ""
    album_id: str = ""
    year: int | None = None
    genre: str = ""
    index: int | None = None
    seconds: int = 0
    provider_ids: dict[str, str] = dataclasses.field(default_factory=dict)
    has_picture: bool = False

    def __post_init__(self) -> None:
        self.id = self.id or ids.made_from(f"{self.type} {self.path}")

    @property
    def is_folder(self) -> bool:
        return self.type != "Audio"

    @property
    def ticks(self) -> int:
        return self.seconds * TICKS_PER_SECOND

    @property
    def sort_name(self) -> str:
        if self.type == "Audio":
            return f"{self.index or 0:04d} - {self.name}"
        return searchable(self.name.removeprefix("The "))

    @property
    def image_tag(self) -> str:
        return ids.made_from(f"image of {self.path}")

    def picture(self, width: int, height: int) -> bytes:
        return picture.png_cover(self.path, width, height)

    def audio(self) -> bytes:
        return tune.wav_tune(self.path, self.seconds)

    @property
    def size(self) -> int:
        return tune.wav_size(self.seconds)


class Library:
    """All items by id, and the user data that hangs on them."""

    def __init__(self) -> None:
        self.root = Item("AggregateFolder", "Media Folders", "/config/root", "")
        self.view = Item("CollectionFolder", "Music", "/config/root/default/Music", self.root.id)
        self._items: dict[str, Item] = {}
        self.user_data: dict[tuple[str, str], dict[str, Any]] = {}
        self.playlists: dict[str, Playlist] = {}
        self.hidden: set[tuple[str, str]] = set()  # songs that a user may not see
        for item in (self.root, self.view):
            self._items[item.id] = item
        for artist, album, year, genre, songs in ALBUMS:
            for number, (title, seconds, isrc) in enumerate(songs, 1):
                self.add_song(artist, album, title, seconds, year=year, genre=genre,
                              index=number, isrc=isrc)

    def add_song(self, artist: str, album: str, title: str, seconds: int = 60, *,
                 year: int = 2020, genre: str = "Rock", index: int = 1,
                 isrc: str | None = None) -> Item:
        """A song, with its artist and album when they are not there yet."""
        folder = f"{MUSIC_FOLDER}/{artist}"
        artist_item = self.keep(Item("MusicArtist", artist, folder, self.view.id))
        album_item = self.keep(Item("MusicAlbum", album, f"{folder}/{album}", artist_item.id,
                                     artist=artist, year=year, genre=genre, has_picture=True))
        song = Item("Audio", title, f"{folder}/{album}/{index:02d} - {title}.wav", album_item.id,
                    artist=artist, album=album, album_id=album_item.id, year=year, genre=genre,
                    index=index, seconds=seconds, provider_ids={"ISRC": isrc} if isrc else {})
        if song.id not in self._items:
            album_item.seconds += seconds
        return self.keep(song)

    def keep(self, item: Item) -> Item:
        return self._items.setdefault(item.id, item)

    def find(self, item_id: str | None) -> Item | None:
        return self._items.get(item_id or "")

    def all(self, *types: str) -> list[Item]:
        return [item for item in self._items.values() if item.type in types]

    def artist_named(self, name: str) -> Item | None:
        return next((item for item in self.all("MusicArtist") if item.name == name), None)

    def children(self, parent: Item, recursive: bool) -> list[Item]:
        if parent.id in self.playlists:
            return self.playlist_songs(parent.id, "")
        direct = [item for item in self._items.values() if item.parent_id == parent.id]
        if not recursive:
            return direct
        return direct + [item for child in direct for item in self.children(child, True)]

    def playlist_songs(self, playlist_id: str, user_id: str) -> list[Item]:
        """As /Items lists them: in order, each once."""
        entries = dict.fromkeys(self.playlists[playlist_id].entries)
        return [song for song in map(self.find, entries)
                if song is not None and (user_id, song.id) not in self.hidden]

    def forget_playlist(self, playlist_id: str) -> None:
        self._items.pop(playlist_id, None)
        self.playlists.pop(playlist_id, None)

    def songs_of(self, item: Item) -> list[Item]:
        """What plays when somebody plays `item`."""
        if item.type == "Audio":
            return [item]
        return [song for song in self.children(item, True) if song.type == "Audio"]

    def data_of(self, user_id: str, item: Item) -> dict[str, Any]:
        return self.user_data.setdefault((user_id, item.id), {
            "PlaybackPositionTicks": 0, "PlayCount": 0, "IsFavorite": False, "Played": False,
        })
