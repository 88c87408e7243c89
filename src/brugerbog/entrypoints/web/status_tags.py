"""A user's status as tags in a list, and scheduled changes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.values.status import DANISH_STATUS, Status
from brugerbog.entrypoints.presentation.words import LINK_EXPIRED
from brugerbog.entrypoints.web.danish_format import day, long_day

if TYPE_CHECKING:
    from brugerbog.application.queries.user_list import UserView

_KINDS = {
    Status.ACTIVE: "success",
    Status.PENDING: "info",
    Status.IMPORTED: "info",
    Status.DEACTIVATED: "warning",
}


def tags_of(user: UserView) -> list[tuple[str, str]]:
    """Return texts with their kinds, e.g. `Aktiv` and `Deaktiveres d. 03.06.2027`."""
    tags = [(DANISH_STATUS[user.status], _KINDS.get(user.status, ""))]
    if user.link_has_expired:
        tags.append((LINK_EXPIRED, "error"))
    if user.deactivated_from is not None and user.status is Status.ACTIVE:
        tags.append((f"Deaktiveres d. {day(user.deactivated_from)}", "warning"))
    if user.deactivated_to is not None and user.status is Status.DEACTIVATED:
        tags.append((f"Til og med {day(user.deactivated_to)}", ""))
    if user.anonymous:
        tags.append(("Anonym", ""))
    return tags


def absence_in_words(user: UserView) -> str | None:
    """Return the first and last day of a running or scheduled deactivation in words; None without one."""
    if user.deactivated_from is None:
        return None
    if user.deactivated_to is None:
        return f"Fra {long_day(user.deactivated_from)}, indtil en administrator genaktiverer."
    return f"Fra {long_day(user.deactivated_from)} til og med {long_day(user.deactivated_to)}."
