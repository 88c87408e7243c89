"""Which form a store's tables have, as a number kept in the store, and whether this version can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from brugerbog.application.refusals.store import StoreIncomplete, StoreOutdated, StoreTooNew
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION, log_tables, store_metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MARK: Final = "schema"

RESERVATIONS_OUTDATED: Final = "claims_out_of_date"
"""The mark of a store whose claims an upgrade has yet to make anew, because the rule of names has changed."""

_CAME_WITH: Final = {"signing_keys": 3, "marks": 2, "reported": 1}
"""The tables by which a store shows its form that was made before the number was kept, newest first."""


def stored_schema_version(connection: Connection) -> int:
    """The number of the form that a store's tables have; 0 is the first there was."""
    tables = set(connection.dialect.get_table_names(connection))
    if store_metadata.name in tables:
        kept: int | None = connection.execute(
            select(store_metadata.c.value).where(store_metadata.c.name == _MARK)
        ).scalar()
        if kept is not None:
            return kept
    return next((number for table, number in _CAME_WITH.items() if table in tables), 0)


def store_schema_version(connection: Connection, number: int) -> None:
    """Store the schema version in the transaction that reaches it; the table `marks` must exist."""
    if not connection.execute(
        update(store_metadata).where(store_metadata.c.name == _MARK).values(value=number)
    ).rowcount:
        connection.execute(insert(store_metadata).values(name=_MARK, value=number))


def reservations_outdated(connection: Connection) -> bool:
    """Whether the claims of a store are still to be made anew."""
    query = select(store_metadata.c.value).where(store_metadata.c.name == RESERVATIONS_OUTDATED)
    return connection.execute(query).scalar() is not None


def mark_reservations_current(connection: Connection) -> None:
    """Note that the claims of a store have been made anew."""
    connection.execute(delete(store_metadata).where(store_metadata.c.name == RESERVATIONS_OUTDATED))


def check_schema_version(connection: Connection, *, upgrading: bool = False) -> None:
    """Refuse a store of another form, and unless it is `upgrading` one whose claims are out of date.

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
