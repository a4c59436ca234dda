"""Catalogue entries as Deezer writes them: one field list for every recorded shape."""
from __future__ import annotations

from typing import Any, Callable

from .catalog import Album, Artist, Playlist, Track

PICTURES = ("picture", "picture_small", "picture_medium", "picture_big", "picture_xl")
COVERS = ("cover", "cover_small", "cover_medium", "cover_big", "cover_xl")
SIZES = {"small": 56, "medium": 250, "big": 500, "xl": 1000}

ARTIST_PAGE = ("id", "name", "link", "share", *PICTURES, "nb_album", "nb_fan", "radio",
               "tracklist", "type")
ARTIST_LISTED = ("id", "name", "link", *PICTURES, "nb_album", "nb_fan", "radio", "tracklist", "type")
ARTIST_IN_SEARCH = ("id", "name", "link", *PICTURES, "tracklist", "type")
ARTIST_IN_TRACK = ("id", "name", "link", "share", *PICTURES, "radio", "tracklist", "type")
ARTIST_IN_ALBUM = ("id", "name", *PICTURES, "tracklist", "type")
ARTIST_SHORT = ("id", "name", "tracklist", "type")

ALBUM_PAGE = ("id", "title", "upc", "link", "share", *COVERS, "md5_image", "genre_id", "genres",
              "label", "nb_tracks", "duration", "fans", "release_date", "record_type",
              "available", "tracklist", "explicit_lyrics", "explicit_content_lyrics",
              "explicit_content_cover", "contributors", "artist", "type", "tracks")
ALBUM_OF_ARTIST = ("id", "title", "link", *COVERS, "md5_image", "genre_id", "fans",
                   "release_date", "record_type", "tracklist", "explicit_lyrics", "type")
ALBUM_IN_SEARCH = ("id", "title", "link", *COVERS, "md5_image", "genre_id", "nb_tracks",
                   "record_type", "tracklist", "explicit_lyrics", "artist", "type")
ALBUM_IN_TRACK = ("id", "title", "link", *COVERS, "md5_image", "release_date", "tracklist", "type")
ALBUM_RELEASED = ("id", "title", *COVERS, "md5_image", "release_date", "tracklist", "artist", "type")
ALBUM_IN_CHART = ("id", "title", *COVERS, "record_type", "tracklist", "explicit_lyrics", "artist", "type")
ALBUM_SHORT = ("id", "title", *COVERS, "md5_image", "tracklist", "type")

PLAYLIST_PAGE = ("id", "title", "description", "duration", "public", "is_loved_track",
                 "collaborative", "nb_tracks", "fans", "link", "share", *PICTURES, "checksum",
                 "tracklist", "creation_date", "md5_image", "picture_type", "creator", "type", "tracks")
PLAYLIST_IN_SEARCH = ("id", "title", "public", "nb_tracks", "link", *PICTURES, "checksum", "tracklist",
                      "creation_date", "md5_image", "picture_type", "user", "type")

GENRE = ("id", "name", *PICTURES, "type")

_TRACK_START = ("id", "readable", "title", "title_short", "title_version")
_EXPLICIT = ("explicit_lyrics", "explicit_content_lyrics", "explicit_content_cover", "preview")
TRACK_PAGE = (*_TRACK_START, "isrc", "link", "share", "duration", "track_position", "disk_number",
              "rank", "release_date", *_EXPLICIT, "bpm", "gain", "available_countries",
              "contributors", "md5_image", "track_token", "artist", "album", "type")
TRACK_IN_SEARCH = (*_TRACK_START, "isrc", "link", "duration", "rank", *_EXPLICIT, "md5_image",
                   "artist", "album", "type")
TRACK_IN_ALBUM = (*_TRACK_START, "link", "duration", "rank", *_EXPLICIT, "md5_image", "artist",
                  "album", "type")
TRACK_OF_ALBUM = (*_TRACK_START, "isrc", "link", "duration", "track_position", "disk_number",
                  "rank", *_EXPLICIT, "md5_image", "artist", "type")
TRACK_OF_PLAYLIST = (*_TRACK_START, "link", "duration", "rank", *_EXPLICIT, "md5_image", "time_add",
                     "artist", "album", "type")
TRACK_TOP = (*_TRACK_START, "link", "duration", "rank", *_EXPLICIT, "contributors", "md5_image",
             "artist", "album", "type")
TRACK_IN_CHART = (*_TRACK_START[:1], *_TRACK_START[2:], "link", "duration", "rank", *_EXPLICIT, "position",
                  "artist", "album", "type")
TRACK_RADIO = (*_TRACK_START, "duration", "rank", *_EXPLICIT, "artist", "album", "type")


def pick(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value[name] for name in names}


class Shapes:
    """Writes entries with URLs that lead back to this stand-in."""

    def __init__(self, base_url: Callable[[], str], preview_url: Callable[[Track], str],
                 unix: Callable[[], float]) -> None:
        self._base_url = base_url
        self._preview_url = preview_url
        self._unix = unix

    def _pictures(self, kind: str, owner: str, entry_id: int, md5: str) -> dict[str, str]:
        folder = "cover" if owner == "album" else owner
        urls = {kind: f"{self._base_url()}/{owner}/{entry_id}/image"}
        for size, side in SIZES.items():
            urls[f"{kind}_{size}"] = (f"{self._base_url()}/images/{folder}/{md5}/"
                                      f"{side}x{side}-000000-80-0-0.jpg")
        return urls

    def _share(self, kind: str, entry_id: int) -> str:
        return (f"https://www.deezer.com/{kind}/{entry_id}?utm_source=deezer&utm_content="
                f"{kind}-{entry_id}&utm_term=0_{int(self._unix())}&utm_medium=web")

    def artist(self, artist: Artist, names: tuple[str, ...]) -> dict[str, Any]:
        return pick({
            "id": artist.id, "name": artist.name,
            "link": f"https://www.deezer.com/artist/{artist.id}",
            "share": self._share("artist", artist.id),
            **self._pictures("picture", "artist", artist.id, artist.md5),
            "nb_album": len(artist.albums), "nb_fan": 1000 + artist.id, "radio": True,
            "tracklist": f"{self._base_url()}/artist/{artist.id}/top?limit=50", "type": "artist",
        }, names)

    def genre(self, genre: tuple[int, str]) -> dict[str, Any]:
        return pick({"id": genre[0], "name": genre[1], "type": "genre",
                     **self._pictures("picture", "genre", genre[0], "")}, GENRE)

    def _contributors(self, main: Artist, featured: list[Artist]) -> list[dict[str, Any]]:
        roles = [(main, "Main")] + [(artist, "Featured") for artist in featured]
        return [{**self.artist(artist, ARTIST_IN_TRACK), "role": role} for artist, role in roles]

    def album(self, album: Album, names: tuple[str, ...]) -> dict[str, Any]:
        explicit = any(track.explicit for track in album.tracks)
        value = {
            "id": album.id, "title": album.title, "upc": album.upc,
            "link": f"https://www.deezer.com/album/{album.id}",
            "share": self._share("album", album.id),
            **self._pictures("cover", "album", album.id, album.md5), "md5_image": album.md5,
            "genre_id": album.genre[0],
            "genres": {"data": [{"id": album.genre[0], "name": album.genre[1], "picture":
                                 f"{self._base_url()}/genre/{album.genre[0]}/image",
                                 "type": "genre"}]},
            "label": album.label, "nb_tracks": len(album.tracks),
            "duration": sum(track.duration for track in album.tracks), "fans": 500,
            "release_date": album.release_date, "record_type": album.record_type,
            "available": True, "tracklist": f"{self._base_url()}/album/{album.id}/tracks",
            "explicit_lyrics": explicit, "explicit_content_lyrics": int(explicit),
            "explicit_content_cover": 0, "type": "album",
        }
        if "contributors" in names:
            value["contributors"] = self._contributors(album.artist, [])
        if "artist" in names:
            shape = ARTIST_IN_ALBUM if names is ALBUM_PAGE else ARTIST_IN_SEARCH
            value["artist"] = self.artist(album.artist, shape)
        if "tracks" in names:
            value["tracks"] = {"data": [self.track(track, TRACK_IN_ALBUM) for track in album.tracks]}
        return pick(value, names)

    def playlist(self, playlist: Playlist, names: tuple[str, ...]) -> dict[str, Any]:
        creator = {"id": 1006, "name": playlist.creator, "type": "user",
                   "tracklist": f"{self._base_url()}/user/1006/flow"}
        value = {
            "id": playlist.id, "title": playlist.title, "description": playlist.description,
            "duration": sum(track.duration for track in playlist.tracks), "public": True,
            "is_loved_track": False, "collaborative": False, "nb_tracks": len(playlist.tracks),
            "fans": 12, "link": f"https://www.deezer.com/playlist/{playlist.id}",
            "share": self._share("playlist", playlist.id),
            **self._pictures("picture", "playlist", playlist.id, playlist.md5),
            "checksum": playlist.md5, "tracklist": f"{self._base_url()}/playlist/{playlist.id}/tracks",
            "creation_date": "2013-11-06 17:00:00", "md5_image": playlist.md5,
            "picture_type": "playlist", "creator": creator, "user": creator, "type": "playlist",
        }
        if "tracks" in names:
            value["tracks"] = {"checksum": playlist.md5, "data": [
                self.track(track, TRACK_OF_PLAYLIST) for track in playlist.tracks]}
        return pick(value, names)

    def track(self, track: Track, names: tuple[str, ...]) -> dict[str, Any]:
        value = {
            "id": track.id, "readable": track.readable, "title": track.title,
            "title_short": track.title_short, "title_version": track.title_version,
            "isrc": track.isrc, "link": f"https://www.deezer.com/track/{track.id}",
            "share": self._share("track", track.id), "duration": track.duration,
            "track_position": track.position, "disk_number": track.disk, "rank": track.rank,
            "release_date": track.album.release_date, "explicit_lyrics": track.explicit,
            "explicit_content_lyrics": 3 if track.edited else int(track.explicit), "explicit_content_cover": 0,
            "preview": self._preview_url(track) if track.readable else "", "bpm": 0,
            "gain": -12.4, "available_countries": ["DE", "FR", "US"],
            "md5_image": track.album.md5, "track_token": "stand-in-token", "time_add": 0, "type": "track",
            "position": 1,
        }
        if "contributors" in names:
            value["contributors"] = self._contributors(track.album.artist, track.featured)
        if "artist" in names:
            artist_shape = {TRACK_PAGE: ARTIST_IN_TRACK, TRACK_IN_ALBUM: ARTIST_SHORT,
                            TRACK_OF_ALBUM: ARTIST_SHORT, TRACK_TOP: ARTIST_SHORT,
                            TRACK_OF_PLAYLIST: ARTIST_SHORT,
                            TRACK_RADIO: ARTIST_IN_ALBUM}.get(names, ARTIST_IN_SEARCH)
            value["artist"] = self.artist(track.album.artist, artist_shape)
        if "album" in names:
            value["album"] = self.album(track.album,
                                        ALBUM_IN_TRACK if names is TRACK_PAGE else ALBUM_SHORT)
        return pick(value, names)
