"""Brings a store of an earlier version to the tables of this one, step by step; the log stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.refusals.backup import StoreBeingCopied
from brugerbog.application.refusals.keys import KeysMissing, MasterKeyWrong
from brugerbog.application.refusals.store import StoreTooNew
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.database.schema import SCHEMA
from brugerbog.infrastructure.database.schema_version import keep_schema, schema_of
from brugerbog.infrastructure.migrations import MIGRATIONS
from brugerbog.infrastructure.migrations.preparation import BEING_COPIED, format_of

_NUMBERED_FROM: Final = 2
"""Before, there was no table to keep the number in: a store shows it by its tables."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.migrations.migration import Migration


class Upgrade:
    """One upgrade. Cut off anywhere, it is gone on with by another; two at once do each step once."""

    def __init__(self, backend: Backend, vault: Vault, place: str) -> None:
        """Take a prepared store, a vault with its master key, and where that comes from."""
        self._backend = backend
        self._vault = vault
        self._place = place

    def run(self, each: Callable[[Migration], object] = lambda _: None) -> list[Migration]:
        """Take the steps that are missing, each in a transaction; returns those taken here.

        `each` hears of a step once it is done. Raises: StoreTooNew, StoreBeingCopied, KeysMissing,
        MasterKeyWrong; then nothing more is changed.
        """
        if not self._backend.has_keys():
            raise KeysMissing
        with self._backend.log.connect() as connection:
            schema = schema_of(connection)
            if schema > SCHEMA:
                raise StoreTooNew(schema, SCHEMA)
            if format_of(connection) == BEING_COPIED:
                raise StoreBeingCopied
        done = []
        try:
            for step in MIGRATIONS:
                if self._take(step):
                    done.append(step)
                    each(step)
        except DecryptionFailed:
            raise MasterKeyWrong(self._place) from None
        return done

    def _take(self, step: Migration) -> bool:
        """Take a step unless it has been taken; whether it was taken here.

        Where the keys lie in a file of their own, that is changed and on disk first, so a step finds out by
        itself whether its part there has been done.
        """
        with self._backend.schema_transaction(self._backend.log) as log:
            if schema_of(log) >= step.number:
                return False
            if self._backend.has_single_database:
                ids = step.on_keys(log, self._vault)
            else:
                with self._backend.write_transaction(self._backend.keys) as keys:
                    ids = step.on_keys(keys, self._vault)
            step.on_log(log, ids)
            step.with_keys(log, self._vault)
            if step.number >= _NUMBERED_FROM:
                keep_schema(log, step.number)
            return True
