"""The invented catalogue: artists, albums and about sixty tracks.

Some of it is there to be confused with the stand-in Jellyfin's library:
  "Slow Tide" by Mira Sol      same title, artist and length as a local song
  "Copper Sun (Remastered 2021)"   same ISRC as the local "Copper Sun"
  Mira Sol, Tidal Songs        same artist, and an album that both have
  Öxen Quartet                 the same name, but no album in common
Three names and ids are Deezer's own: 27, 302127 and 3135556.
"""
from __future__ import annotations

import dataclasses
import hashlib
import unicodedata


def searchable(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


@dataclasses.dataclass(eq=False)
class Artist:
    id: int
    name: str
    has_picture: bool = True
    albums: list[Album] = dataclasses.field(default_factory=list)

    @property
    def md5(self) -> str:
        return hashlib.md5(f"artist {self.id}".encode()).hexdigest() if self.has_picture else ""


@dataclasses.dataclass(eq=False)
class Album:
    id: int
    title: str
    artist: Artist
    release_date: str
    record_type: str
    genre: tuple[int, str]
    label: str
    tracks: list[Track] = dataclasses.field(default_factory=list)

    @property
    def md5(self) -> str:
        return hashlib.md5(f"cover {self.id}".encode()).hexdigest()

    @property
    def upc(self) -> str:
        return f"4006381{self.id:06d}"[:13]


@dataclasses.dataclass(eq=False)
class Track:
    id: int
    title: str
    album: Album
    position: int
    disk: int
    duration: int
    isrc: str
    featured: list[Artist] = dataclasses.field(default_factory=list)
    readable: bool = True
    explicit: bool = False
    edited: bool = False  # a cleaned version of something explicit

    @property
    def preview_hash(self) -> str:
        return hashlib.md5(f"preview {self.id}".encode()).hexdigest()

    @property
    def title_short(self) -> str:
        return self.title.partition(" (")[0]

    @property
    def title_version(self) -> str:
        return self.title[len(self.title_short):].strip()

    @property
    def rank(self) -> int:
        return 999_999 - self.id % 100_000 * 7


@dataclasses.dataclass(eq=False)
class Playlist:
    id: int
    title: str
    description: str
    creator: str
    tracks: list[Track]

    @property
    def md5(self) -> str:
        return hashlib.md5(f"playlist {self.id}".encode()).hexdigest()


WORDS = ("Amber", "Broken", "Cold", "Distant", "Early", "Faded", "Gentle", "Hidden", "Inner",
         "Jaded", "Kindled", "Low", "Morning", "Northern", "Open", "Pale", "Quiet", "Restless",
         "Silver", "Travelling", "Upper", "Vanishing", "Winter", "Young")


def _titles(*patterns: str, count: int, skip: int = 0) -> list[tuple[str, int]]:
    """Titles and lengths by turns of the patterns, another word each."""
    return [(patterns[i % len(patterns)].format(WORDS[(i + skip) % len(WORDS)]), 180 + 7 * (i + skip))
            for i in range(count)]


class Catalog:
    def __init__(self) -> None:
        self.artists: dict[int, Artist] = {}
        self.albums: dict[int, Album] = {}
        self.tracks: dict[int, Track] = {}
        self.playlists: dict[int, Playlist] = {}
        self._next_track = 88_000_001
        self._fill()

    def _artist(self, artist_id: int, name: str, has_picture: bool = True) -> Artist:
        return self.artists.setdefault(artist_id, Artist(artist_id, name, has_picture))

    def _album(self, artist: Artist, album_id: int, title: str, date: str, genre: tuple[int, str],
               songs: list[tuple[str, int]], record_type: str = "album") -> Album:
        album = Album(album_id, title, artist, date, record_type, genre, f"{artist.name} Records")
        self.albums[album_id] = album
        artist.albums.append(album)
        for position, (name, duration) in enumerate(songs, 1):
            self._track(album, name, duration, position)
        return album

    def _track(self, album: Album, title: str, duration: int, position: int, *,
               track_id: int | None = None, isrc: str | None = None) -> Track:
        if track_id is None:
            track_id, self._next_track = self._next_track, self._next_track + 1
        track = Track(track_id, title, album, position, 1 if position <= 10 else 2, duration,
                      isrc or f"ZZSTA{track_id % 10_000_000:07d}")
        self.tracks[track_id] = track
        album.tracks.append(track)
        return track

    def _fill(self) -> None:
        rock, folk, electro, classical = (152, "Rock"), (466, "Folk"), (106, "Electro"), (98, "Classical")
        keepers = self._artist(9001, "The Lantern Keepers")
        static = self._artist(9006, "Violet Static", has_picture=False)
        years = self._album(keepers, 770001, "Light Years Apart", "2018-09-14", rock,
                            _titles("{} Light", "Lanterns for {} Days", count=14))
        paper = self._album(keepers, 770002, "Paper Lanterns", "2021-03-05", rock,
                    _titles("{} Lights Again", "The {} Light Brigade", count=10, skip=5))
        self._album(keepers, 770003, "Lamplight", "2023-11-24", rock, [("Lamplight", 201)], "single")
        years.tracks[1].featured.append(static)
        years.tracks[2].explicit = True
        paper.tracks[0].edited = True
        quill = self._artist(9002, "Sable & Quill")
        self._album(quill, 770010, "Harbour of Glass", "2012-05-01", folk,
                    _titles("{} Harbour", "{} Daylight", "Letter in {} Light", count=12, skip=9))
        sol = self._artist(9003, "Mira Sol")
        self._album(sol, 770020, "Tidal Songs", "2019-06-21", folk,
                    [("Slow Tide", 61), ("Light on Water (Live)", 95), ("Undertow", 204)])
        foxes = self._artist(9004, "The Copper Foxes")
        market = self._album(foxes, 770030, "Night Market (Deluxe)", "2021-10-01", rock, [])
        self._track(market, "Copper Sun (Remastered 2021)", 188, 1, isrc="ZZLAN2100001")
        self._track(market, "Market Closing", 177, 2)
        oxen = self._artist(9005, "Öxen Quartet")
        self._album(oxen, 770040, "Spring Reels", "2009-04-17", classical,
                    _titles("{} Reel", "Jig in {} Light", count=5, skip=3))
        self._album(static, 770050, "Signal Loss", "2020-02-29", electro,
                    _titles("{} Static", "{} Light Leak", count=7, skip=11))
        self.albums[770050].tracks[-1].readable = False
        punk = self._artist(27, "Daft Punk")
        discovery = self._album(punk, 302127, "Discovery", "2001-03-12", electro, [])
        for position, (track_id, title, duration, isrc) in enumerate((
                (3135553, "One More Time", 320, "GBDUW0000053"),
                (3135554, "Aerodynamic", 212, "GBDUW0000057"),
                (3135555, "Digital Love", 301, "GBDUW0000058"),
                (3135556, "Harder, Better, Faster, Stronger", 226, "GBDUW0000059")), 1):
            self._track(discovery, title, duration, position, track_id=track_id, isrc=isrc)

        # In no order but its own, and longer than a page of Deezer's.
        mixed = sorted(self.tracks.values(), key=lambda track: track.preview_hash)[:30]
        self.playlists[440001] = Playlist(440001, "Lanterns at Dusk", "For the way home", "somebody", mixed)

    # Finding

    def track_by_isrc(self, isrc: str) -> Track | None:
        return next((track for track in self.tracks.values() if track.isrc == isrc.upper()), None)

    def track_by_preview(self, preview_hash: str) -> Track | None:
        return next((track for track in self.tracks.values()
                     if track.preview_hash == preview_hash), None)

    def search_tracks(self, query: Query) -> list[Track]:
        return [track for track in self.tracks.values()
                if query.matches(track=track.title, album=track.album.title,
                                 artist=track.album.artist.name)]

    def search_albums(self, query: Query) -> list[Album]:
        return [album for album in self.albums.values()
                if query.matches(album=album.title, artist=album.artist.name)]

    def search_artists(self, query: Query) -> list[Artist]:
        return [artist for artist in self.artists.values() if query.matches(artist=artist.name)]

    def search_playlists(self, query: Query) -> list[Playlist]:
        return [playlist for playlist in self.playlists.values() if query.matches(title=playlist.title)]

    def top_of(self, artist: Artist) -> list[Track]:
        tracks = [track for album in artist.albums for track in album.tracks]
        return sorted(tracks, key=lambda track: -track.rank)

    def genres(self) -> list[tuple[int, str]]:
        """As Deezer lists them: "All" comes first and is none."""
        return [(0, "All"), *sorted({album.genre for album in self.albums.values()})]

    def albums_of(self, genre: int) -> list[Album]:
        return [album for album in self.albums.values() if genre in (0, album.genre[0])]

    def newest_of(self, genre: int) -> list[Album]:
        return sorted(self.albums_of(genre), key=lambda album: album.release_date, reverse=True)

    def artists_of(self, genre: int) -> list[Artist]:
        return list(dict.fromkeys(album.artist for album in self.albums_of(genre)))

    def tracks_of(self, genre: int) -> list[Track]:
        return sorted((track for album in self.albums_of(genre) for track in album.tracks),
                      key=lambda track: -track.rank)

    def playlists_with(self, artist: Artist) -> list[Playlist]:
        return [playlist for playlist in self.playlists.values()
                if any(track.album.artist is artist for track in playlist.tracks)]

    def related_to(self, artist: Artist) -> list[Artist]:
        return [other for other in self.artists.values() if other is not artist]


class Query:
    """`word word artist:"x" album:"y" track:"z"`; every part has to be found."""

    FIELDS = ("artist", "album", "track")

    def __init__(self, text: str) -> None:
        self._fields: dict[str, str] = {}
        for field in self.FIELDS:
            before, mark, rest = text.partition(f'{field}:"')
            if mark:
                value, _, after = rest.partition('"')
                self._fields[field] = searchable(value)
                text = before + after
        self._words = searchable(text).split()

    def matches(self, **texts: str) -> bool:
        clean = {name: searchable(text) for name, text in texts.items()}
        together = " ".join(clean.values())
        return (all(value in clean.get(name, "") for name, value in self._fields.items())
                and all(word in together for word in self._words))
