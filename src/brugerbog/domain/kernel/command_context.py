"""The context of a command: actor, role, entry point, time and ids, stored in every event."""

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
    """The context of one command; time, ids and actor come from outside the domain.

    `recorded_at` is timezone-aware (UTC). `correlation_id` is shared by the commands of one operation, e.g.
    the rows of an import; a single command has its own `command_id` there. `effective_at` is set on due work
    only.
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
        """The date in Copenhagen at `recorded_at`."""
        return danish_day(self.recorded_at)

    def stamp(self) -> dict[str, Any]:
        """Return the fields that every event carries."""
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
