"""A clock that tests can move: real time plus an offset that only grows."""
from __future__ import annotations

import datetime
import time


class Clock:
    """Seconds since start (`monotonic`) and UTC time (`utc`), both movable."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def advance(self, milliseconds: float) -> None:
        if milliseconds < 0:
            raise ValueError("a clock does not go back")
        self._offset_s += milliseconds / 1000.0

    def monotonic(self) -> float:
        return time.monotonic() + self._offset_s

    def unix(self) -> float:
        return time.time() + self._offset_s

    def utc(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.unix(), datetime.timezone.utc)
