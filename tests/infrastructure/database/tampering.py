"""Somebody who owns the database and changes what is recorded: triggers don't stop him, the proof does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from brugerbog.service import Service


@contextmanager
def tampering(service: Service) -> Iterator[Connection]:
    """A connection on which events can be changed and removed."""
    with service.log.recorder.write_transaction() as connection:
        if service.log.backend.has_single_database:
            connection.exec_driver_sql("ALTER TABLE events DISABLE TRIGGER ALL")
        else:
            for what in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS events_no_{what}")
        yield connection
