"""The wrapped keys of users, apart from the log: destroying one destroys what was sealed under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from brugerbog.infrastructure.store.schema import user_keys
from brugerbog.infrastructure.store.statements import InList, Rows, uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.vault import Vault


class KeyKept(Exception):
    """One of the new users has a key: somebody has begun him already, or tried to."""


class KeyRing:
    """Finds, makes and destroys the keys of users."""

    def __init__(self, backend: Backend, vault: Vault) -> None:
        self._backend = backend
        self._vault = vault
        self._rows = Rows(user_keys, backend.keys)
        self._lookup = InList(
            lambda ids: select(user_keys.c.user_id, user_keys.c.wrapped).where(user_keys.c.user_id.in_(ids)),
            backend.keys,
        )
        self._native = backend.one_database

    def keys(self, user_ids: Iterable[UUID], connection: Connection | None = None) -> dict[UUID, bytes]:
        """The keys that still exist, read on a connection if given. Raises: SealBroken by another master."""
        if connection is None:
            with self._backend.reading(self._backend.keys) as own:
                return self.keys(user_ids, own)
        found = self._lookup.rows(connection, list(user_ids))
        if self._native:
            return {user_id: self._vault.unwrap(user_id.bytes, wrapped) for user_id, wrapped in found}
        return {uuid_of(name): self._vault.unwrap(name, wrapped) for name, wrapped in found}

    def keep(self, new: Mapping[UUID, bytes], connection: Connection | None) -> None:
        """Store new keys, in the log's transaction where that is the same database, else before it.

        Raises: KeyKept, in the latter case.
        """
        rows = [
            (user_id if self._native else user_id.bytes, self._vault.wrap(user_id.bytes, key))
            for user_id, key in new.items()
        ]
        if connection is not None:
            self._rows.insert(connection, rows)
            return
        try:
            with self._backend.writing(self._backend.keys) as own:
                self._rows.insert(own, rows)
        except IntegrityError:
            raise KeyKept from None

    def destroy(self, user_ids: Iterable[UUID]) -> None:
        """Destroy keys for good; one that is gone already is no error."""
        with self._backend.writing(self._backend.keys) as connection:
            connection.execute(delete(user_keys).where(user_keys.c.user_id.in_(list(user_ids))))
