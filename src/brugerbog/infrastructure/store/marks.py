"""How far something has come that happens beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from brugerbog.infrastructure.store.schema import marks

if TYPE_CHECKING:
    from brugerbog.infrastructure.store.backend import Backend


def mark(backend: Backend, name: str) -> int:
    """How far it has come; 0 when it never began."""
    with backend.log.connect() as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar() or 0


def set_mark(backend: Backend, name: str, value: int) -> None:
    """Say how far it has come, in a transaction of its own."""
    with backend.writing(backend.log) as connection:
        if not connection.execute(update(marks).where(marks.c.name == name).values(value=value)).rowcount:
            connection.execute(insert(marks).values(name=name, value=value))
