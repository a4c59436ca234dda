"""Small WAV tunes from the standard library: another melody for every seed.

8 kHz, 8 bit, mono, so that a minute is 480 KB and still plays anywhere.
"""
from __future__ import annotations

import functools
import math
import random
import struct

SAMPLE_RATE = 8000
BIT_RATE = SAMPLE_RATE * 8
HEADER_BYTES = 44
NOTE_SAMPLES = SAMPLE_RATE // 4
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)


def wav_size(seconds: int) -> int:
    """Size in bytes of the file that `wav_tune` makes."""
    return HEADER_BYTES + seconds * SAMPLE_RATE


@functools.lru_cache(maxsize=None)
def _note(step: int) -> bytes:
    """A quarter second of one note, fading out so that repeats are audible."""
    frequency = 220.0 * 2 ** (step / 12)
    samples = bytearray()
    for i in range(NOTE_SAMPLES):
        fade = 1.0 - i / NOTE_SAMPLES
        samples.append(128 + int(80 * fade * math.sin(2 * math.pi * frequency * i / SAMPLE_RATE)))
    return bytes(samples)


@functools.lru_cache(maxsize=64)
def wav_tune(seed: str, seconds: int) -> bytes:
    """A WAV file of exactly `seconds`; the same seed gives the same bytes."""
    chance = random.Random(seed)
    size = seconds * SAMPLE_RATE
    body = b"".join(_note(chance.choice(SCALE)) for _ in range(size // NOTE_SAMPLES))
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1,
                         SAMPLE_RATE, SAMPLE_RATE, 1, 8, b"data", size)
    return header + body
