"""What a MitID broker says about somebody who has just proved who he is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from brugerbog.domain.values.means import Ial


PRETENDED: Final = "pretended"
"""Stands for the broker where an identity is only said, for trials and tests."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProvedIdentity:
    """A broker's assertion: a birth date, a CPR number (ten digits) if it may tell it, and how sure it is.

    `broker` is who asserts it, as the log will tell: a short name, or `PRETENDED` where nobody does.
    """

    broker: str
    date_of_birth: date
    cpr: str | None
    ial: Ial


@dataclass(eq=False)
class IdentityDoesNotMatch(Refusal):
    """Somebody else than the user has opened his link."""

    code = "identity_does_not_match"
    danish = (
        "Det MitID, du har brugt, tilhører ikke den person, som linket er sendt til. "
        "Brug dit eget private MitID, eller kontakt din administrator."
    )
    english = "The proved identity isn't that of the user whom the link was sent to."


@dataclass(eq=False)
class AssuranceTooLow(Refusal):
    """The proof is of a lower assurance level than the user is to be activated at."""

    code = "assurance_too_low"
    danish = (
        "Dit MitID har et lavere sikringsniveau, end din organisation kræver. "
        "Hæv niveauet på MitID.dk, eller kontakt din administrator."
    )
    english = "The proof is of level '{ial}', and '{target_ial}' is needed."
    ial: Ial
    target_ial: Ial


@dataclass(eq=False)
class IdentityNotConfirmed(Refusal):
    """Activating takes a confirmation of identity that is not older than an hour (ours)."""

    code = "identity_not_confirmed"
    danish = "Bekræft først din identitet med dit private MitID. En bekræftelse gælder i en time."
    english = "Confirm the identity first; a confirmation stands for an hour."
    user_id: UUID
