"""AES-GCM encryption of personal data under one key per user, key wrapping, and digests for look-ups."""

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
_CIPHERTEXT_VERSION: Final = b"\x01"
_SEALED_TAG: Final = b"brugerbog-sealed-v1"
_WRAP_TAG: Final = b"brugerbog-wrap-v1"
_MASTER_TAG: Final = b"brugerbog-master-id-v1"
_INDEX_TAG: Final = b"brugerbog-index-id-v1"
_TOKEN_TAG: Final = b"brugerbog-token-id-v1"
_VERSION: Final = struct.Struct(">Q")


class DecryptionFailed(Exception):
    """A ciphertext or wrapped key can't be decrypted: wrong key, or changed bytes."""


class MasterKeyUnknown(DecryptionFailed):
    """A key is wrapped by a master key that isn't loaded, perhaps since the master key was rotated."""


class Wrapped(NamedTuple):
    """A wrapped key, and the id of the master key that wraps it."""

    ciphertext: bytes
    master_key_id: bytes


@dataclass(frozen=True, slots=True)
class IndexKey:
    """The key of the digests by which users are found, and its id, by which the log refers to it."""

    id: bytes
    key: Secret[bytes]

    @classmethod
    def of(cls, key: Secret[bytes]) -> IndexKey:
        """A key with its id, which reveals nothing about the key."""
        return cls(_id_of(_INDEX_TAG, key), key)

    def digest(self, kind: str, scope: UUID, text: str) -> bytes:
        """The keyed 32-byte digest of an identity within a scope."""
        return _digest(self.key, kind, scope, text)

    def digest_of(self, scope: UUID, identity: Identity | None) -> bytes | None:
        """The digest of an identity within a scope; None for no identity."""
        return None if identity is None else self.digest(identity.kind, scope, identity.text)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key of all temporary access, and its id, by which the log refers to it.

    It encrypts access tokens, login tokens and page cursors, is part of every session's key, and
    authenticates the rows of mailed links and temporary codes and the events of organisations.
    """

    id: bytes
    key: Secret[bytes]

    @classmethod
    def of(cls, key: Secret[bytes]) -> TokenKey:
        """A key with its id, which reveals nothing about the key."""
        return cls(_id_of(_TOKEN_TAG, key), key)

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """The 32-byte HMAC of these parts.

        Each purpose, and each split of a text into parts, has its own code.
        """
        message = b"".join(_length_prefixed(part) for part in (purpose.encode(), *parts))
        return hmac.digest(self.key.reveal(), message, "sha256")


class _MasterKeys(NamedTuple):
    current: bytes
    by_id: dict[bytes, AESGCM]


class Vault:
    """The installation's keys in memory, and all encryption under them."""

    def __init__(self, *master_keys: Secret[bytes]) -> None:
        """Take master keys of 32 bytes, newest first."""
        self.use_master_keys(master_keys)
        self._index = IndexKey(b"", Secret(b""))
        self._memory = Secret(b"")
        self._tokens = TokenKey(b"", Secret(b""))

    def __repr__(self) -> str:
        return "<Vault>"

    def use_master_keys(self, keys: Sequence[Secret[bytes]], known: Container[bytes] | None = None) -> None:
        """Replace the master keys, newest first.

        All of them unwrap; the newest wraps, of those whose ids are in `known`, the ids that the store knows.
        """
        by_id = {master_key_id(key): AESGCM(key.reveal()) for key in keys}
        usable = (key_id for key_id in by_id if known is None or key_id in known)
        # One assignment: other threads wrap and unwrap meanwhile.
        self._master_keys = _MasterKeys(next(usable, b""), by_id)

    def limit_wrapping_to(self, known: Container[bytes]) -> None:
        """Wrap with the newest loaded master key whose id is in `known`; with none if there is none."""
        by_id = self._master_keys.by_id
        self._master_keys = _MasterKeys(next((key_id for key_id in by_id if key_id in known), b""), by_id)

    @property
    def wrapping_key_id(self) -> bytes:
        """The id of the master key that wraps; empty if the store knows none of the loaded ones."""
        return self._master_keys.current

    @property
    def index_key(self) -> IndexKey:
        """The key of the identity reservations."""
        return self._index

    def use_index_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte key of the identity reservations."""
        self._index = IndexKey.of(key)

    @property
    def token_key(self) -> TokenKey:
        """The token key."""
        return self._tokens

    def use_token_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte token key."""
        self._tokens = TokenKey.of(key)

    def use_memory_key(self, key: Secret[bytes]) -> None:
        """Take the 32-byte memory key, for digests that can't be recomputed."""
        self._memory = key

    def new_key(self) -> bytes:
        return os.urandom(KEY_SIZE)

    def wrap(self, name: bytes, key: bytes) -> Wrapped:
        """Encrypt a key under the master key.

        `name` is the key's owner, and unwrapping takes the same name.
        """
        nonce = os.urandom(_NONCE_SIZE)
        current, by_id = self._master_keys
        return Wrapped(nonce + by_id[current].encrypt(nonce, key, _WRAP_TAG + name), current)

    def unwrap(self, name: bytes, ciphertext: bytes, master_key_id: bytes) -> bytes:
        """Decrypt a wrapped key.

        Raises: DecryptionFailed; MasterKeyUnknown when the master key isn't loaded.
        """
        cipher = self._master_keys.by_id.get(master_key_id)
        if cipher is None:
            raise MasterKeyUnknown
        try:
            return cipher.decrypt(ciphertext[:_NONCE_SIZE], ciphertext[_NONCE_SIZE:], _WRAP_TAG + name)
        except InvalidTag:
            raise DecryptionFailed from None

    def seal(self, key: bytes, associated_data: bytes, personal: bytes) -> tuple[bytes, bytes]:
        """Encrypt the personal JSON of one event.

        Returns the ciphertext and the 32-byte commitment to the JSON.

        `associated_data` is what `event_associated_data` returns; with any other, decryption fails.
        """
        random = os.urandom(_NONCE_SIZE + SALT_SIZE)
        nonce, salt = random[:_NONCE_SIZE], random[_NONCE_SIZE:]
        ciphertext = (
            _CIPHERTEXT_VERSION + nonce + AESGCM(key).encrypt(nonce, salt + personal, associated_data)
        )
        return ciphertext, commitment(salt, personal)

    def open(
        self, key: bytes, associated_data: bytes, ciphertext: bytes, expected_commitment: bytes
    ) -> bytes:
        """Decrypt the personal JSON of one event, and check it against the event's commitment.

        Raises: DecryptionFailed.
        """
        return self.open_with_salt(key, associated_data, ciphertext, expected_commitment)[1]

    def open_with_salt(
        self, key: bytes, associated_data: bytes, ciphertext: bytes, expected_commitment: bytes
    ) -> tuple[bytes, bytes]:
        """As `open`, after the salt, with which others can check the JSON against the commitment."""
        nonce_ends = 1 + _NONCE_SIZE
        try:
            content = AESGCM(key).decrypt(ciphertext[1:nonce_ends], ciphertext[nonce_ends:], associated_data)
        except InvalidTag:
            raise DecryptionFailed from None
        salt, personal = content[:SALT_SIZE], content[SALT_SIZE:]
        if ciphertext[:1] != _CIPHERTEXT_VERSION or not hmac.compare_digest(
            commitment(salt, personal), expected_commitment
        ):
            raise DecryptionFailed
        return salt, personal

    def digest(self, purpose: str, scope: UUID, *texts: str) -> bytes:
        """The keyed 32-byte digest of texts under the memory key: equal for equal texts in one scope."""
        return _digest(self._memory, purpose, scope, *texts)


def master_key_id(key: Secret[bytes]) -> bytes:
    """The 8 bytes by which a store refers to a master key."""
    return _id_of(_MASTER_TAG, key)


def _id_of(tag: bytes, key: Secret[bytes]) -> bytes:
    return sha256(tag + key.reveal()).digest()[:ID_SIZE]


def _digest(key: Secret[bytes], purpose: str, scope: UUID, *texts: str) -> bytes:
    message = _length_prefixed(purpose.encode()) + _length_prefixed(scope.bytes)
    for text in texts:
        message += _length_prefixed(text.encode())
    return hmac.digest(key.reveal(), message, "sha256")


def _length_prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def event_associated_data(organisation_id: bytes, stream_id: bytes, version: int) -> bytes:
    """The associated data of an event's ciphertext (docs/log-format.md)."""
    return b"".join((_SEALED_TAG, organisation_id, stream_id, _VERSION.pack(version)))
