"""Encrypted page cursors, each valid for the lists of one organisation."""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json, to_json

from brugerbog.application.refusals.requests import CursorInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from brugerbog.infrastructure.crypto.vault import Vault

_NONCE_SIZE: Final = 12


class SealedCursors:
    """Cursors encrypted under a key derived from the installation's token key."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, scope: UUID, sort_key: Sequence[str | int]) -> str:
        nonce = os.urandom(_NONCE_SIZE)
        ciphertext = self._key(scope).encrypt(nonce, to_json(list(sort_key)), None)
        return base64.urlsafe_b64encode(nonce + ciphertext).rstrip(b"=").decode()

    def open(self, scope: UUID, cursor: str) -> list[Any]:
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            sort_key: list[Any] = from_json(
                self._key(scope).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], None)
            )
        except (binascii.Error, InvalidTag, ValueError):
            raise CursorInvalid from None
        return sort_key

    def _key(self, scope: UUID) -> AESGCM:
        return AESGCM(self._vault.token_key.mac("cursor", scope.bytes))
