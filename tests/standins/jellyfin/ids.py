"""Jellyfin's ids: 32 hex digits, the MD5 of some UTF-16 text read as a GUID."""
from __future__ import annotations

import hashlib
import re
import uuid

EMPTY = "0" * 32
_GUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def made_from(text: str) -> str:
    """The id Jellyfin's GetMD5() gives to `text`."""
    return uuid.UUID(bytes_le=hashlib.md5(text.encode("utf-16-le")).digest()).hex


def parse(text: object) -> str | None:
    """32 lower-case digits, or None when `text` is no GUID in any spelling."""
    if not isinstance(text, str) or not _GUID.fullmatch(text.strip("{}")):
        return None
    return text.strip("{}").replace("-", "").lower()


def dashed(item_id: str) -> str:
    return str(uuid.UUID(item_id))
