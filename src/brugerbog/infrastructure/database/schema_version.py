"""The schema version of a store's tables, and whether this version of Brugerbog can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from brugerbog.application.refusals.store import StoreIncomplete, StoreOutdated, StoreTooNew
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION, log_tables, store_metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KEY: Final = "schema"

RESERVATIONS_OUTDATED: Final = "claims_out_of_date"
"""The key that an upgrade sets until it has rebuilt the reservations, after the rule of names has changed."""

_ADDED_IN: Final = {"signing_keys": 3, "marks": 2, "reported": 1}
"""The schema versions that added these tables, newest first; older stores store no version."""


def stored_schema_version(connection: Connection) -> int:
    """Return the schema version of the store's tables, counted from 0."""
    tables = set(connection.dialect.get_table_names(connection))
    if store_metadata.name in tables:
        stored: int | None = connection.execute(
            select(store_metadata.c.value).where(store_metadata.c.name == _KEY)
        ).scalar()
        if stored is not None:
            return stored
    return next((number for table, number in _ADDED_IN.items() if table in tables), 0)


def store_schema_version(connection: Connection, number: int) -> None:
    """Store the schema version in the transaction that reaches it; the table `marks` must exist."""
    if not connection.execute(
        update(store_metadata).where(store_metadata.c.name == _KEY).values(value=number)
    ).rowcount:
        connection.execute(insert(store_metadata).values(name=_KEY, value=number))


def reservations_outdated(connection: Connection) -> bool:
    """Return whether the reservations of a store are still to be rebuilt."""
    query = select(store_metadata.c.value).where(store_metadata.c.name == RESERVATIONS_OUTDATED)
    return connection.execute(query).scalar() is not None


def mark_reservations_current(connection: Connection) -> None:
    """Store that the reservations of a store have been rebuilt."""
    connection.execute(delete(store_metadata).where(store_metadata.c.name == RESERVATIONS_OUTDATED))


def check_schema_version(connection: Connection, *, upgrading: bool = False) -> None:
    """Check the schema version of a store and, unless `upgrading`, that its reservations are rebuilt.

    Raises: StoreOutdated, StoreTooNew, StoreIncomplete.
    """
    schema = stored_schema_version(connection)
    if schema < SCHEMA_VERSION:
        raise StoreOutdated
    if schema > SCHEMA_VERSION:
        raise StoreTooNew(schema, SCHEMA_VERSION)
    missing = log_tables.tables.keys() - set(connection.dialect.get_table_names(connection))
    if missing:
        raise StoreIncomplete(", ".join(sorted(missing)))
    if not upgrading and reservations_outdated(connection):
        raise StoreOutdated
