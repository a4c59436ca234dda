"""A strict player of packed MP3 lists (RFC 8216 §3.4, §4): anything odd is an error.

It follows a list as players do, relative to where it came from and without
adding anything of its own, and takes every segment apart frame by frame.
"""
from __future__ import annotations

import dataclasses
import re
import struct
from typing import Callable
from urllib.parse import urljoin

from .http import Answer

TIMESTAMP_OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
SAMPLE_RATES = (44100, 48000, 32000)
SAMPLES_PER_FRAME = 1152
CLOCK = 90_000
Fetch = Callable[[str], Answer]


@dataclasses.dataclass
class Segment:
    """One entry of a list, and what its bytes turned out to be."""

    duration_s: float
    target: str
    frames: bytes = b""
    begins_s: float = 0


def _frame_size(data: bytes, position: int) -> tuple[int, int]:
    """Size of the MPEG-1 Layer III frame there, and its sample rate."""
    first, second, third = data[position], data[position + 1], data[position + 2]
    assert first == 0xFF and second >> 1 == 0x7D, f"no frame at byte {position}"
    rate = SAMPLE_RATES[third >> 2 & 3]
    return 144_000 * BIT_RATES[third >> 4] // rate + (third >> 1 & 1), rate


def seconds_of(frames: bytes) -> float:
    """Playing time of nothing but whole frames."""
    position = count = 0
    rate = SAMPLE_RATES[0]
    while position < len(frames):
        size, rate = _frame_size(frames, position)
        position += size
        count += 1
    assert position == len(frames), "the last frame is cut"
    return count * SAMPLES_PER_FRAME / rate


def parse_list(text: str) -> list[Segment]:
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U" and lines[-1] == "#EXT-X-ENDLIST"
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in lines and "#EXT-X-MEDIA-SEQUENCE:0" in lines
    target_s = int(next(line for line in lines if line.startswith("#EXT-X-TARGETDURATION:")).partition(":")[2])
    segments = []
    for line, after in zip(lines, lines[1:]):
        found = re.fullmatch(r"#EXTINF:(\d+\.\d+),.*", line)
        if found:
            assert not after.startswith("#"), "an address follows each duration"
            segments.append(Segment(float(found[1]), after))
            assert round(segments[-1].duration_s) <= target_s
    return segments


def take_apart(answer: Answer) -> tuple[float, bytes]:
    """When a segment is due by its own tag, and its frames."""
    assert answer.status == 200 and answer.header("Content-Type") == "audio/mpeg"
    body = answer.body
    assert body[:5] == b"ID3\x04\x00"
    size = struct.unpack(">I", body[6:10])[0]
    tag, frames = body[10:10 + size], body[10 + size:]
    assert tag[:4] == b"PRIV" and struct.unpack(">I", tag[4:8])[0] == len(tag) - 10
    assert tag[10:].startswith(TIMESTAMP_OWNER)
    return struct.unpack(">Q", tag[10 + len(TIMESTAMP_OWNER):])[0] / CLOCK, frames


def play(fetch: Fetch, target: str) -> list[Segment]:
    """Plays a list, or the list that a master list names, to the end."""
    answer = fetch(target)
    assert answer.status == 200, f"{answer.status}: {answer.text[:300]}"
    assert answer.header("Content-Type") == "application/vnd.apple.mpegurl"
    if "#EXT-X-STREAM-INF" in answer.text:
        target = urljoin(target, answer.text.splitlines()[-1])
        answer = fetch(target)
        assert answer.status == 200, f"{answer.status}: {answer.text[:300]}"
    due_s = 0.0
    segments = parse_list(answer.text)
    for segment in segments:
        segment.begins_s, segment.frames = take_apart(fetch(urljoin(target, segment.target)))
        assert abs(segment.begins_s - due_s) < 0.001, "a segment is due when the one before is over"
        assert abs(seconds_of(segment.frames) - segment.duration_s) < 0.001, "it lasts as long as it says"
        due_s += segment.duration_s
    return segments
