"""Seals personal data under a key of each user alone, and derives the digests by which he is found."""

from __future__ import annotations

import hmac
import os
import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.tree_hash import SALT_SIZE, commitment

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from uuid import UUID

    from brugerbog.domain.user.identity import Identity

KEY_SIZE: Final = 32
ID_SIZE: Final = 8
_NONCE_SIZE: Final = 12
_BOX_VERSION: Final = b"\x01"
_SEALED_TAG: Final = b"brugerbog-sealed-v1"
_WRAP_TAG: Final = b"brugerbog-wrap-v1"
_MASTER_TAG: Final = b"brugerbog-master-id-v1"
_INDEX_TAG: Final = b"brugerbog-index-id-v1"
_TOKEN_TAG: Final = b"brugerbog-token-id-v1"
_VERSION: Final = struct.Struct(">Q")


class DecryptionFailed(Exception):
    """A box or wrapped key doesn't open: the wrong key, or somebody has touched it."""


class MasterKeyUnknown(DecryptionFailed):
    """A key is wrapped by a master key that isn't here: it may have been changed meanwhile."""


class Wrapped(NamedTuple):
    """A key, closed; and the id of the master key that closed it."""

    ciphertext: bytes
    master_key_id: bytes


@dataclass(frozen=True, slots=True)
class IndexKey:
    """The key of the digests by which people are found, and its id, which the log knows it by."""

    id: bytes
    key: Secret[bytes]

    @classmethod
    def of(cls, key: Secret[bytes]) -> IndexKey:
        """A key with its id, which tells nothing of it."""
        return cls(_id_of(_INDEX_TAG, key), key)

    def digest(self, kind: str, scope: UUID, text: str) -> bytes:
        """The keyed 32-byte digest of who somebody is within a scope."""
        return _digest(self.key, kind, scope, text)

    def digest_of(self, scope: UUID, identity: Identity | None) -> bytes | None:
        """The digest of an identity within a scope, or of none."""
        return None if identity is None else self.digest(identity.kind, scope, identity.text)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key of everything that lets somebody in for a while, and its id, which the log knows it by.

    It seals access tokens, login tickets and page keys, is a part of every session's key, and authenticates
    the rows of mailed links and temporary codes and the events of organisations.
    """

    id: bytes
    key: Secret[bytes]

    @classmethod
    def of(cls, key: Secret[bytes]) -> TokenKey:
        """A key with its id, which tells nothing of it."""
        return cls(_id_of(_TOKEN_TAG, key), key)

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """The 32-byte HMAC of these parts; no two purposes and no two ways to part a text give the same."""
        message = b"".join(_sized(part) for part in (purpose.encode(), *parts))
        return hmac.digest(self.key.reveal(), message, "sha256")


class _MasterKeys(NamedTuple):
    current: bytes
    by_id: dict[bytes, AESGCM]


class Vault:
    """Holds the installation's keys in memory; opens and closes everything personal with them."""

    def __init__(self, *masters: Secret[bytes]) -> None:
        """Take master keys of 32 bytes, newest first."""
        self.use_master_keys(masters)
        self._index = IndexKey(b"", Secret(b""))
        self._memory = Secret(b"")
        self._tokens = TokenKey(b"", Secret(b""))

    def __repr__(self) -> str:
        return "<Vault>"

    def use_master_keys(self, keys: Sequence[Secret[bytes]], known: Container[bytes] | None = None) -> None:
        """Take other master keys. All open; the newest wraps, of those whose ids the store has as `known`."""
        by_id = {master_key_id(key): AESGCM(key.reveal()) for key in keys}
        fit = (one for one in by_id if known is None or one in known)
        # At one go: other threads wrap and unwrap meanwhile.
        self._masters = _MasterKeys(next(fit, b""), by_id)

    def limit_wrapping_to(self, known: Container[bytes]) -> None:
        """Wrap with the newest of the master keys here whose ids are known to the store; none may be."""
        by_id = self._masters.by_id
        self._masters = _MasterKeys(next((one for one in by_id if one in known), b""), by_id)

    @property
    def wrapping_key_id(self) -> bytes:
        """The id of the master key that wraps; empty when there is none that the store knows."""
        return self._masters.current

    @property
    def index_key(self) -> IndexKey:
        """The key of the claims."""
        return self._index

    def use_index_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte key of the claims."""
        self._index = IndexKey.of(key)

    @property
    def token_key(self) -> TokenKey:
        """The token key."""
        return self._tokens

    def use_token_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte token key."""
        self._tokens = TokenKey.of(key)

    def use_memory_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte key of what is remembered: of digests that can't be made anew."""
        self._memory = key

    def new_key(self) -> bytes:
        return os.urandom(KEY_SIZE)

    def wrap(self, name: bytes, key: bytes) -> Wrapped:
        """Close a key under the master key; `name` says whose it is and must be given to open it."""
        nonce = os.urandom(_NONCE_SIZE)
        current, by_id = self._masters
        return Wrapped(nonce + by_id[current].encrypt(nonce, key, _WRAP_TAG + name), current)

    def unwrap(self, name: bytes, box: bytes, master: bytes) -> bytes:
        """Open a wrapped key. Raises: DecryptionFailed; MasterKeyUnknown when the master key isn't here."""
        opener = self._masters.by_id.get(master)
        if opener is None:
            raise MasterKeyUnknown
        try:
            return opener.decrypt(box[:_NONCE_SIZE], box[_NONCE_SIZE:], _WRAP_TAG + name)
        except InvalidTag:
            raise DecryptionFailed from None

    def seal(self, key: bytes, place: bytes, personal: bytes) -> tuple[bytes, bytes]:
        """Close the personal JSON of one event; returns the box and the 32-byte commitment to it.

        `place` is what `place_of` says of the event; a box opens nowhere else.
        """
        fresh = os.urandom(_NONCE_SIZE + SALT_SIZE)
        nonce, salt = fresh[:_NONCE_SIZE], fresh[_NONCE_SIZE:]
        box = _BOX_VERSION + nonce + AESGCM(key).encrypt(nonce, salt + personal, place)
        return box, commitment(salt, personal)

    def open(self, key: bytes, place: bytes, box: bytes, committed: bytes) -> bytes:
        """Open a box and hold its content against the event's commitment; the personal JSON.

        Raises: DecryptionFailed.
        """
        return self.open_with_salt(key, place, box, committed)[1]

    def open_with_salt(self, key: bytes, place: bytes, box: bytes, committed: bytes) -> tuple[bytes, bytes]:
        """As `open`, with the salt before it, by which others can hold it against the commitment."""
        nonce_ends = 1 + _NONCE_SIZE
        try:
            content = AESGCM(key).decrypt(box[1:nonce_ends], box[nonce_ends:], place)
        except InvalidTag:
            raise DecryptionFailed from None
        salt, personal = content[:SALT_SIZE], content[SALT_SIZE:]
        if box[:1] != _BOX_VERSION or not hmac.compare_digest(commitment(salt, personal), committed):
            raise DecryptionFailed
        return salt, personal

    def digest(self, purpose: str, scope: UUID, *texts: str) -> bytes:
        """A keyed 32-byte digest of what is remembered: the same for the same texts in the same scope."""
        return _digest(self._memory, purpose, scope, *texts)


def master_key_id(key: Secret[bytes]) -> bytes:
    """The 8 bytes by which a store knows a master key."""
    return _id_of(_MASTER_TAG, key)


def _id_of(tag: bytes, key: Secret[bytes]) -> bytes:
    return sha256(tag + key.reveal()).digest()[:ID_SIZE]


def _digest(key: Secret[bytes], purpose: str, scope: UUID, *texts: str) -> bytes:
    message = _sized(purpose.encode()) + _sized(scope.bytes)
    for text in texts:
        message += _sized(text.encode())
    return hmac.digest(key.reveal(), message, "sha256")


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def place_of(organisation_id: bytes, stream_id: bytes, version: int) -> bytes:
    """The associated data of an event's box (docs/log-format.md)."""
    return b"".join((_SEALED_TAG, organisation_id, stream_id, _VERSION.pack(version)))
