"""Creates the reporting views, and preserves them when a read table that they select from is replaced."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import ProgrammingError

from brugerbog.application.refusals.database import ReportingNotSetUp
from brugerbog.infrastructure.database.statements import raise_as_sqlalchemy
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_FILES: Final = ("rules", "installation", "users", "charges", "days")
"""The SQL files in the order in which they run; each is idempotent."""

_DEPENDENT_VIEWS: Final = """
    SELECT
        view.oid::regclass::text,
        string_agg(
            format('NULL::%%s AS %%I', format_type(atttypid, atttypmod), attname), ', ' ORDER BY attnum
        )
    FROM pg_class view JOIN pg_attribute ON attrelid = view.oid AND attnum > 0
    WHERE view.relkind = 'v' AND view.relnamespace = to_regnamespace('reporting')
        AND EXISTS (
            SELECT FROM pg_rewrite rule
            JOIN pg_depend ON classid = 'pg_rewrite'::regclass AND objid = rule.oid
            WHERE rule.ev_class = view.oid
                AND refobjid IN (to_regclass(%(table)s), to_regprocedure('reporting.unavailable()'))
        )
    GROUP BY view.oid
"""
"""Selects the views on a table, and all placeholders: the name, and the columns as NULLs with their types."""

_OWNER: Final = """
    SELECT relowner::regrole::text, quote_ident(current_user)
    FROM pg_class WHERE oid = to_regclass('user_list')
"""
"""Selects the owner of the read tables, and the current role."""


def create_reporting_views(connection: Connection) -> None:
    """Create or replace all reporting views; grants on them, and views of others on them, are kept.

    Raises: ReportingNotSetUp when the schema is missing.
    """
    if _run(connection, "SELECT to_regnamespace('reporting')").fetchone() == (None,):
        raise ReportingNotSetUp
    with _as_owner_of_tables(connection):
        for name in _FILES:
            _run(connection, files(__package__).joinpath(f"{name}.sql").read_text("utf-8"))


@contextmanager
def placeholders_of_views(connection: Connection, table: str) -> Iterator[None]:
    """Replace the views on a read table by placeholders without rows, and restore them after the block.

    The block replaces the table, in the same transaction. Where a view can't be restored yet, because another
    table is still of an earlier version, all stay placeholders, which raise an error when they are queried.
    """
    views = _run(connection, _DEPENDENT_VIEWS, {"table": table}).fetchall()
    for view, columns in views:
        _run(connection, f"CREATE OR REPLACE VIEW {view} AS SELECT {columns} WHERE reporting.unavailable()")
    yield
    if views:
        try:
            with connection.begin_nested():
                create_reporting_views(connection)
        except ProgrammingError as error:
            failure = type(error.orig).__name__
            logger(__name__).warning("views_unavailable", table=table, failure=failure)


@contextmanager
def _as_owner_of_tables(connection: Connection) -> Iterator[None]:
    """Run the block as the owner of the read tables: the views have the same owner, who may replace them."""
    owner, current_role = _run(connection, _OWNER).fetchone()
    if owner != current_role:
        _run(connection, f"SET LOCAL ROLE {owner}")
    yield
    if owner != current_role:
        _run(connection, f"SET LOCAL ROLE {current_role}")


def _run(connection: Connection, statements: str, values: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - the driver's cursor
    """Execute one statement, or several without values. Raises: SQLAlchemy's errors."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statements, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise_as_sqlalchemy(error, connection)
