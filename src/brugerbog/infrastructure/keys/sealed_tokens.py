"""Encrypted tokens that others carry and can't read, each valid for a while."""

from __future__ import annotations

import base64
import binascii
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json, to_json

from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, microseconds
from brugerbog.infrastructure.crypto.vault import ID_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.crypto.vault import TokenKey
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys

LOGIN_LIFETIME: Final = timedelta(minutes=10)
ACCESS_TOKEN_LIFETIME: Final = timedelta(hours=1)

_NONCE_SIZE: Final = 12


class SealedTokens:
    """Tokens encrypted under the token key, so that every process can decrypt them.

    A token is the key's id, a nonce and an AES-256-GCM ciphertext. The purpose is bound to it twice: the key
    is derived for it, and it is associated data.
    """

    def __init__(self, keys: InstallationKeys, clock: Clock, purpose: str, lifetime: timedelta) -> None:
        """Take a `purpose` for each kind of token: a token of one kind is invalid as another."""
        self._keys = keys
        self._clock = clock
        self._purpose = purpose
        self.lifetime = lifetime

    def seal(self, claims: Mapping[str, Any]) -> str:
        """A token with this content, fit for a cookie."""
        key, nonce = self._keys.token_key, os.urandom(_NONCE_SIZE)
        until = microseconds(self._clock.now() + self.lifetime)
        content = to_json({"until": until, "said": dict(claims)})
        ciphertext = self._cipher(key).encrypt(nonce, content, self._associated_data(key.id))
        return base64.urlsafe_b64encode(key.id + nonce + ciphertext).rstrip(b"=").decode()

    def seal_with_current_key(self, claims: Mapping[str, Any]) -> str:
        """As `seal`, with the key in use, which is read from the store. Raises: KeysMissing."""
        self._keys.refresh_token_key()
        return self.seal(claims)

    def open_with_current_key(self, token: str) -> dict[str, Any] | None:
        """As `open`; also None if another process has rotated the token's key. Raises: KeysMissing.

        The store is read only if the loaded key can decrypt the token.
        """
        if self.open(token) is None:
            return None
        self._keys.refresh_token_key()
        return self.open(token)

    def open(self, token: str) -> dict[str, Any] | None:
        """The content of a token; None if it has expired, lasts too long, or isn't ours.

        A rotation of the key in another process may not be known yet: see `open_with_current_key`.
        """
        try:
            sealed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        if sealed[:ID_SIZE] != self._keys.token_key.id:
            self._keys.poll_token_key()
        key, nonce_ends = self._keys.token_key, ID_SIZE + _NONCE_SIZE
        try:
            # The key's id is checked with the ciphertext, to which it is bound.
            decrypted = self._cipher(key).decrypt(
                sealed[ID_SIZE:nonce_ends], sealed[nonce_ends:], self._associated_data(sealed[:ID_SIZE])
            )
        except (InvalidTag, ValueError):
            return None
        content = from_json(decrypted)
        left = content["until"] - microseconds(self._clock.now())
        if not 0 < left <= (self.lifetime + MAX_CLOCK_SKEW) // timedelta(microseconds=1):
            return None
        claims: dict[str, Any] = content["said"]
        return claims

    def _cipher(self, key: TokenKey) -> AESGCM:
        return AESGCM(key.mac("ticket", self._purpose.encode()))

    def _associated_data(self, key_id: bytes) -> bytes:
        return key_id + self._purpose.encode()
