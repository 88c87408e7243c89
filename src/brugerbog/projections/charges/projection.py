"""The projection `charges`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.user import User
from brugerbog.projections.charges.table import USER_CHARGE, charges

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row


class ChargesProjection:
    """One row for each user at the first request to activate, and for each ordered device; rows are kept.

    A user's price depends on the number of earlier users, so it isn't in the row. An imported user costs
    nothing until sent to activation (ours); until then `charged_at` is NULL.
    """

    name = "charges"
    version = 1
    table = charges

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset(
            (
                User.Created,
                User.Imported,
                User.SentToActivation,
                User.InvoiceMethodChanged,
                User.MeansOrdered,
                User.Deleted,
            )
        )

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event, position = recorded.event, recorded.position
        if isinstance(event, User.Created):
            at = None if isinstance(event, User.Imported) else microseconds(event.timestamp)
            return [*rows, _charge_row(event, USER_CHARGE, event.ean, None, at, position)]
        if isinstance(event, User.MeansOrdered):
            at = microseconds(event.timestamp)
            return [*rows, _charge_row(event, event.means, event.ean, event.price, at, position)]
        waiting = bool(rows) and rows[0]["charged_at"] is None
        if waiting and isinstance(event, User.SentToActivation):
            return [rows[0] | {"charged_at": microseconds(event.timestamp), "position": position}]
        if waiting and isinstance(event, User.InvoiceMethodChanged):
            return [rows[0] | {"ean": event.ean}]
        return [] if waiting and isinstance(event, User.Deleted) else rows


def _charge_row(  # noqa: PLR0917 - the row's columns, in their order
    event: Event, kind: str, ean: str | None, price: int | None, at: int | None, position: int
) -> Row:
    return {
        "user_id": event.originator_id,
        "number": event.originator_version,
        "organisation_id": event.organisation_id,
        "kind": kind,
        "ean": ean,
        "price": price,
        "charged_at": at,
        "position": position,
    }
