"""PostgreSQL 15 or newer, through psycopg 3: log, keys and read tables in one database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, text

from brugerbog.application.errors import NotDurable, PostgresTooOld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

OLDEST_VERSION: Final = 150000
_PREPARE_LOCK: Final = 0x42525547
"""Any number that nobody else uses: held while the tables are made."""


class PostgresBackend:
    """One database; the append is ordered by the row lock on the head, nothing else is locked."""

    one_database = True

    def __init__(self, url: URL) -> None:
        """Raises: PostgresTooOld; NotDurable when it acknowledges before it has written."""
        self.log = create_engine(url, pool_size=10, max_overflow=32, hide_parameters=True)
        self.keys = self.log
        self.read = self.log
        with self.log.connect() as connection:
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
            durable = connection.exec_driver_sql(
                "SELECT current_setting('fsync') || current_setting('synchronous_commit')"
            ).scalar_one()
        if version < OLDEST_VERSION:
            raise PostgresTooOld(version // 10000)
        if durable.endswith("off") or not durable.startswith("on"):
            raise NotDurable

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        with engine.begin() as connection:
            yield connection

    def is_prepared(self) -> bool:
        with self.log.connect() as connection:
            return connection.dialect.has_table(connection, "head")

    @contextmanager
    def prepare(self) -> Iterator[Connection]:
        with self.log.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PREPARE_LOCK})
            yield connection

    def scrub(self) -> None:
        """Nothing here: table files are cleaned by rewriting them, which is a deed of its own."""

    def close(self) -> None:
        self.log.dispose()
