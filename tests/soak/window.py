"""When failures are to be expected: from the begin of an upstream's restart to soon after it.

Shared between the processes of the soak. The clock is monotonic and the machine's, so all
agree about it.
"""
from __future__ import annotations

import multiprocessing
import time

GRACE_S = 3.0  # until everybody's connections have noticed
NEVER = 1e18


class Window:
    def __init__(self) -> None:
        self._begin = multiprocessing.Value("d", NEVER, lock=False)
        self._end = multiprocessing.Value("d", -NEVER, lock=False)

    def begin(self) -> None:
        self._end.value = NEVER
        self._begin.value = time.monotonic()

    def end(self) -> None:
        self._end.value = time.monotonic() + GRACE_S

    def overlaps(self, since: float) -> bool:
        """Whether the last restart touches the time from `since` to now."""
        return self._begin.value <= time.monotonic() and since <= self._end.value
