"""How far something has come that happens beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text

from brugerbog.infrastructure.store.schema import marks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend


_PUT: Final = text(
    "INSERT INTO marks (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def mark(backend: Backend, name: str) -> int:
    """How far it has come; 0 when it never began."""
    with backend.log.connect() as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar() or 0


def set_mark(backend: Backend, name: str, value: int) -> None:
    """Say how far it has come, in a transaction of its own."""
    with backend.writing(backend.log) as connection:
        put_mark(connection, name, value)


def put_mark(connection: Connection, name: str, value: int) -> None:
    """Say how far it has come, in a transaction of the log; others may say it for the first time just now."""
    connection.execute(_PUT, {"name": name, "value": value})
