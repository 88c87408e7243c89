"""Confirmation of a user's identity by a MitID broker, through a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.links import LinkPurpose, LinkUsed, LinkVoided
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.user.links import Link
    from brugerbog.domain.values.means import Ial


CONFIRMATION_LIFETIME: Final = timedelta(hours=1)
"""Time after the confirmation of the identity in which the user can use the link (ours)."""

PRETENDED: Final = "pretended"
"""The broker of an identity that is only claimed, for demos and tests."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProvedIdentity:
    """A broker's assertion: birth date, CPR number (ten digits) if the broker may tell it, assurance level.

    `broker` is a short name, which is stored in the log, or `PRETENDED` without a broker.
    """

    broker: str
    date_of_birth: date
    cpr: str | None
    ial: Ial


class IdentityConfirmed(UserEvent):
    """A broker confirmed the user's identity, by CPR number or birth date, at an assurance level."""

    TOPIC = "user.identity_confirmed"
    broker: str
    by: str
    ial: str

    def apply(self, user: UserState) -> None:
        user.confirmed_at = self.timestamp
        user.confirmed_by = self.broker


class IdentityConfirmation(UserState):
    """Checks of the user's link and of the identity that a broker asserts."""

    def check_link(self, purpose: LinkPurpose, generation: int, at: datetime) -> Link:
        """Return the link, if it is valid for its purpose at an instant.

        Raises: LinkVoided, LinkExpired, LinkUsed.
        """
        link = self.link if purpose is LinkPurpose.ACTIVATION else self.means_link
        if link is None or self.phase not in (Status.PENDING, Status.ACTIVE):
            raise LinkVoided
        if purpose is LinkPurpose.ACTIVATION and self.phase is Status.ACTIVE:
            raise LinkUsed
        if purpose is LinkPurpose.MEANS and self.status_at(at) is not Status.ACTIVE:
            raise LinkVoided
        if purpose is LinkPurpose.MEANS and not self.open_means:
            raise LinkUsed
        link.check(generation, at)
        return link

    def confirm_identity(
        self, context: CommandContext, purpose: LinkPurpose, generation: int, proved: ProvedIdentity
    ) -> None:
        """Confirm that a broker's assertion matches the user.

        Raises: as `check_link`; IdentityDoesNotMatch, AssuranceTooLow.
        """
        self.check_link(purpose, generation, context.recorded_at)
        if self.cpr is not None and proved.cpr is not None:
            by, same = "cpr", proved.cpr == self.cpr
        else:
            by, same = "date_of_birth", self.cpr is None and proved.date_of_birth == self.date_of_birth
        if not same:
            raise IdentityDoesNotMatch
        if proved.ial.level < self.target_ial.level:
            raise AssuranceTooLow(proved.ial, self.target_ial)
        self.record(context, IdentityConfirmed, broker=proved.broker, by=by, ial=proved.ial)

    def is_confirmed_at(self, instant: datetime) -> bool:
        """Whether the identity was confirmed within the last hour."""
        return self._is_recent(self.confirmed_at, instant)

    def must_be_confirmed(self, context: CommandContext) -> None:
        """Raises: IdentityNotConfirmed."""
        if not self.is_confirmed_at(context.recorded_at):
            raise IdentityNotConfirmed(self.id)

    @staticmethod
    def _is_recent(since: datetime | None, now: datetime) -> bool:
        return since is not None and now - since < CONFIRMATION_LIFETIME


@dataclass(eq=False)
class IdentityDoesNotMatch(Refusal):
    """A person other than the user opened the link."""

    code = "identity_does_not_match"
    danish = (
        "Det MitID, du har brugt, tilhører ikke den person, som linket er sendt til. "
        "Brug dit eget private MitID, eller kontakt din administrator."
    )
    english = "The proved identity isn't that of the user whom the link was sent to."


@dataclass(eq=False)
class AssuranceTooLow(Refusal):
    """The assurance level of the proof is lower than the user's target level."""

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
    """Activation takes a confirmation of identity at most one hour old (ours)."""

    code = "identity_not_confirmed"
    danish = "Bekræft først din identitet med dit private MitID. En bekræftelse gælder i en time."
    english = "Confirm the identity first; a confirmation stands for an hour."
    user_id: UUID
