"""The projection `imported`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.user import User
from brugerbog.projections.imported.table import imported

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row


class ImportedProjection:
    """One row for each imported user who waits; bulk sending needs a CPR number (guide)."""

    name = "imported"
    version = 1
    table = imported

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((User.Imported, User.CprAdded, User.SentToActivation, User.Deleted))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.Imported):
            return [
                {
                    "user_id": event.originator_id,
                    "organisation_id": event.organisation_id,
                    "imported_at": microseconds(event.timestamp),
                    "has_cpr": bool(event.cpr),
                }
            ]
        if isinstance(event, User.SentToActivation | User.Deleted):
            return []
        if isinstance(event, User.CprAdded):
            return [row | {"has_cpr": True} for row in rows]
        return rows
