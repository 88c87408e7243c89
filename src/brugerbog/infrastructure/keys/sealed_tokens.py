"""What others carry for us and can't read: sealed by us, and good for a while."""

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
    """Seals and opens tickets under the token key, so that any process opens them.

    A ticket is the key's id, a nonce and an AES-256-GCM ciphertext, to which the purpose is bound twice: the
    key is derived for it, and it is associated data.
    """

    def __init__(self, keys: InstallationKeys, clock: Clock, purpose: str, lifetime: timedelta) -> None:
        """Take a `purpose` of its own for each kind of ticket: one kind never passes for another."""
        self._keys = keys
        self._clock = clock
        self._purpose = purpose
        self.lifetime = lifetime

    def seal(self, said: Mapping[str, Any]) -> str:
        """A ticket, as a cookie may hold it."""
        key, nonce = self._keys.token_key, os.urandom(_NONCE_SIZE)
        until = microseconds(self._clock.now() + self.lifetime)
        content = to_json({"until": until, "said": dict(said)})
        box = self._opener(key).encrypt(nonce, content, self._bound(key.id))
        return base64.urlsafe_b64encode(key.id + nonce + box).rstrip(b"=").decode()

    def seal_with_current_key(self, said: Mapping[str, Any]) -> str:
        """As `seal`, with the key in use, for which the store is asked. Raises: KeysMissing."""
        self._keys.refresh_token_key()
        return self.seal(said)

    def open_with_current_key(self, ticket: str) -> dict[str, Any] | None:
        """As `open`, and None of a ticket whose key another process has changed. Raises: KeysMissing.

        The store is asked for that, but not about what isn't a ticket.
        """
        if self.open(ticket) is None:
            return None
        self._keys.refresh_token_key()
        return self.open(ticket)

    def open(self, ticket: str) -> dict[str, Any] | None:
        """What was said; None of a ticket that is too old, lasts too long, or is none of ours.

        A change of the key in another process may be unknown here yet: see `open_with_current_key`.
        """
        try:
            sealed = base64.urlsafe_b64decode(ticket.encode("ascii") + b"=" * (-len(ticket) % 4))
        except (binascii.Error, ValueError):
            return None
        if sealed[:ID_SIZE] != self._keys.token_key.id:
            self._keys.poll_token_key()
        key, nonce_ends = self._keys.token_key, ID_SIZE + _NONCE_SIZE
        try:
            # The key's id is checked with the ciphertext, to which it is bound.
            opened = self._opener(key).decrypt(
                sealed[ID_SIZE:nonce_ends], sealed[nonce_ends:], self._bound(sealed[:ID_SIZE])
            )
        except (InvalidTag, ValueError):
            return None
        told = from_json(opened)
        left = told["until"] - microseconds(self._clock.now())
        if not 0 < left <= (self.lifetime + MAX_CLOCK_SKEW) // timedelta(microseconds=1):
            return None
        said: dict[str, Any] = told["said"]
        return said

    def _opener(self, key: TokenKey) -> AESGCM:
        return AESGCM(key.mac("ticket", self._purpose.encode()))

    def _bound(self, key_id: bytes) -> bytes:
        return key_id + self._purpose.encode()
