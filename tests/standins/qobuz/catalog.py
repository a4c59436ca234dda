"""The invented catalogue: artists, albums, their tracks, playlists.

Some of it is there to be confused with the stand-in Deezer's:
  "Discovery" by Daft Punk       the same UPC and ISRCs
  "Copper Sun"                   the same ISRC as Deezer's and the local one
What is Qobuz's alone: "Nocturne Harbour" by Ada Quell (24 bit, 192 kHz, a
version), "Symphony in Slate" (works, an id of letters), "Loose Ends" (songs
that nobody may stream, or half a minute of which only), "Long Shelf" (more
tracks than one page).
"""
from __future__ import annotations

import dataclasses
import hashlib
from typing import Iterator

from ..deezer.catalog import searchable


@dataclasses.dataclass(eq=False)
class Artist:
    id: int
    name: str
    has_picture: bool = True
    albums: list[Album] = dataclasses.field(default_factory=list)

    @property
    def hash(self) -> str:
        return hashlib.md5(f"qobuz artist {self.id}".encode()).hexdigest()


@dataclasses.dataclass(eq=False)
class Album:
    id: str
    title: str
    artist: Artist
    release_date: str
    genre: tuple[int, str]
    version: str | None = None
    upc: str | None = None
    bit_depth: int = 16
    sampling_rate: float = 44.1  # kHz
    tracks: list[Track] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(eq=False)
class Track:
    id: int
    title: str
    album: Album
    number: int
    duration: int
    isrc: str
    version: str | None = None
    work: str | None = None
    featured: list[Artist] = dataclasses.field(default_factory=list)
    streamable: bool = True
    explicit: bool = False
    restriction: str | None = None  # getFileUrl has no address
    sample_only: bool = False


@dataclasses.dataclass(eq=False)
class Playlist:
    id: int
    name: str
    tracks: list[Track]


ROCK, ELECTRO, CLASSICAL = (119, "Rock"), (64, "Electro"), (10, "Classical")
PATHS = {119: ["Pop/Rock", "Pop/Rock→Rock"], 64: ["Electro"], 10: ["Classical"]}


class Catalog:
    def __init__(self) -> None:
        self.artists: dict[int, Artist] = {}
        self.albums: dict[str, Album] = {}
        self.tracks: dict[int, Track] = {}
        self.playlists: dict[int, Playlist] = {}
        self._next_track = 343_000_001
        self._fill()

    def _artist(self, artist_id: int, name: str, has_picture: bool = True) -> Artist:
        return self.artists.setdefault(artist_id, Artist(artist_id, name, has_picture))

    def _album(self, artist: Artist, album_id: str, title: str, date: str, genre: tuple[int, str],
               **more: object) -> Album:
        album = Album(album_id, title, artist, date, genre, **more)  # type: ignore[arg-type]
        self.albums[album_id] = album
        artist.albums.append(album)
        return album

    def _track(self, album: Album, title: str, duration: int, isrc: str | None = None,
               **more: object) -> Track:
        number, self._next_track = self._next_track, self._next_track + 1
        track = Track(number, title, album, len(album.tracks) + 1, duration,
                      isrc or f"QZSTA{number % 10_000_000:07d}", **more)  # type: ignore[arg-type]
        self.tracks[number] = track
        album.tracks.append(track)
        return track

    def _fill(self) -> None:
        punk = self._artist(36819, "Daft Punk")
        discovery = self._album(punk, "4006381302127", "Discovery", "2001-03-12", ELECTRO)
        for title, duration, isrc in (("One More Time", 320, "GBDUW0000053"),
                                      ("Aerodynamic", 212, "GBDUW0000057"),
                                      ("Digital Love", 301, "GBDUW0000058"),
                                      ("Harder, Better, Faster, Stronger", 224, "GBDUW0000059")):
            self._track(discovery, title, duration, isrc)
        foxes = self._artist(71004, "The Copper Foxes")
        market = self._album(foxes, "0093624912999", "Night Market", "2021-10-01", ROCK)
        self._track(market, "Copper Sun", 188, "ZZLAN2100001")
        quell = self._artist(71001, "Ada Quell")
        violet = self._artist(71002, "Violet Static", has_picture=False)
        harbour = self._album(quell, "0603497941032", "Nocturne Harbour", "1998-02-04", ROCK,
                              version="2021 Remaster", bit_depth=24, sampling_rate=192)
        for number, title in enumerate(("Tideglass", "Nocturne by Lamplight", "Breakwater Hymn")):
            self._track(harbour, title, 60 + number, version="2021 Remaster")
        harbour.tracks[1].featured.append(violet)
        harbour.tracks[2].explicit = True
        wren = self._artist(71003, "Orchestra of the Wren")
        slate = self._album(wren, "qxjbxh1dc3xyb", "Symphony in Slate", "2016-05-13", CLASSICAL,
                            upc="0028947958321", bit_depth=24, sampling_rate=96)
        for title in ("I. Allegro", "II. Largo"):
            self._track(slate, title, 90, work="Symphony No. 1, \"Slate\"")
        loose = self._album(violet, "s72ps0jshvpwa", "Loose Ends", "2020-02-29", ELECTRO)
        self._track(loose, "Nobody's Static", 120, streamable=False)
        self._track(loose, "Withheld Static", 121, restriction="TrackRestrictedByRightHolders")
        self._track(loose, "Half Static", 122, sample_only=True)
        self._track(loose, "Whole Static", 123)
        shelf = self._album(violet, "0808699111126", "Long Shelf", "2015-04-30", ELECTRO)
        for number in range(1, 61):
            self._track(shelf, f"Shelf {number:02d}", 100 + number)
        mixed = sorted(self.tracks.values(), key=lambda track: hashlib.md5(str(track.id).encode()).digest())
        self.playlists[565551] = Playlist(565551, "Slate and Static", mixed[:40])

    # Finding

    @staticmethod
    def _matches(words: str, *texts: str) -> bool:
        together = " ".join(searchable(text) for text in texts)
        return all(word in together for word in searchable(words).split())

    def search(self, kind: str, words: str) -> list[object]:
        def tracks() -> Iterator[Track]:
            for track in self.tracks.values():
                if words.upper() == track.isrc or self._matches(
                        words, track.title, track.album.title, track.album.artist.name):
                    yield track
        if kind == "track":
            return list(tracks())
        if kind == "album":
            return [album for album in self.albums.values()
                    if self._matches(words, album.title, album.artist.name)]
        if kind == "artist":
            return [artist for artist in self.artists.values() if self._matches(words, artist.name)]
        return [playlist for playlist in self.playlists.values() if self._matches(words, playlist.name)]

    def others(self, artist: Artist) -> list[Artist]:
        return [other for other in self.artists.values() if other is not artist]

    def genres(self) -> list[tuple[int, str]]:
        return sorted({album.genre for album in self.albums.values()})

    def albums_of(self, genre: int | None) -> list[Album]:
        return sorted((album for album in self.albums.values() if genre in (None, album.genre[0])),
                      key=lambda album: album.release_date, reverse=True)
