"""Checks of the store: versions, schema, guards against changes, and file permissions."""

from __future__ import annotations

import stat
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from brugerbog.application.diagnostics import findings
from brugerbog.application.refusals.store import StoreOutOfReach
from brugerbog.infrastructure.backup.file_integrity import check_moved_files
from brugerbog.infrastructure.database.append_only import tables_without_triggers
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION, checkpoints, events, head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext

_LIBRARIES: Final = ("eventsourcing", "sqlalchemy", "psycopg", "pysqlite3", "cryptography", "pydantic")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def versions(context: CheckContext) -> Iterator[Finding]:
    """Versions of Brugerbog, Python, the main libraries and the database."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield findings.VERSIONS.finding(brugerbog=version("brugerbog"), python=python, libraries=_libraries())
    try:
        backend = context.connect()
    except (DBAPIError, OSError):
        raise StoreOutOfReach from None
    if backend.has_single_database:
        with backend.log.connect() as connection:
            server_version = connection.exec_driver_sql("SHOW server_version").scalar_one()
            read_only = connection.exec_driver_sql("SHOW transaction_read_only").scalar_one()
        yield findings.SERVER_SAFE.finding(version=str(server_version).split()[0])
        if read_only == "on":
            yield findings.SERVER_READ_ONLY.finding()
    else:
        # One that isn't safe was refused.
        import pysqlite3.dbapi2 as driver  # noqa: PLC0415 - only what is used

        yield findings.SQLITE_SAFE.finding(version=driver.sqlite_version)


def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def store(context: CheckContext) -> Iterator[Finding]:
    """Check that the store opens, its triggers are in place, and its files are private."""
    try:
        backend = context.open()
        check_moved_files(backend)
        with backend.log.connect() as connection:
            size = connection.execute(select(head.c.size)).scalar_one()
            open_to_change = tables_without_triggers(connection, [events.name, checkpoints.name])
    except (DBAPIError, OSError):
        raise StoreOutOfReach from None
    yield findings.STORE_READY.finding(schema=SCHEMA_VERSION, size=size)
    if open_to_change:
        yield findings.TRIGGERS_GONE.finding(tables=", ".join(open_to_change))
    yield from _files(backend)


def _files(backend: Backend) -> Iterator[Finding]:
    readable_by_others = [str(one) for one in backend.files if one.exists() and one.stat().st_mode & _OTHERS]
    if readable_by_others:
        yield findings.STORE_NOT_PRIVATE.finding(files=" ".join(readable_by_others))
