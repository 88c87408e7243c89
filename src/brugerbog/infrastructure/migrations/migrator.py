"""Migrates the tables of an earlier version, one schema version at a time; the log doesn't change."""

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

_NUMBERED_FROM: Final = 2
"""Earlier schema versions are recognized by their tables, as no table stores their number."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.migrations.migration import Migration


class Upgrade:
    """One upgrade. An interrupted upgrade is continued by the next; two at once run each migration once."""

    def __init__(self, backend: Backend, vault: Vault, place: str) -> None:
        """Take a prepared store, a vault with its master key, and the place of that key for messages."""
        self._backend = backend
        self._vault = vault
        self._place = place

    def run(self, each: Callable[[Migration], object] = lambda _: None) -> list[Migration]:
        """Run the missing migrations, each in a transaction; return those that this call ran.

        `each` is called after every migration. Raises: StoreTooNew, StoreBeingCopied, KeysMissing,
        MasterKeyWrong; then nothing more is changed.
        """
        if not self._backend.has_keys():
            raise KeysMissing
        with self._backend.log.connect() as connection:
            schema = stored_schema_version(connection)
            if schema > SCHEMA_VERSION:
                raise StoreTooNew(schema, SCHEMA_VERSION)
            if format_of(connection) == BEING_COPIED:
                raise StoreBeingCopied
        done = []
        try:
            for step in MIGRATIONS:
                if self._run_migration(step):
                    done.append(step)
                    each(step)
        except DecryptionFailed:
            raise MasterKeyWrong(self._place) from None
        return done

    def _run_migration(self, step: Migration) -> bool:
        """Run a migration unless it has been run; return whether it was run here.

        Where keys have a database of their own, that database is committed first, so `on_keys` checks itself
        whether it has been run.
        """
        with self._backend.schema_transaction(self._backend.log) as log:
            if stored_schema_version(log) >= step.number:
                return False
            if self._backend.has_single_database:
                ids = step.on_keys(log, self._vault)
            else:
                with self._backend.write_transaction(self._backend.keys) as keys:
                    ids = step.on_keys(keys, self._vault)
            step.on_log(log, ids)
            step.with_keys(log, self._vault)
            if step.number >= _NUMBERED_FROM:
                store_schema_version(log, step.number)
            return True
