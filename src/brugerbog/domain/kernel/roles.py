"""The roles in which commands are given, and their Danish names."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The role of an actor. The operator runs the installation; the schedule records due work.

    `USER` is any active user, in commands on themselves. Three roles are for API clients only: readers see
    users and reports, reporters report activities of users at services, CPR readers see whole CPR numbers.
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


ASSIGNABLE_ROLES: Final = (
    Role.USER_ADMINISTRATOR,
    Role.RIGHTS_ADMINISTRATOR,
    Role.ORGANISATION_ADMINISTRATOR,
    Role.TRUSTED_EMPLOYEE,
)
"""The roles that an organisation can give to its users."""

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
