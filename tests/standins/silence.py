"""Valid MP3 silence: MPEG-1 Layer III, 128 or 320 kbit/s, 44.1 kHz, stereo.

A frame whose side information is all zero decodes to silence, whatever
follows it: the rest is ancillary data. We put a label there, so every track
has its own bytes and a wrong Range is noticed.
"""
from __future__ import annotations

import functools

BIT_RATE = 128000
SAMPLE_RATE = 44100
SAMPLES_PER_FRAME = 1152
SIDE_INFO_BYTES = 32
BIT_RATES = {128000: 0x90, 320000: 0xE0}  # as a frame's header has them


@functools.lru_cache(maxsize=128)
def mp3_silence(label: str, seconds: int = 30, bit_rate: int = BIT_RATE) -> bytes:
    """At least `seconds` of silence in whole frames, of 417 or 418 bytes at 128 kbit/s."""
    frames = -(-seconds * SAMPLE_RATE // SAMPLES_PER_FRAME)
    result = bytearray()
    remainder = 0
    for number in range(frames):
        remainder += 144 * bit_rate % SAMPLE_RATE
        padding = remainder >= SAMPLE_RATE
        if padding:
            remainder -= SAMPLE_RATE
        size = 144 * bit_rate // SAMPLE_RATE + padding
        frame = bytes((0xFF, 0xFB, BIT_RATES[bit_rate] | padding << 1, 0x00)) + bytes(SIDE_INFO_BYTES)
        note = f"{label} frame {number} ".encode("ascii", "replace")
        room = size - len(frame)
        result += frame + (note * (room // len(note) + 1))[:room]
    return bytes(result)


def duration_ms(data: bytes) -> int:
    """Playing time of what `mp3_silence` made, by walking its frames."""
    position = frames = 0
    while position + 4 <= len(data):
        if data[position] != 0xFF or data[position + 1] != 0xFB:
            raise ValueError(f"no frame at byte {position}")
        position += 144 * BIT_RATE // SAMPLE_RATE + (data[position + 2] >> 1 & 1)
        frames += 1
    return frames * SAMPLES_PER_FRAME * 1000 // SAMPLE_RATE
