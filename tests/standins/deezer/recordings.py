"""What the songs of the catalogue sound like: silence, with every byte of it accountable."""
from __future__ import annotations

import functools

from .catalog import Track
from .. import flac, silence

FORMATS = ("FLAC", "MP3_320", "MP3_128")  # the best first
TYPES = {"FLAC": "audio/flac", "MP3_320": "audio/mpeg", "MP3_128": "audio/mpeg"}
FLAC_BYTES_PER_SECOND = 6000  # smaller than music, so that it is ciphered in no time


@functools.lru_cache(maxsize=32)
def _recording(track_id: int, name: str, seconds: int) -> bytes:
    label = f"track {track_id} {name}"
    if name == "FLAC":
        return flac.flac_silence(label, seconds, seconds * FLAC_BYTES_PER_SECOND)
    return silence.mp3_silence(label, seconds, 320000 if name == "MP3_320" else 128000)


def recording(track: Track, name: str) -> bytes:
    """The plain bytes of a song in one of FORMATS."""
    return _recording(track.id, name, track.duration)
