"""The check that keys and log belong together: every user with a ciphertext in the log must have a key.

Keys are stored before the events that need them, and destroyed after the ciphertexts, so nothing that is cut
off leaves a ciphertext without a key. `marks` has the position of the newest event that brought a key. Keys
from an older copy lack the key of the newest user, which one read shows.
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

_NEWEST_EVENTS: Final = 10_000
"""So many events are looked at for a user whose sealed parts are still there; most often it is the first."""

_BATCH_SIZE: Final = 1_000


def check_newest_user_has_key(backend: Backend, but: Collection[UUID]) -> None:
    """Check that the newest user with a ciphertext has a key; users in `but` are about to be erased.

    Raises: KeysOutdated.
    """
    with backend.read_connection(backend.log) as connection:
        at = metadata_value(backend, NEWEST_KEY) or connection.execute(select(head.c.size)).scalar_one()
        newest_owners = (
            select(events.c.stream_id)
            .join(
                ciphertexts,
                (ciphertexts.c.stream_id == events.c.stream_id) & (ciphertexts.c.version == events.c.version),
            )
            .where(events.c.version == 1, events.c.position <= at, events.c.position > at - _NEWEST_EVENTS)
            .order_by(events.c.position.desc())
            .limit(1 if not but else _BATCH_SIZE)
        )
        owners = [owner_of(stream_id) for stream_id in connection.execute(newest_owners).scalars()]
    newest = next((owner for owner in owners if owner not in but), None)
    if newest is not None and users_without_key(backend, [newest]):
        raise KeysOutdated


def check_all(backend: Backend, but: Collection[UUID]) -> None:
    """Check that every user with a ciphertext has a key, except those about to be erased.

    Raises: KeysOutdated.
    """
    if any(user_id not in but for user_id in unreadable(backend)):
        raise KeysOutdated


def users_without_key(backend: Backend, user_ids: Sequence[UUID]) -> list[UUID]:
    """The users, of those given, that have no key."""
    with backend.read_connection(backend.keys) as connection:
        found = select(user_keys.c.user_id).where(user_keys.c.user_id.in_(list(user_ids)))
        known = set(connection.execute(found).scalars())
    return [user_id for user_id in user_ids if user_id not in known]


def unreadable(backend: Backend) -> Iterator[UUID]:
    """All users with a ciphertext and no key to decrypt it; reads all ciphertexts' ids."""
    after: UUID | None = None
    while streams := _sealed_after(backend, after):
        after = streams[-1]
        yield from users_without_key(backend, sorted({owner_of(stream_id) for stream_id in streams}))


def _sealed_after(backend: Backend, after: UUID | None) -> list[UUID]:
    page = select(ciphertexts.c.stream_id).distinct().order_by(ciphertexts.c.stream_id).limit(_BATCH_SIZE)
    if after is not None:
        page = page.where(ciphertexts.c.stream_id > after)
    with backend.read_connection(backend.log) as connection:
        return list(connection.execute(page).scalars())
