"""What the database itself refuses, whoever asks: that something recorded is changed or removed."""

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
    f"""CREATE TRIGGER {{name}}_no_{what.lower()} BEFORE {what} ON {{name}}
    BEGIN SELECT RAISE(ABORT, 'rows of {{name}} are never changed or removed'); END"""
    for what in ("UPDATE", "DELETE")
)


def append_only(table: Table) -> None:
    """Let a table only be added to: triggers refuse UPDATE and DELETE, and TRUNCATE on PostgreSQL.

    They stop accidents and whoever may write but not define; one who owns the tables can drop them, and what
    he then changes shows in the proof (docs/log-format.md).
    """

    @event.listens_for(table, "after_create")
    def made(_table: Table, connection: Connection, **_: object) -> None:
        add_triggers(table.name, connection)


def add_triggers(table: str, connection: Connection) -> None:
    """Put the triggers on a table that is there already."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement.format(name=table))


def tables_without_triggers(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Those of the tables that anybody who may write can change, since a trigger is gone or turned off."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        there = set(found)
        return [one for one in tables if not {f"{one}_no_update", f"{one}_no_delete"} <= there]
    on = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
    there = set(connection.exec_driver_sql(on).scalars())
    return [one for one in tables if f"{one}_never_changed" not in there]
