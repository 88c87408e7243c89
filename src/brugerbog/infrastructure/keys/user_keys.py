"""The wrapped keys of users, apart from the log: destroying a key makes the user's ciphertexts unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from brugerbog.infrastructure.database.schema import user_keys
from brugerbog.infrastructure.database.statements import InList, Rows, uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing


class KeyAlreadyStored(Exception):
    """One of the new users has a key: another command has created the user, or began to."""


class UserKeyRing:
    """The store of the users' keys."""

    def __init__(self, backend: Backend, vault: Vault, master_key_ring: MasterKeyRing) -> None:
        self._backend = backend
        self._vault = vault
        self._master_keys = master_key_ring
        self._rows = Rows(user_keys, backend.keys)
        self._lookup = InList(
            lambda ids: select(user_keys.c.user_id, user_keys.c.wrapped, user_keys.c.master).where(
                user_keys.c.user_id.in_(ids)
            ),
            backend.keys,
        )
        self._native = backend.has_single_database

    def load(self, user_ids: Iterable[UUID], connection: Connection | None = None) -> dict[UUID, bytes]:
        """The keys that still exist, read on a connection if given.

        Raises: DecryptionFailed, MasterKeyWrong.
        """
        if connection is None:
            with self._backend.read_connection(self._backend.keys) as new_connection:
                return self.load(user_ids, new_connection)
        wanted = list(user_ids)
        return self._master_keys.with_current_keys(lambda: self._load(wanted, connection))

    def _load(self, wanted: list[UUID], connection: Connection) -> dict[UUID, bytes]:
        found, unwrap = self._lookup.rows(connection, wanted), self._vault.unwrap
        if self._native:
            return {
                user_id: unwrap(user_id.bytes, wrapped, master_key_id)
                for user_id, wrapped, master_key_id in found
            }
        return {uuid_of(name): unwrap(name, wrapped, master_key_id) for name, wrapped, master_key_id in found}

    def store(self, new: Mapping[UUID, bytes], made_at: int, connection: Connection | None) -> None:
        """Store new keys: in the log's transaction if both are in one database, else before it.

        `made_at` is in microseconds. Raises: KeyAlreadyStored, in the latter case.
        """
        if connection is not None:
            self._rows.insert(connection, self._wrapped(new, made_at))
            return
        try:
            with self._backend.write_transaction(self._backend.keys) as new_connection:
                self._rows.insert(new_connection, self._wrapped(new, made_at))
        except IntegrityError:
            if not self.reload_master_key():
                raise KeyAlreadyStored from None
            self.store(new, made_at, None)

    def reload_master_key(self) -> bool:
        """Whether keys couldn't be stored since the master key had been rotated.

        The new one wraps from now on.
        """
        return self._master_keys.reload_if_replaced()

    def _wrapped(self, new: Mapping[UUID, bytes], made_at: int) -> list[tuple[object, ...]]:
        wrap, native = self._vault.wrap, self._native
        return [
            (user_id if native else user_id.bytes, *wrap(user_id.bytes, key), made_at)
            for user_id, key in new.items()
        ]

    def reuse(self, user_ids: Iterable[UUID], made_at: int) -> dict[UUID, bytes]:
        """Load keys that a command which was cut off had made, as if they were made now."""
        wanted = list(user_ids)
        with self._backend.write_transaction(self._backend.keys) as connection:
            connection.execute(
                update(user_keys).where(user_keys.c.user_id.in_(wanted)).values(made_at=made_at)
            )
            return self.load(wanted, connection)

    def destroy(self, user_ids: Iterable[UUID]) -> None:
        """Destroy keys for good; a missing key is no error."""
        with self._backend.write_transaction(self._backend.keys) as connection:
            connection.execute(delete(user_keys).where(user_keys.c.user_id.in_(list(user_ids))))
