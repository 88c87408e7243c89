"""Encryption of session data under a key derived from the browser's cookie and the token key."""

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
    """The ciphertext belongs to another session, or was changed."""


class SessionCipher:
    """Encryption for a process with the token key that is shown the session's token.

    The store has neither; an attacker who writes rows with a token of their own lacks the key. A ciphertext
    can't be decrypted with other associated data.
    """

    def __init__(self, token: Secret[str], key: TokenKey) -> None:
        salt = key.mac("session-box")
        derive = HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=salt, info=b"brugerbog-session-v2")
        self._aesgcm = AESGCM(derive.derive(token.reveal().encode("utf-8", "surrogatepass")))

    def encrypt(self, content: bytes, associated_data: bytes = b"") -> bytes:
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._aesgcm.encrypt(nonce, content, associated_data)

    def decrypt(self, ciphertext: bytes, associated_data: bytes = b"") -> bytes:
        """Raises: SessionDecryptionFailed."""
        try:
            return self._aesgcm.decrypt(ciphertext[:_NONCE_SIZE], ciphertext[_NONCE_SIZE:], associated_data)
        except (InvalidTag, ValueError):
            raise SessionDecryptionFailed from None
