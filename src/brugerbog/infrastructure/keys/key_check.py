"""Whether keys and log belong together: whoever has something sealed in the log must have a key.

Keys are stored before the events that need them, and destroyed after the sealed parts are gone, so nothing
that is cut off leaves a sealed part without a key. The log remembers in `marks` where it last brought a key.
Keys from an older copy lack the key of the newest user, which takes one look to see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from brugerbog.application.refusals.keys import KeysOutdated
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.infrastructure.database.schema import ciphertexts, events, head, user_keys
from brugerbog.infrastructure.database.store_metadata import metadata_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from uuid import UUID

    from brugerbog.infrastructure.database.backend import Backend

NEWEST_KEY: Final = "newest_key_at"
"""The mark of the position of the newest event that brought a user's key."""

_LOOKED_AT: Final = 10_000
"""So many events are looked at for a user whose sealed parts are still there; most often it is the first."""

_AT_ONCE: Final = 1_000


def check_newest_user_has_key(backend: Backend, but: Collection[UUID]) -> None:
    """See that the newest user who has something sealed has a key; `but` are about to be erased.

    Raises: KeysOutdated.
    """
    with backend.read_connection(backend.log) as connection:
        at = metadata_value(backend, NEWEST_KEY) or connection.execute(select(head.c.size)).scalar_one()
        first = (
            select(events.c.stream_id)
            .join(
                ciphertexts,
                (ciphertexts.c.stream_id == events.c.stream_id) & (ciphertexts.c.version == events.c.version),
            )
            .where(events.c.version == 1, events.c.position <= at, events.c.position > at - _LOOKED_AT)
            .order_by(events.c.position.desc())
            .limit(1 if not but else _AT_ONCE)
        )
        owners = [owner_of(stream_id) for stream_id in connection.execute(first).scalars()]
    newest = next((one for one in owners if one not in but), None)
    if newest is not None and users_without_key(backend, [newest]):
        raise KeysOutdated


def check_all(backend: Backend, but: Collection[UUID]) -> None:
    """See that everybody who has something sealed has a key, save those about to be erased.

    Raises: KeysOutdated.
    """
    if any(one not in but for one in unreadable(backend)):
        raise KeysOutdated


def users_without_key(backend: Backend, user_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the users who have no key."""
    with backend.read_connection(backend.keys) as connection:
        found = select(user_keys.c.user_id).where(user_keys.c.user_id.in_(list(user_ids)))
        known = set(connection.execute(found).scalars())
    return [one for one in user_ids if one not in known]


def unreadable(backend: Backend) -> Iterator[UUID]:
    """All users who have something sealed and no key to open it with; reads all that is sealed."""
    after: UUID | None = None
    while streams := _sealed_after(backend, after):
        after = streams[-1]
        yield from users_without_key(backend, sorted({owner_of(one) for one in streams}))


def _sealed_after(backend: Backend, after: UUID | None) -> list[UUID]:
    page = select(ciphertexts.c.stream_id).distinct().order_by(ciphertexts.c.stream_id).limit(_AT_ONCE)
    if after is not None:
        page = page.where(ciphertexts.c.stream_id > after)
    with backend.read_connection(backend.log) as connection:
        return list(connection.execute(page).scalars())
