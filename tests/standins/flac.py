"""Valid FLAC silence: 16 bit, 44.1 kHz, stereo, with bytes of its own in a block for applications.

A constant subframe takes three bytes, so a whole song is small; what makes it as large as wanted is
an APPLICATION block between the stream's description and its frames (RFC 9639), which decoders skip.
"""
from __future__ import annotations

import functools

SAMPLE_RATE = 44100
BLOCK_SAMPLES = 4096
STREAMINFO, APPLICATION, LAST = 0, 2, 0x80


def _crc_table(polynomial: int, bits: int) -> list[int]:
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 & 1 else 0)
        table.append(value & (1 << bits) - 1)
    return table


CRC8, CRC16 = _crc_table(0x07, 8), _crc_table(0x8005, 16)


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = CRC8[value ^ byte]
    return value


def _crc16(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ CRC16[value >> 8 ^ byte]
    return value


def _block(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def _frame(number: int, samples: int) -> bytes:
    whole = samples == BLOCK_SAMPLES
    head = (bytes((0xFF, 0xF8, (0xC0 if whole else 0x70) | 0x09, 0x18)) + chr(number).encode()
            + (b"" if whole else (samples - 1).to_bytes(2, "big")))
    frame = head + bytes([_crc8(head)]) + bytes(3) * 2  # two constant subframes of 16 bits
    return frame + _crc16(frame).to_bytes(2, "big")


@functools.lru_cache(maxsize=64)
def flac_silence(label: str, seconds: int, label_bytes: int) -> bytes:
    """`seconds` of silence; `label_bytes` are filled with the label and where they are."""
    total = seconds * SAMPLE_RATE
    packed = SAMPLE_RATE << 44 | 1 << 41 | 15 << 36 | total
    info = (BLOCK_SAMPLES.to_bytes(2, "big") * 2 + bytes(6) + packed.to_bytes(8, "big") + bytes(16))
    lines = bytearray()
    while len(lines) < label_bytes:
        lines += f"{label} byte {len(lines)} ".encode("ascii", "replace")
    frames = [_frame(number, min(BLOCK_SAMPLES, total - start))
              for number, start in enumerate(range(0, total, BLOCK_SAMPLES))]
    return (b"fLaC" + _block(STREAMINFO, info) + _block(LAST | APPLICATION, b"test" + lines[:label_bytes])
            + b"".join(frames))
