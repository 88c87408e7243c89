"""Removal of orphaned user keys, which a command that was cut off has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from brugerbog.infrastructure.database.schema import events, user_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from brugerbog.infrastructure.database.backend import Backend

_BATCH_SIZE: Final = 1000


def delete_orphaned_keys(backend: Backend, made_before: int) -> int:
    """Destroy keys made before an instant, in microseconds, whose users have no event; returns how many.

    A key that a command reuses meanwhile counts as made now, and stays.
    """
    swept = 0
    for orphans in _orphans(backend, made_before):
        still = user_keys.c.user_id.in_(orphans) & (user_keys.c.made_at < made_before)
        with backend.write_transaction(backend.keys) as connection:
            swept += connection.execute(delete(user_keys).where(still)).rowcount
    return swept


def count_orphaned_keys(backend: Backend, made_before: int) -> int:
    """How many keys `delete_orphaned_keys` would destroy."""
    return sum(map(len, _orphans(backend, made_before)))


def _orphans(backend: Backend, made_before: int) -> Iterator[list[UUID]]:
    after = None
    while old := _made_before(backend, made_before, after):
        after = old[-1]
        with backend.read_connection(backend.log) as connection:
            first = (events.c.version == 1) & events.c.stream_id.in_(old)
            begun = set(connection.execute(select(events.c.stream_id).where(first)).scalars())
        orphans = [user_id for user_id in old if user_id not in begun]
        if orphans:
            yield orphans


def _made_before(backend: Backend, instant: int, after: UUID | None) -> list[UUID]:
    page = select(user_keys.c.user_id).where(user_keys.c.made_at < instant)
    page = page.order_by(user_keys.c.user_id).limit(_BATCH_SIZE)
    with backend.read_connection(backend.keys) as connection:
        found = connection.execute(page if after is None else page.where(user_keys.c.user_id > after))
        return list(found.scalars())
