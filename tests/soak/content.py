"""Bytes that follow from a seed and an offset, so that both ends know them without talking.

A target that has `soak=SEED.SIZE` in its query, whatever its path, is answered by the soak's
upstream with SIZE such bytes; `soak=SEED.SIZE.chunked` has no length.
"""
from __future__ import annotations

import random
import re
from typing import NamedTuple

PERIOD = (1 << 20) + 7  # no multiple of anybody's buffer
BLOCK = 1 << 16
_TWICE = memoryview(random.Random(20261121).randbytes(PERIOD) * 2)
_QUERY = re.compile(r"[?&]soak=(\d+)\.(\d+)(\.chunked)?(?:&|$)")


class Content(NamedTuple):
    seed: int
    size: int
    is_chunked: bool = False

    def query(self) -> str:
        return f"soak={self.seed}.{self.size}{'.chunked' if self.is_chunked else ''}"

    def block(self, offset: int, size: int) -> memoryview:
        """At most PERIOD bytes from `offset`; the caller stays within the content's size."""
        start = (self.seed * 2654435761 + offset) % PERIOD
        return _TWICE[start:start + size]

    def bytes(self, offset: int = 0, size: int | None = None) -> bytes:
        end = self.size if size is None else offset + size
        return b"".join(self.block(at, min(BLOCK, end - at)) for at in range(offset, end, BLOCK))


def content_of(target: str) -> Content | None:
    match = _QUERY.search(target)
    return Content(int(match[1]), int(match[2]), match[3] is not None) if match else None
