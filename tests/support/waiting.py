"""Waiting for a condition instead of for a time."""
from __future__ import annotations

import time
from typing import Callable, TypeVar

Value = TypeVar("Value")
INTERVAL_S = 0.01


def wait_for(condition: Callable[[], Value], timeout_s: float = 5.0, what: str = "") -> Value:
    """The first true value of `condition`, asked again and again; AssertionError when it stays false."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_s} s still not: {what or condition}; last value {value!r}")
        time.sleep(INTERVAL_S)


def stays_true(condition: Callable[[], Value], duration_s: float, what: str = "") -> None:
    """Fail as soon as `condition` is false within `duration_s`."""
    deadline = time.monotonic() + duration_s
    while time.monotonic() < deadline:
        assert condition(), f"no longer: {what or condition}"
        time.sleep(INTERVAL_S)
