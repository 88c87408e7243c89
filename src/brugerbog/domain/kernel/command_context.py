"""Who does what on which occasion: the part of every event that an auditor asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from brugerbog.domain.kernel.days import danish_day

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from brugerbog.domain.kernel.doors import Door
    from brugerbog.domain.kernel.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The occasion of one command; time, ids and actor come from outside the domain.

    `recorded_at` is timezone-aware (UTC). `correlation_id` joins the commands of one larger deed, such as the
    rows of an import; for a command alone it equals `command_id`. `effective_at` is set on due work only.
    """

    organisation_id: UUID
    actor: UUID
    role: Role
    door: Door
    recorded_at: datetime
    command_id: UUID
    correlation_id: UUID
    effective_at: datetime | None = None

    @property
    def today(self) -> date:
        """The date in Copenhagen on which this happens."""
        return danish_day(self.recorded_at)

    def stamp(self) -> dict[str, Any]:
        """The fields that every event carries."""
        return {
            "timestamp": self.recorded_at,
            "organisation_id": self.organisation_id,
            "actor": self.actor,
            "role": self.role,
            "door": self.door,
            "command_id": self.command_id,
            "correlation_id": self.correlation_id,
            "effective_at": self.effective_at,
        }
