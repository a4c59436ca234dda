"""The cipher of full tracks, from the other side: what the program has to undo.

Every third chunk of 2048 bytes that is full, beginning with the first, is Blowfish in CBC mode with
one and the same start value. The key follows from the song's id and a secret, which is whatever
the test has made up.
"""
from __future__ import annotations

import hashlib
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.utils import CryptographyDeprecationWarning

with warnings.catch_warnings():
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    from cryptography.hazmat.primitives.ciphers.algorithms import Blowfish

CHUNK, PERIOD = 2048, 3
START = bytes(range(8))


def key_of(song_id: int, secret: str) -> bytes:
    digest = hashlib.md5(str(song_id).encode()).hexdigest().encode()
    return bytes(digest[i] ^ digest[i + 16] ^ ord(secret[i]) for i in range(16))


def cipher(plain: bytes, song_id: int, secret: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        algorithm = Cipher(Blowfish(key_of(song_id, secret)), modes.CBC(START))
    result = bytearray(plain)
    for at in range(0, len(plain) - CHUNK + 1, CHUNK * PERIOD):
        result[at:at + CHUNK] = algorithm.encryptor().update(plain[at:at + CHUNK])
    return bytes(result)
