"""Who does what on which occasion: the part of every event that an auditor asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.days import danish_day

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


class Role(StrEnum):
    """What somebody acts as. The operator runs the installation; the schedule records due work.

    `USER` is anybody active, in what concerns himself. Only systems are readers, who see users and reports,
    reporters, who tell of what users have done at services, and CPR readers, who see whole CPR numbers.
    """

    OPERATOR = "operator"
    SCHEDULE = "schedule"
    USER_ADMINISTRATOR = "user_administrator"
    RIGHTS_ADMINISTRATOR = "rights_administrator"
    ORGANISATION_ADMINISTRATOR = "organisation_administrator"
    TRUSTED_EMPLOYEE = "trusted_employee"
    READER = "reader"
    REPORTER = "reporter"
    CPR_READER = "cpr_reader"
    USER = "user"


GIVEN_ROLES: Final = (
    Role.USER_ADMINISTRATOR,
    Role.RIGHTS_ADMINISTRATOR,
    Role.ORGANISATION_ADMINISTRATOR,
    Role.TRUSTED_EMPLOYEE,
)
"""The roles that an organisation gives to its users."""

DANISH_ROLES: Final = {
    Role.OPERATOR: "operatør",
    Role.SCHEDULE: "tidsplan",
    Role.USER: "bruger",
    Role.USER_ADMINISTRATOR: "brugeradministrator",
    Role.RIGHTS_ADMINISTRATOR: "rettighedsadministrator",
    Role.ORGANISATION_ADMINISTRATOR: "organisationsadministrator",
    Role.TRUSTED_EMPLOYEE: "betroet medarbejder",
    Role.READER: "læser",
    Role.REPORTER: "indberetter",
    Role.CPR_READER: "CPR-læser",
}


class Door(StrEnum):
    """Where a command came in."""

    CLI = "cli"
    WEB = "web"
    API = "api"
    CSV = "csv"
    SCIM = "scim"
    SCHEDULE = "schedule"
    EMBEDDED = "embedded"


DANISH_DOORS: Final = {
    Door.CLI: "kommandolinje",
    Door.WEB: "hjemmeside",
    Door.API: "API",
    Door.CSV: "CSV-fil",
    Door.SCIM: "SCIM",
    Door.SCHEDULE: "tidsplan",
    Door.EMBEDDED: "indlejret",
}


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
