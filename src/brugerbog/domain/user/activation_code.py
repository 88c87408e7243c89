"""The temporary activation code of a user who is known by birth date only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.identity_confirmation import IdentityConfirmation
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext

MAX_CODE_TRIES: Final = 3
"""Wrong tries after which a temporary code is void (ours)."""


class ActivationCodeIssued(UserEvent):
    """A temporary code was shown once to the administrator; no event holds it. An earlier code is void."""

    TOPIC = "user.activation_code_issued"
    expires_at: datetime

    def apply(self, user: UserState) -> None:
        user.code_expires_at = self.expires_at
        user.code_tries = 0
        user.code_accepted_at = None


class ActivationCodeMistyped(UserEvent):
    """A wrong code was entered, with a valid link and a confirmed identity."""

    TOPIC = "user.activation_code_mistyped"

    def apply(self, user: UserState) -> None:
        user.code_tries += 1


class ActivationCodeVoided(UserEvent):
    """The temporary code is void after three wrong tries; the user needs a new one."""

    TOPIC = "user.activation_code_voided"

    def apply(self, user: UserState) -> None:
        user.code_expires_at = None


class ActivationCodeAccepted(UserEvent):
    """The user entered the right temporary code, which can't be used again."""

    TOPIC = "user.activation_code_accepted"

    def apply(self, user: UserState) -> None:
        user.code_expires_at = None
        user.code_accepted_at = self.timestamp


class ActivationCode(IdentityConfirmation):
    """Tries of the temporary code, at most three."""

    @property
    def needs_code(self) -> bool:
        """Whether activation takes a code besides link and identity, as only the birth date is known."""
        return self.phase in (Status.IMPORTED, Status.PENDING) and self.cpr is None

    def enter_code(
        self, context: CommandContext, generation: int, *, matches: bool, tries_left: int | None = None
    ) -> Refusal | None:
        """Accept the temporary code, or record a wrong try and return its refusal.

        If given, `tries_left` must be the number of tries left, so that a request sent twice counts once.
        Raises: as `must_await_code`; CodeTriedMeanwhile.
        """
        self.must_await_code(context, generation)
        left = self.tries_left_at(context.recorded_at)
        if left is not None and tries_left not in (None, left):
            raise CodeTriedMeanwhile(left)
        if matches:
            self.record(context, ActivationCodeAccepted)
            return None
        self.record(context, ActivationCodeMistyped)
        if self.code_tries < MAX_CODE_TRIES:
            return CodeWrong(MAX_CODE_TRIES - self.code_tries)
        self.record(context, ActivationCodeVoided)
        return CodeVoid()

    def must_await_code(self, context: CommandContext, generation: int) -> None:
        """Check link and identity before a code is tried, so that nobody else can use up the tries.

        Raises: as `check_link`; IdentityNotConfirmed, NoCodeNeeded, CodeVoid.
        """
        self.check_link(LinkPurpose.ACTIVATION, generation, context.recorded_at)
        self.must_be_confirmed(context)
        if not self.needs_code:
            raise NoCodeNeeded(self.id)
        if not self.tries_left_at(context.recorded_at):
            raise CodeVoid

    def lacks_code(self, instant: datetime) -> bool:
        """Whether the user needs a temporary code and has not entered it within the last hour."""
        return self.needs_code and not self._is_recent(self.code_accepted_at, instant)

    def tries_left_at(self, instant: datetime) -> int | None:
        """Return how many tries of the code are left, 0 if it is void, None if no code is needed."""
        if not self.needs_code:
            return None
        if self.code_expires_at is None or instant >= self.code_expires_at:
            return 0
        return MAX_CODE_TRIES - self.code_tries


@dataclass(eq=False)
class NoCodeNeeded(Refusal):
    """A user known by CPR number activates by link and MitID alone (guide, Opret nye brugere)."""

    code = "no_code_needed"
    danish = (
        "Brugeren er kendt ved CPR-nummer og skal ikke bruge en midlertidig kode. "
        "Gensend i stedet aktiveringsmailen."
    )
    english = "The user is known by CPR number and needs no temporary code."
    user_id: UUID


@dataclass(eq=False)
class CodeMissing(Refusal):
    """A user known by birth date only needs the temporary code besides the link (ours)."""

    code = "code_missing"
    danish = "Indtast den midlertidige aktiveringskode, du har fået af din administrator."
    english = "The temporary activation code is needed."


@dataclass(eq=False)
class CodeWrong(Refusal):
    """The code is wrong; three wrong tries void it (ours)."""

    code = "code_wrong"
    danish = "Koden er forkert. Prøv igen; forsøg tilbage, før den spærres: {tries_left}."
    english = "The code is wrong. Tries left until it is voided: {tries_left}."
    tries_left: int


@dataclass(eq=False)
class CodeTriedMeanwhile(Refusal):
    """Fewer tries are left than the form showed; this try is not counted (ours)."""

    code = "code_tried_meanwhile"
    danish = "Der er tastet en forkert kode i mellemtiden. Indtast koden igen; forsøg tilbage: {tries_left}."
    english = "The code has been tried meanwhile; this try wasn't counted. Tries left: {tries_left}."
    tries_left: int


@dataclass(eq=False)
class CodeVoid(Refusal):
    """The code is used, expired, tried too often or replaced."""

    code = "code_void"
    danish = "Koden gælder ikke længere. Bed din administrator om en ny midlertidig kode."
    english = "The code is void. Ask the administrator for a new temporary code."
