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

from brugerbog.application.ports import NOWHERE
from brugerbog.domain.instants import microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.ports import Clock
    from brugerbog.infrastructure.vault import Vault

TO_THE_BROKER_AND_BACK: Final = timedelta(minutes=10)
ACCESS: Final = timedelta(hours=1)
_NONCE_SIZE: Final = 12


class SealedTickets:
    """Seals and opens tickets under a key of the installation's, so that any process opens them."""

    def __init__(self, vault: Vault, clock: Clock, purpose: str, good_for: timedelta) -> None:
        """Take a `purpose` of its own for each kind of ticket: one kind never passes for another."""
        self._vault = vault
        self._clock = clock
        self._purpose = purpose
        self.good_for = good_for

    def seal(self, said: Mapping[str, Any]) -> str:
        """A ticket, as a cookie may hold it."""
        nonce = os.urandom(_NONCE_SIZE)
        until = microseconds(self._clock.now() + self.good_for)
        box = self._key().encrypt(nonce, to_json({"until": until, "said": dict(said)}), None)
        return base64.urlsafe_b64encode(nonce + box).rstrip(b"=").decode()

    def open(self, ticket: str) -> dict[str, Any] | None:
        """What was said; None of a ticket that is too old, or none of ours."""
        try:
            sealed = base64.urlsafe_b64decode(ticket.encode("ascii") + b"=" * (-len(ticket) % 4))
            told = from_json(self._key().decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], None))
        except (binascii.Error, InvalidTag, ValueError):
            return None
        if microseconds(self._clock.now()) >= told["until"]:
            return None
        said: dict[str, Any] = told["said"]
        return said

    def _key(self) -> AESGCM:
        return AESGCM(self._vault.digest(self._purpose, NOWHERE))
