"""Migrates a store's tables to the current schema version, one version at a time; no event changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.refusals.backup import StoreBeingCopied
from brugerbog.application.refusals.keys import KeysMissing, MasterKeyWrong
from brugerbog.application.refusals.store import StoreTooNew
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION
from brugerbog.infrastructure.database.schema_version import store_schema_version, stored_schema_version
from brugerbog.infrastructure.migrations import MIGRATIONS
from brugerbog.infrastructure.migrations.preparation import BEING_COPIED, format_of

_FIRST_STORED_VERSION: Final = 2
"""The first schema version whose number is stored; earlier ones are recognized by their tables."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.migrations.migration import Migration


class Upgrade:
    """An upgrade of a store. It continues an interrupted one; two at once run each migration only once."""

    def __init__(self, backend: Backend, vault: Vault, place: str) -> None:
        """Take a prepared store, a vault with its master key, and the place of that key, for errors."""
        self._backend = backend
        self._vault = vault
        self._place = place

    def run(self, each: Callable[[Migration], object] = lambda _: None) -> list[Migration]:
        """Run the missing migrations, each in a transaction; return those that this call has run.

        `each` is called after every migration. Raises: StoreTooNew, StoreBeingCopied, KeysMissing,
        MasterKeyWrong; migrations that were committed before stay.
        """
        if not self._backend.has_keys():
            raise KeysMissing
        with self._backend.log.connect() as connection:
            version = stored_schema_version(connection)
            if version > SCHEMA_VERSION:
                raise StoreTooNew(version, SCHEMA_VERSION)
            if format_of(connection) == BEING_COPIED:
                raise StoreBeingCopied
        done = []
        try:
            for migration in MIGRATIONS:
                if self._run_migration(migration):
                    done.append(migration)
                    each(migration)
        except DecryptionFailed:
            raise MasterKeyWrong(self._place) from None
        return done

    def _run_migration(self, migration: Migration) -> bool:
        """Run a migration unless it has been run; return whether this call has run it.

        Where the keys have a database of their own, that database is committed first. After an interruption
        `on_keys` runs again, so each `on_keys` checks whether it has been run.
        """
        with self._backend.schema_transaction(self._backend.log) as log:
            if stored_schema_version(log) >= migration.number:
                return False
            if self._backend.has_single_database:
                ids = migration.on_keys(log, self._vault)
            else:
                with self._backend.write_transaction(self._backend.keys) as keys:
                    ids = migration.on_keys(keys, self._vault)
            migration.on_log(log, ids)
            migration.with_keys(log, self._vault)
            if migration.number >= _FIRST_STORED_VERSION:
                store_schema_version(log, migration.number)
            return True
