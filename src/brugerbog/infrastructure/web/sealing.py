"""Seals what a browser's session keeps under a key that only the browser's cookie gives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from brugerbog.domain.privacy import Secret

_NONCE_SIZE: Final = 12
_KEY_SIZE: Final = 32


class BoxBroken(Exception):
    """Another session's box, or one that somebody has touched."""


class SessionSeal:
    """Closes and opens boxes for whoever has the token; the store, which has only its digest, can't."""

    def __init__(self, token: Secret[str]) -> None:
        derive = HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=None, info=b"brugerbog-session-v1")
        self._box = AESGCM(derive.derive(token.reveal().encode()))

    def close(self, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._box.encrypt(nonce, content, None)

    def open(self, box: bytes) -> bytes:
        """Raises: BoxBroken."""
        try:
            return self._box.decrypt(box[:_NONCE_SIZE], box[_NONCE_SIZE:], None)
        except (InvalidTag, ValueError):
            raise BoxBroken from None
