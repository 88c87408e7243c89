"""Checks of a row against the user it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.row import DELETE, Reason
from brugerbog.application.commands.imports.row_refusals import DoesNotMatch
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.details import KEEP
from brugerbog.domain.user.refusals import KnownByAnotherCpr
from brugerbog.domain.user.user import User
from brugerbog.domain.values.characters import comparison_form, visible_form
from brugerbog.domain.values.means import Means

if TYPE_CHECKING:
    from brugerbog.application.commands.imports.row import Row
    from brugerbog.domain.user.details import Details


class RowRefused(Exception):
    """The row is refused for this reason too."""

    def __init__(self, column: int, refusal: Refusal) -> None:
        super().__init__()
        self.reason = Reason(column, refusal)


def check_row_matches(row: Row, user: User) -> None:
    """Refuse the row if its redundant data of the user, given as a safeguard, differ from the user's."""
    if row.birth_date is not None and row.birth_date != user.date_of_birth:
        row.refuse(at.BIRTH_DATE, DoesNotMatch())
    if row.cpr is not None and row.cpr != user.cpr:
        if row.action == DELETE:
            row.refuse(at.CPR, DoesNotMatch())
        elif user.cpr:
            row.refuse(at.CPR, KnownByAnotherCpr(user.id))
    for column, name, known in zip(
        (at.FIRST_NAME, at.SURNAME), row.names, (user.first_name, user.surname), strict=True
    ):
        if name is not None and comparison_form(name) != comparison_form(str(known)):
            row.refuse(column, DoesNotMatch())


def is_same_user(user: User, details: Details) -> bool:
    """Return whether the user has all data of a row to create one; invisible characters don't count."""
    return (
        all(
            getattr(user, field) == getattr(details, field)
            or visible_form(getattr(user, field) or "") == visible_form(getattr(details, field) or "")
            for field in ("first_name", "surname", "email", "reference_text")
        )
        and (user.phone, user.date_of_birth, user.anonymous, user.target_ial)
        == (details.phone, details.date_of_birth, details.anonymous, details.target_ial)
        and (user.ean, user.p_number, user.se_number) == (details.ean, details.p_number, details.se_number)
        and (Means.PRIVATE in user.means) == bool(details.means)
        and details.cpr in (None, user.cpr)
    )


def column_of_edit(row: Row, refusal: Refusal) -> int:
    """Return the column of an edit that was refused."""
    if row.edits is not None and row.edits.cpr is not KEEP and "cpr" in refusal.code:
        return at.CPR
    return at.ACTION
