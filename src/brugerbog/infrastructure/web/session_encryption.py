"""Seals what a browser's session keeps under a key that takes the browser's cookie and the token key."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from brugerbog.domain.kernel.privacy import Secret
    from brugerbog.infrastructure.crypto.vault import TokenKey

_NONCE_SIZE: Final = 12
_KEY_SIZE: Final = 32


class SessionDecryptionFailed(Exception):
    """Another session's box, or one that somebody has touched."""


class SessionCipher:
    """Closes and opens boxes for a process with the token key that is shown the session's token.

    The store has neither; whoever writes in it with a token of their own lacks the key. What a box is `about`
    is bound to it: elsewhere it doesn't open.
    """

    def __init__(self, token: Secret[str], key: TokenKey) -> None:
        salt = key.mac("session-box")
        derive = HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=salt, info=b"brugerbog-session-v2")
        self._box = AESGCM(derive.derive(token.reveal().encode("utf-8", "surrogatepass")))

    def encrypt(self, content: bytes, about: bytes = b"") -> bytes:
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._box.encrypt(nonce, content, about)

    def decrypt(self, box: bytes, about: bytes = b"") -> bytes:
        """Raises: SessionDecryptionFailed."""
        try:
            return self._box.decrypt(box[:_NONCE_SIZE], box[_NONCE_SIZE:], about)
        except (InvalidTag, ValueError):
            raise SessionDecryptionFailed from None
