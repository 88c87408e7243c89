"""The status of a user, computed for an instant from the events so far."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import danish_day

if TYPE_CHECKING:
    from datetime import datetime

    from brugerbog.domain.kernel.days import Period


class Status(StrEnum):
    """The status of a user at an instant."""

    IMPORTED = "imported"
    PENDING = "pending"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"


DANISH_STATUS: Final[dict[str, str]] = {
    Status.IMPORTED: "Importeret",
    Status.PENDING: "Afventer aktivering",
    Status.ACTIVE: "Aktiv",
    Status.DEACTIVATED: "Deaktiveret",
    Status.DELETED: "Slettet",
}


def status_at(phase: Status, period: Period | None, instant: datetime) -> Status:
    """Return the status at an instant, computed from the dates: it doesn't depend on the scheduler.

    `phase` is the last status set by an event; only an active user can be deactivated for a period.
    """
    if phase is Status.ACTIVE and period is not None and period.covers(danish_day(instant)):
        return Status.DEACTIVATED
    return phase
