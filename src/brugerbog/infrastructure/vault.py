"""Seals personal data under a key of each user alone, and derives the digests by which he is found."""

from __future__ import annotations

import hmac
import os
import struct
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from brugerbog.infrastructure.proof import SALT_SIZE, commitment

if TYPE_CHECKING:
    from uuid import UUID

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12
_BOX_VERSION: Final = b"\x01"
_SEALED_TAG: Final = b"brugerbog-sealed-v1"
_WRAP_TAG: Final = b"brugerbog-wrap-v1"
_VERSION: Final = struct.Struct(">Q")


class SealBroken(Exception):
    """A box or wrapped key doesn't open: the wrong key, or somebody has touched it."""


class Vault:
    """Holds the installation's master key in memory; opens and closes everything personal with it."""

    def __init__(self, master_key: bytes) -> None:
        """Take the 32-byte master key."""
        self._master = AESGCM(master_key)
        self._index_key = b""

    def __repr__(self) -> str:
        return "<Vault>"

    def use_index_key(self, key: bytes) -> None:
        """Take the 32-byte key of all digests; it is apart from the master key."""
        self._index_key = key

    def new_key(self) -> bytes:
        return os.urandom(KEY_SIZE)

    def wrap(self, name: bytes, key: bytes) -> bytes:
        """Close a key under the master key; `name` says whose it is and must be given to open it."""
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._master.encrypt(nonce, key, _WRAP_TAG + name)

    def unwrap(self, name: bytes, wrapped: bytes) -> bytes:
        """Open a wrapped key. Raises: SealBroken."""
        try:
            return self._master.decrypt(wrapped[:_NONCE_SIZE], wrapped[_NONCE_SIZE:], _WRAP_TAG + name)
        except InvalidTag:
            raise SealBroken from None

    def seal(self, key: bytes, place: bytes, personal: bytes) -> tuple[bytes, bytes]:
        """Close the personal JSON of one event; returns the box and the 32-byte commitment to it.

        `place` is what `place_of` says of the event; a box opens nowhere else.
        """
        fresh = os.urandom(_NONCE_SIZE + SALT_SIZE)
        nonce, salt = fresh[:_NONCE_SIZE], fresh[_NONCE_SIZE:]
        box = _BOX_VERSION + nonce + AESGCM(key).encrypt(nonce, salt + personal, place)
        return box, commitment(salt, personal)

    def open(self, key: bytes, place: bytes, box: bytes, committed: bytes) -> bytes:
        """Open a box and hold its content against the event's commitment.

        Raises: SealBroken.
        """
        nonce_ends = 1 + _NONCE_SIZE
        try:
            content = AESGCM(key).decrypt(box[1:nonce_ends], box[nonce_ends:], place)
        except InvalidTag:
            raise SealBroken from None
        salt, personal = content[:SALT_SIZE], content[SALT_SIZE:]
        if box[:1] != _BOX_VERSION or not hmac.compare_digest(commitment(salt, personal), committed):
            raise SealBroken
        return personal

    def digest(self, purpose: str, scope: UUID, *texts: str) -> bytes:
        """A keyed 32-byte digest: the same for the same texts in the same scope, telling nothing of them."""
        message = _sized(purpose.encode()) + _sized(scope.bytes)
        for text in texts:
            message += _sized(text.encode())
        return hmac.digest(self._index_key, message, "sha256")


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def place_of(organisation_id: bytes, stream_id: bytes, version: int) -> bytes:
    """The associated data of an event's box (docs/log-format.md)."""
    return b"".join((_SEALED_TAG, organisation_id, stream_id, _VERSION.pack(version)))
