"""The keys that belong to nobody alone: of the claims, of what is remembered, and those that sign."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, insert, select

from brugerbog.application.store_errors import KeysMissing
from brugerbog.domain.privacy import Secret
from brugerbog.infrastructure.store.schema import head, installation_keys
from brugerbog.infrastructure.vault import KEY_SIZE, IndexKey

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.store.masters import Masters
    from brugerbog.infrastructure.vault import Vault

INDEX: Final = "index"
MEMORY: Final = "memory"
SIGNING: Final = "signing"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One of the installation's keys; `id` is derived from it and tells nothing of it."""

    id: bytes
    key: Secret[bytes]


def new_key(name: str) -> OwnKey:
    """A key drawn at random, with the id that keys of that name have: of one that signs, the public key."""
    key = Secret(os.urandom(KEY_SIZE))
    if name == SIGNING:
        return OwnKey(Ed25519PrivateKey.from_private_bytes(key.reveal()).public_key().public_bytes_raw(), key)
    return OwnKey(IndexKey.of(key).id, key)


def own_name(name: str, key_id: bytes) -> bytes:
    """Whose a wrapped key of the installation is, as the vault is told."""
    return name.encode() + b":" + key_id


def add_key(connection: Connection, vault: Vault, name: str, new: OwnKey) -> None:
    """Store a key as the newest of its name."""
    made = select(func.max(installation_keys.c.generation)).where(installation_keys.c.name == name)
    wrapped = vault.wrap(own_name(name, new.id), new.key.reveal())
    connection.execute(
        insert(installation_keys).values(
            name=name,
            generation=(connection.execute(made).scalar() or 0) + 1,
            id=new.id,
            wrapped=wrapped.box,
            master=wrapped.master,
        )
    )


class InstallationKeys:
    """Finds, adds and forgets them, and brings the vault those that every command needs.

    `has_left_over` tells that, when last looked at, the key of the claims was not the only one.
    """

    def __init__(self, backend: Backend, vault: Vault, masters: Masters) -> None:
        self._backend = backend
        self._vault = vault
        self._masters = masters
        self.has_left_over = False

    def unlock(self) -> None:
        """Bring the vault the keys of claims and memory. Raises: KeysMissing, MasterKeyWrong, SealBroken."""
        remembering = self.find(MEMORY)
        if not remembering:
            raise KeysMissing
        self._vault.use_memory_key(remembering[0].key)
        # Others may be changing it just now: then the head names the next one.
        if not any(self.follow_index(self.index_in_use()) for _ in range(3)):
            raise KeysMissing

    def index_in_use(self) -> bytes:
        """The id of the key that the claims are made with."""
        with self._backend.reading(self._backend.log) as connection:
            return bytes(connection.execute(select(head.c.index_key)).scalar_one())

    def follow_index(self, wanted: bytes) -> bool:
        """Bring the vault that key of the claims; False when there is none such any more."""
        stored = self.find(INDEX)
        self.has_left_over = len(stored) > 1
        found = next((one for one in stored if one.id == wanted), None)
        if found is not None:
            self._vault.use_index_key(found.key)
        return found is not None

    def find(self, name: str) -> list[OwnKey]:
        """The keys of a name, newest first. Raises: MasterKeyWrong, SealBroken."""
        return self._masters.opening(lambda: self._opened(name))

    def _opened(self, name: str) -> list[OwnKey]:
        stored = (
            select(installation_keys)
            .where(installation_keys.c.name == name)
            .order_by(installation_keys.c.generation.desc())
        )
        with self._backend.reading(self._backend.keys) as connection:
            rows = connection.execute(stored).all()
        return [
            OwnKey(
                bytes(row.id),
                Secret(self._vault.unwrap(own_name(name, bytes(row.id)), row.wrapped, bytes(row.master))),
            )
            for row in rows
        ]

    def add(self, name: str, new: OwnKey) -> None:
        """Store a key as the newest of its name, on disk before this returns."""
        with self._backend.writing(self._backend.keys) as connection:
            add_key(connection, self._vault, name, new)

    def forget(self, name: str, *, but: bytes) -> int:
        """Destroy all keys of a name but one; returns how many."""
        others = (installation_keys.c.name == name) & (installation_keys.c.id != but)
        with self._backend.writing(self._backend.keys) as connection:
            return connection.execute(delete(installation_keys).where(others)).rowcount
