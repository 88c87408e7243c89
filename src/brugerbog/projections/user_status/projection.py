"""The projection with the stored name `standing`: statuses of users for reports, no personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.projections.user_list.projection import CHANGES
from brugerbog.projections.user_status.table import user_status

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row

_CHANGES: Final[dict[type, Callable[[Any, Row], Row]]] = {
    kind: CHANGES[kind]
    for kind in (
        User.SentToActivation,
        User.ActivationMailIssued,
        User.Activated,
        User.Deactivated,
        User.Reactivated,
        User.Deleted,
        User.PlacementChanged,
        User.InvoiceMethodChanged,
        User.MeansAssigned,
        User.MeansOrdered,
        User.MeansActivated,
        User.ConsentWithdrawn,
    )
}
"""The changes of `user_list` to the columns that this table has too."""


class UserStatusProjection:
    """One row for each user who isn't deleted; the status is computed from `phase` and the dates."""

    name = "standing"
    version = 1
    table = user_status

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.Created, User.Imported, *_CHANGES))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.Created):
            return [_created(event)]
        change = _CHANGES.get(type(event))
        if not rows or change is None:
            return rows
        if isinstance(event, User.Deleted):
            return []
        row = rows[0] | change(event, rows[0])
        if isinstance(event, User.SentToActivation):
            row["pending_since"] = microseconds(event.timestamp)
        return [row]


def _created(event: User.Created) -> Row:
    imported = isinstance(event, User.Imported)
    return {
        "user_id": event.originator_id,
        "organisation_id": event.organisation_id,
        "phase": (Status.IMPORTED if imported else Status.PENDING).value,
        "deactivated_from": None,
        "deactivated_to": None,
        "p_number": event.p_number,
        "se_number": event.se_number,
        "ean": event.ean,
        "means": "",
        "ordered_means": "",
        "active_means": "",
        "pending_since": None if imported else microseconds(event.timestamp),
        "link_expires_at": None,
    }
