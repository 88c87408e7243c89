"""Anonymity towards services: requested by the user, then approved or declined by an administrator.

An approval is `User.create_in_place_of`: a new, anonymous user replaces the one who requested anonymity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.kernel.roles import Role
    from brugerbog.domain.settings import Settings


class Anonymized(UserEvent):
    """Services see the user's id (brugernummer) and no name; administrators still see the name."""

    TOPIC = "user.anonymized"

    def apply(self, user: UserState) -> None:
        user.anonymous = True


class AnonymityRequested(UserEvent):
    """The user asked to be anonymous and accepted that rights must be requested again."""

    TOPIC = "user.anonymity_requested"

    def apply(self, user: UserState) -> None:
        user.asks_for_anonymity = True


class AnonymityDeclined(UserEvent):
    """The request was declined, with a reason for the user."""

    TOPIC = "user.anonymity_declined"
    reason: Personal[str]

    def apply(self, user: UserState) -> None:
        user.asks_for_anonymity = False
        user.decline_reason = self.reason


class ReplacedUser(UserEvent):
    """The anonymous user was created in place of the user `replaced`; only administrators may see the id."""

    TOPIC = "user.replaced_user"
    replaced: Personal[UUID]

    def apply(self, user: UserState) -> None:
        user.replaced = self.replaced


class Anonymity(UserState):
    """The commands of `User` on a request to be anonymous, except its approval."""

    def request_anonymity(
        self,
        context: CommandContext,
        settings: Settings,
        roles: Collection[Role],
        *,
        accepts_losing_rights: bool,
    ) -> None:
        """Request anonymity (guide, Opret nye brugere); a repeated request records nothing.

        Raises: AlreadyDeleted, AlreadyAnonymous, AnonymityNotAllowed, RoleHolderCannotBeAnonymous,
            LossOfRightsNotAccepted.
        """
        self._must_not_be_deleted()
        if self.anonymous:
            raise AlreadyAnonymous(self.id)
        settings.check_anonymous(anonymous=True)
        if roles:
            raise RoleHolderCannotBeAnonymous(self.id)
        if not accepts_losing_rights:
            raise LossOfRightsNotAccepted
        if not self.asks_for_anonymity:
            self.record(context, AnonymityRequested)

    def decline_anonymity(self, context: CommandContext, reason: str) -> None:
        """Decline the request. Raises: AlreadyDeleted, NoAnonymityRequest."""
        self.must_have_anonymity_request()
        self.record(context, AnonymityDeclined, reason=reason)

    def must_have_anonymity_request(self) -> None:
        """Check that the user has an open request. Raises: AlreadyDeleted, NoAnonymityRequest."""
        self._must_not_be_deleted()
        if not self.asks_for_anonymity or self.phase is not Status.ACTIVE:
            raise NoAnonymityRequest(self.id)


@dataclass(eq=False)
class AlreadyAnonymous(Refusal):
    """The user is anonymous already."""

    code = "already_anonymous"
    danish = "Du er allerede anonym i selvbetjeninger og skal ikke gøre mere."
    english = "The user is anonymous already."
    user_id: UUID


@dataclass(eq=False)
class RoleHolderCannotBeAnonymous(Refusal):
    """Administrators and trusted employees may not be anonymous (guide, Opret nye brugere)."""

    code = "role_holder_cannot_be_anonymous"
    danish = "Administratorer og betroede medarbejdere må ikke være anonyme. Fratag først brugeren rollerne."
    english = "A user with a role can't be anonymous. Take the roles from the user first."
    user_id: UUID


@dataclass(eq=False)
class LossOfRightsNotAccepted(Refusal):
    """The user must accept that rights aren't carried over to the anonymous user (guide, Opret brugere)."""

    code = "loss_of_rights_not_accepted"
    danish = (
        "Når du bliver anonym, bliver dine rettigheder ikke overført: du skal anmode om dem på ny. "
        "Bekræft, at du er indforstået med det."
    )
    english = (
        "Rights aren't carried over to the anonymous user and must be requested again. Accept that first."
    )


@dataclass(eq=False)
class NoAnonymityRequest(Refusal):
    """The user has no open request."""

    code = "no_anonymity_request"
    danish = (
        "Brugeren har ingen ubesvaret anmodning om at blive anonym. Genindlæs listen over notifikationer."
    )
    english = "The user has no open request to become anonymous."
    user_id: UUID
