"""What a user is at an instant, computed and never fired."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import danish_day

if TYPE_CHECKING:
    from datetime import datetime

    from brugerbog.domain.kernel.days import Period


class Status(StrEnum):
    """What a user is at an instant, as a list shows it."""

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
    """The status at an instant, computed from the dates: right even when no scheduler has run.

    `phase` is how far the life has come; only an active one can be deactivated for a while.
    """
    if phase is Status.ACTIVE and period is not None and period.covers(danish_day(instant)):
        return Status.DEACTIVATED
    return phase
