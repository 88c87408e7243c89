"""Rotation of the index key: all digests of identity reservations are recomputed from decrypted data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from brugerbog.application.commands.reservations import cvr_identity, reservation_for
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE, IdentityReservation
from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.infrastructure.crypto.vault import IndexKey
from brugerbog.infrastructure.database.schema import head, reservations
from brugerbog.infrastructure.database.statements import any_uuid
from brugerbog.infrastructure.keys.installation_keys import INDEX, new_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.domain.user.identity import Identity
    from brugerbog.infrastructure.event_store.log import BrugerbogLog

_BATCH_SIZE: Final = 1000


@dataclass(frozen=True, slots=True)
class IndexKeyRotated:
    """The result of a rotation: the id of the new key, and the number of reservations recomputed."""

    index: bytes
    reservations: int


class ReservationLost(Exception):
    """A reservation's holder isn't in the log, or has no identity any more: the store is damaged."""


class IndexKeyRotation:
    """One rotation of the index key. All reservations are under one key, wherever a rotation is cut off."""

    def __init__(self, log: BrugerbogLog) -> None:
        """Take the log of_holder reservations are to be recomputed."""
        self._log = log
        self._keys = log.installation_keys

    def run(self) -> IndexKeyRotated:
        """Rotate the key; nothing can be appended meanwhile. Raises: KeysBeingRotated."""
        with self._log.backend.key_rotation_lock() as is_alone:
            if not is_alone:
                raise KeysBeingRotated
            new = new_key(INDEX)
            self._keys.add(INDEX, new)
            count = self._change(IndexKey(new.id, new.key))
            self._log.vault.use_index_key(new.key)
            self._forget_others()
            self._log.purge_deleted()
            return IndexKeyRotated(new.id, count)

    def sweep(self) -> None:
        """Destroy the keys that a cut-off rotation has left, unless one is under way."""
        with self._log.backend.key_rotation_lock() as is_alone:
            if is_alone:
                self._forget_others()

    def _forget_others(self) -> None:
        self._keys.destroy_others(INDEX, but=self._keys.current_index_key_id())

    def _change(self, index: IndexKey) -> int:
        """Recompute all reservations, and name the new key in the head, in one transaction of the log."""
        count = 0
        with self._log.recorder.transaction(), self._log.recorder.read_connection() as connection:
            last = None
            while holders := holders_after(connection, last):
                rows = reservation_rows(connection, reservations_for(self._log, holders), index)
                connection.execute(_UPDATE, [_as_update(row) for row in rows])
                last = holders[-1]
                count += len(holders)
            connection.execute(update(head).values(index_key=index.id))
        return count


_UPDATE: Final = (
    update(reservations)
    .where(reservations.c.holder == bindparam("of_holder"))
    .values(digest=bindparam("by_identity"), person=bindparam("by_name"), account=bindparam("by_account"))
)


def holders_after(connection: Connection, last: UUID | None) -> list[UUID]:
    """The next holders of reservations, by id."""
    page = select(reservations.c.holder).order_by(reservations.c.holder).limit(_BATCH_SIZE)
    found = connection.execute(page if last is None else page.where(reservations.c.holder > last))
    return [any_uuid(holder) for holder in found.scalars()]


def reservations_for(log: BrugerbogLog, holders: Sequence[UUID]) -> list[IdentityReservation]:
    """The reservations of these holders, from decrypted data. Raises: ReservationLost."""
    users = log.users(holders)
    found = [reservation_for(user) for user in users.values()]
    for holder in set(holders) - users.keys():
        organisation = log.organisation(holder)
        if organisation is None:
            raise ReservationLost
        found.append(IdentityReservation(INSTALLATION_SCOPE, holder, cvr_identity(organisation.cvr)))
    return found


def reservation_rows(
    connection: Connection, new_reservations: Sequence[IdentityReservation], index: IndexKey
) -> list[dict[str, Any]]:
    """The rows of reservations under a key; `connection` shows the rows already made under the same key.

    Two users can be one person by today's rule who were two by the rule under which they were created. Both
    are found by name; the identity of the later one is held under the user's own id, so that both can stay.
    Raises: ReservationLost when a holder has no identity.
    """
    rows = [_reservation_row(reservation, index) for reservation in new_reservations]
    for column, kind in (
        (reservations.c.digest, "identity"),
        (reservations.c.account, "account"),
    ):
        digests = [row[column.name] for row in rows if row[column.name] is not None]
        held = select(reservations.c.scope, column).where(column.in_(digests))
        taken = {(any_uuid(scope), bytes(digest)) for scope, digest in connection.execute(held)}
        for reservation, row in zip(new_reservations, rows, strict=True):
            identity: Identity | None = getattr(reservation, kind)
            if identity is None:
                continue
            if (reservation.scope, row[column.name]) in taken:
                distinct = replace(identity, text=f"{identity.text}\n{reservation.holder}")
                row[column.name] = index.digest_of(reservation.scope, distinct)
            taken.add((reservation.scope, row[column.name]))
    return rows


def _reservation_row(reservation: IdentityReservation, index: IndexKey) -> dict[str, Any]:
    if reservation.identity is None:
        raise ReservationLost
    return {
        "scope": reservation.scope,
        "digest": index.digest_of(reservation.scope, reservation.identity),
        "person": index.digest_of(reservation.scope, reservation.name_identity),
        "holder": reservation.holder,
        "account": index.digest_of(reservation.scope, reservation.account),
    }


def _as_update(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "of_holder": row["holder"],
        "by_identity": row["digest"],
        "by_name": row["person"],
        "by_account": row["account"],
    }
