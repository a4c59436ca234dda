"""What Qobuz writes of its things: the older shapes, and those of its newer methods."""
from __future__ import annotations

import calendar
import datetime
from typing import Any, Callable

from .catalog import PATHS, Album, Artist, Playlist, Track

PARIS_S = 2 * 3600


def released_at(date: str) -> int:
    """Midnight in Paris, as if it always were summer there."""
    day = datetime.date.fromisoformat(date)
    return calendar.timegm(day.timetuple()) - PARIS_S


class Shapes:
    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url

    def _cover(self, album: Album, size: str) -> str:
        return f"{self._url()}/images/covers/{album.id[-2:]}/{album.id[-4:-2]}/{album.id}_{size}.jpg"

    def _portrait(self, artist: Artist) -> dict[str, str] | None:
        if not artist.has_picture:
            return None
        base = f"{self._url()}/images/artists/covers"
        return {size: f"{base}/{size}/{artist.hash}.jpg" for size in ("small", "medium", "large")}

    def artist(self, artist: Artist) -> dict[str, Any]:
        return {"id": artist.id, "name": artist.name, "slug": f"artist-{artist.id}", "picture": None,
                "image": self._portrait(artist), "albums_count": len(artist.albums)}

    def album(self, album: Album) -> dict[str, Any]:
        hires = album.bit_depth > 16
        return {"id": album.id, "qobuz_id": 9_000_000 + len(album.title), "title": album.title,
                "version": album.version, "artist": self.artist(album.artist),
                "artists": [{"id": album.artist.id, "name": album.artist.name, "roles": ["main-artist"]}],
                "image": {"thumbnail": self._cover(album, "50"), "small": self._cover(album, "230"),
                          "large": self._cover(album, "600"), "back": None},
                "genre": {"id": album.genre[0], "name": album.genre[1], "slug": album.genre[1].lower()},
                "label": {"id": 4592, "name": f"{album.artist.name} Records"},
                "duration": sum(track.duration for track in album.tracks),
                "tracks_count": len(album.tracks), "media_count": 1, "parental_warning": False,
                "released_at": released_at(album.release_date),
                "streamable": True, "displayable": True, "streamable_at": 1_000_000_000,
                "hires": hires, "hires_streamable": hires, "maximum_bit_depth": album.bit_depth,
                "maximum_sampling_rate": album.sampling_rate}

    def album_page(self, album: Album) -> dict[str, Any]:
        """album/get: what lists leave out, too."""
        return {**self.album(album), "upc": album.upc or album.id,
                "genres_list": PATHS[album.genre[0]], "release_date_original": album.release_date,
                "copyright": f"(P) {album.release_date[:4]}"}

    def _performers(self, track: Track) -> str:
        people = [f"{track.album.artist.name}, MainArtist, Composer"]
        people += [f"{artist.name}, FeaturedArtist" for artist in track.featured]
        return " - ".join([*people, "Somebody Else, Producer"])

    def track_of_album(self, track: Track) -> dict[str, Any]:
        album = track.album
        return {"id": track.id, "title": track.title, "version": track.version, "work": track.work,
                "isrc": track.isrc, "duration": track.duration, "track_number": track.number,
                "media_number": 1, "parental_warning": track.explicit,
                "performer": {"id": album.artist.id, "name": album.artist.name},
                "performers": self._performers(track),
                "audio_info": {"replaygain_track_gain": -7.5, "replaygain_track_peak": 0.98},
                "streamable": track.streamable, "displayable": True,
                "maximum_bit_depth": album.bit_depth, "maximum_sampling_rate": album.sampling_rate,
                "hires_streamable": album.bit_depth > 16}

    def track(self, track: Track) -> dict[str, Any]:
        return {**self.track_of_album(track), "album": self.album(track.album)}

    def track_newly(self, track: Track) -> dict[str, Any]:
        """As artist/page and the radios write it."""
        album = track.album
        return {"id": track.id, "title": track.title, "version": track.version, "isrc": track.isrc,
                "duration": track.duration, "parental_warning": track.explicit,
                "artist": {"id": album.artist.id, "name": {"display": album.artist.name}},
                "physical_support": {"media_number": 1, "track_number": track.number},
                "audio_info": {"maximum_bit_depth": album.bit_depth,
                               "maximum_sampling_rate": album.sampling_rate},
                "rights": {"streamable": track.streamable},
                "album": {"id": album.id, "title": album.title, "version": album.version,
                          "image": {"large": self._cover(album, "600")},
                          "genre": {"id": album.genre[0], "name": album.genre[1]}}}

    def playlist(self, playlist: Playlist) -> dict[str, Any]:
        albums = list(dict.fromkeys(track.album for track in playlist.tracks))[:4]
        return {"id": playlist.id, "name": playlist.name, "description": "", "is_public": True,
                "tracks_count": len(playlist.tracks),
                "duration": sum(track.duration for track in playlist.tracks),
                "created_at": 1_397_556_999, "updated_at": 1_420_193_674,
                "owner": {"id": 12345, "name": "somebody"},
                **{name: [self._cover(album, size) for album in albums]
                   for name, size in (("images", "50"), ("images150", "150"), ("images300", "300"))}}
