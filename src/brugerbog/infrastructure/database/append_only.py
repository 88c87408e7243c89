"""Triggers that make a table append-only: the database refuses to change or delete a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

_POSTGRESQL: Final = (
    """CREATE OR REPLACE FUNCTION brugerbog_never_changed() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or removed';
    END $$""",
    """CREATE TRIGGER {name}_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
    FOR EACH STATEMENT EXECUTE FUNCTION brugerbog_never_changed()""",
)
_SQLITE: Final = tuple(
    f"""CREATE TRIGGER {{name}}_no_{operation.lower()} BEFORE {operation} ON {{name}}
    BEGIN SELECT RAISE(ABORT, 'rows of {{name}} are never changed or removed'); END"""
    for operation in ("UPDATE", "DELETE")
)


def append_only(table: Table) -> None:
    """Make a table append-only: triggers refuse UPDATE and DELETE, and TRUNCATE on PostgreSQL.

    The triggers prevent accidents, and changes by a role with write access that doesn't own the tables. The
    owner can drop the triggers; changes made then are detected by the log's hashes (docs/log-format.md).
    """

    @event.listens_for(table, "after_create")
    def add(_table: Table, connection: Connection, **_: object) -> None:
        add_triggers(table.name, connection)


def add_triggers(table: str, connection: Connection) -> None:
    """Add the triggers to an existing table."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement.format(name=table))


def tables_without_triggers(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Return the given tables whose triggers are missing or disabled."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        triggers = set(found)
        return [one for one in tables if not {f"{one}_no_update", f"{one}_no_delete"} <= triggers]
    enabled = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
    triggers = set(connection.exec_driver_sql(enabled).scalars())
    return [one for one in tables if f"{one}_never_changed" not in triggers]
