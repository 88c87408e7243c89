"""Changes the key of the claims: the digests of all who live are made anew from what the vault opens."""

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

_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class IndexKeyRotated:
    """What changing the key of the claims came to: the id of the new one, and how many claims it made."""

    index: bytes
    reservations: int


class ReservationLost(Exception):
    """Somebody has a claim who isn't in the log, or who is nobody any more: the store is damaged."""


class IndexKeyRotation:
    """One change of the key of the claims. It is the new one's or the old one's, whenever it is cut off."""

    def __init__(self, log: BrugerbogLog) -> None:
        """Take the log whose claims are to be made anew."""
        self._log = log
        self._keys = log.installation_keys

    def run(self) -> IndexKeyRotated:
        """Change it; nothing can be appended meanwhile. Raises: KeysBeingRotated."""
        with self._log.backend.key_rotation_lock() as alone:
            if not alone:
                raise KeysBeingRotated
            new = new_key(INDEX)
            self._keys.add(INDEX, new)
            count = self._change(IndexKey(new.id, new.key))
            self._log.vault.use_index_key(new.key)
            self._forget_others()
            self._log.purge_deleted()
            return IndexKeyRotated(new.id, count)

    def sweep(self) -> None:
        """Destroy what a change that was cut off has left, unless one is just going on."""
        with self._log.backend.key_rotation_lock() as alone:
            if alone:
                self._forget_others()

    def _forget_others(self) -> None:
        self._keys.destroy_others(INDEX, but=self._keys.current_index_key_id())

    def _change(self, index: IndexKey) -> int:
        """Make all claims anew, and say so in the head, in one transaction of the log."""
        count = 0
        with self._log.recorder.transaction(), self._log.recorder.read_connection() as connection:
            last = None
            while holders := holders_after(connection, last):
                anew = reservation_rows(connection, reservations_for(self._log, holders), index)
                connection.execute(_ANEW, [_as_change(row) for row in anew])
                last = holders[-1]
                count += len(holders)
            connection.execute(update(head).values(index_key=index.id))
        return count


_ANEW: Final = (
    update(reservations)
    .where(reservations.c.holder == bindparam("whose"))
    .values(digest=bindparam("by_identity"), person=bindparam("by_name"), account=bindparam("by_account"))
)


def holders_after(connection: Connection, last: UUID | None) -> list[UUID]:
    """The next holders of claims, by id."""
    page = select(reservations.c.holder).order_by(reservations.c.holder).limit(_AT_ONCE)
    found = connection.execute(page if last is None else page.where(reservations.c.holder > last))
    return [any_uuid(holder) for holder in found.scalars()]


def reservations_for(log: BrugerbogLog, holders: Sequence[UUID]) -> list[IdentityReservation]:
    """What these claim to be, from what the vault opens. Raises: ReservationLost."""
    users = log.users(holders)
    made = [reservation_for(user) for user in users.values()]
    for holder in set(holders) - users.keys():
        organisation = log.organisation(holder)
        if organisation is None:
            raise ReservationLost
        made.append(IdentityReservation(INSTALLATION_SCOPE, holder, cvr_identity(organisation.cvr)))
    return made


def reservation_rows(
    connection: Connection, made: Sequence[IdentityReservation], index: IndexKey
) -> list[dict[str, Any]]:
    """The rows of claims under a key, where `connection` shows the rows made before under the same key.

    Two living users can be one person by today's rule who were two by the rule under which they came in. Both
    are found by name; the identity of the later one is held under the user's own id, so that both can stay.
    Raises: ReservationLost when there is nobody to claim.
    """
    rows = [_claim_row(claim, index) for claim in made]
    for column, kind in (
        (reservations.c.digest, "identity"),
        (reservations.c.account, "account"),
    ):
        digests = [row[column.name] for row in rows if row[column.name] is not None]
        held = select(reservations.c.scope, column).where(column.in_(digests))
        taken = {(any_uuid(scope), bytes(digest)) for scope, digest in connection.execute(held)}
        for claim, row in zip(made, rows, strict=True):
            known_as: Identity | None = getattr(claim, kind)
            if known_as is None:
                continue
            if (claim.scope, row[column.name]) in taken:
                apart = replace(known_as, text=f"{known_as.text}\n{claim.holder}")
                row[column.name] = index.digest_of(claim.scope, apart)
            taken.add((claim.scope, row[column.name]))
    return rows


def _claim_row(claim: IdentityReservation, index: IndexKey) -> dict[str, Any]:
    if claim.identity is None:
        raise ReservationLost
    return {
        "scope": claim.scope,
        "digest": index.digest_of(claim.scope, claim.identity),
        "person": index.digest_of(claim.scope, claim.name_identity),
        "holder": claim.holder,
        "account": index.digest_of(claim.scope, claim.account),
    }


def _as_change(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "whose": row["holder"],
        "by_identity": row["digest"],
        "by_name": row["person"],
        "by_account": row["account"],
    }
