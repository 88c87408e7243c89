"""The commands of users with a link from a mail: confirm identity, enter code, take means into use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from brugerbog.application.actors import Actor
from brugerbog.application.commands.execution import CommandExecution
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.ports.observation import OperationKind
from brugerbog.application.rate_limits import FAILURES_OF_LINK
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.identity_confirmation import IdentityDoesNotMatch
from brugerbog.domain.user.links import LinkPurpose, LinkUnknown
from brugerbog.domain.values.means import Means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.mail.link_tokens import LinkToken
    from brugerbog.domain.user.identity_confirmation import ProvedIdentity
    from brugerbog.domain.user.user import User


UNKNOWN_ACTOR: Final = Actor(INSTALLATION_SCOPE, None)
"""The actor of a request with an unknown link."""


class IdentityProof(Protocol):
    """The confirmation of an identity by a MitID broker, which is trusted."""

    def proved(self) -> ProvedIdentity:
        """Return the identity that was just proved."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class OpenedLink:
    """What a page shows when a link is opened; without personal data, as anybody may have the link.

    `expires_at` is the first instant at which the link is invalid. `may_take` are the means to choose from,
    each kind as often as the user may have it; `ordered` are those of them whose device is ordered.
    `tries_left` is how often the temporary code may still be tried: 0 if it is void or used, None if the user
    needs no code.
    """

    purpose: LinkPurpose
    organisation: str
    expires_at: datetime
    needs_code: bool
    tries_left: int | None
    identity_confirmed: bool
    may_take: tuple[Means, ...]
    ordered: tuple[Means, ...]


class SelfService(CommandExecution):
    """The commands of users with a link. The link opens a page; commands need a confirmed identity too.

    All raise `LinkUnknown`, `LinkVoided`, `LinkExpired` and `LinkUsed`; the commands also
    `IdentityNotConfirmed`, from an hour after the confirmation on. `command_id` makes a repeat safe, as for
    every command.
    """

    def open_activation(self, token: str) -> OpenedLink:
        """Open the link of an activation mail."""
        return self._open(token, LinkPurpose.ACTIVATION)

    def open_means(self, token: str) -> OpenedLink:
        """Open the link of a mail about assigned means."""
        return self._open(token, LinkPurpose.MEANS)

    def confirm_identity(
        self, token: str, identity: IdentityProof, *, door: Door = Door.EMBEDDED
    ) -> CommandResult:
        """Confirm the identity of the user with the link by private MitID (guide, Opret nye brugere).

        Raises: IdentityDoesNotMatch, AssuranceTooLow; TooManyTries after too many other identities.
        """
        link = self._find(token)
        limiter = self._dependencies.rate_limiter
        limiter.check(FAILURES_OF_LINK, link.user_id)
        proved = identity.proved()

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(link.user_id).confirm_identity(
                uow.context, link.purpose, link.generation, proved
            )
            return link.user_id

        try:
            return self._execute_with_link("confirm_identity", link, door, decide)
        except IdentityDoesNotMatch:
            limiter.count(FAILURES_OF_LINK, link.user_id)
            raise

    def enter_code(
        self, token: str, code: str, *, tries_left: int | None = None, door: Door = Door.EMBEDDED
    ) -> CommandResult:
        """Enter the temporary code that the administrator gave to the user.

        `tries_left`, as `open_activation` returned it, makes a repeat safe: a wrong code counts once.
        Raises: NoCodeNeeded, CodeWrong, which counts as a try, CodeTriedMeanwhile, CodeVoid.
        """
        link = self._find(token, LinkPurpose.ACTIVATION)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(link.user_id)
            user.must_await_code(uow.context, link.generation)
            matches = uow.matches_code(user, Secret(code))
            uow.refusal = user.enter_code(
                uow.context, link.generation, matches=matches, tries_left=tries_left
            )
            if user.code_expires_at is None:
                uow.delete_code(user)
            return link.user_id

        return self._execute_with_link("enter_code", link, door, decide)

    def order_means(
        self, token: str, means: Means, *, command_id: UUID | None = None, door: Door = Door.EMBEDDED
    ) -> CommandResult:
        """Order a device; the user takes it into use once it has arrived (public pages, Aktivér).

        Raises: NothingToOrder, MeansNotAssigned, MeansNotOffered.
        """
        link = self._find(token)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(link.user_id)
            user.check_link(link.purpose, link.generation, uow.context.recorded_at)
            user.must_be_confirmed(uow.context)
            user.order_means(uow.context, means, self._ids.random_id(), uow.organisation.settings)
            return link.user_id

        return self._execute_with_link("order_means", link, door, decide, command_id, link.user_id, means)

    def activate(
        self,
        token: str,
        means: Sequence[Means] = (),
        *,
        consent: bool = False,
        door: Door = Door.EMBEDDED,
    ) -> CommandResult:
        """Activate the user with the means chosen; private means need `consent`.

        The user can take the remaining means into use later, by a mail of its own.
        Raises: CodeMissing, MeansNotChosen, MeansNotAssigned, MeansNotYetOrdered, ConsentMissing.
        """
        link = self._find(token, LinkPurpose.ACTIVATION)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(link.user_id)
            user.complete_activation(
                uow.context, link.generation, means, consent=consent, new_id=self._ids.random_id
            )
            # The code may be unused, if the CPR number has become known meanwhile.
            uow.delete_code(user)
            return link.user_id

        return self._execute_with_link("activate", link, door, decide)

    def take_means(
        self,
        token: str,
        means: Sequence[Means],
        *,
        consent: bool = False,
        command_id: UUID | None = None,
        door: Door = Door.EMBEDDED,
    ) -> CommandResult:
        """Take means into use that were assigned later (guide, Tildel identifikationsmidler).

        Raises: MeansNotAssigned, MeansNotYetOrdered, ConsentMissing.
        """
        link = self._find(token, LinkPurpose.MEANS)

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(link.user_id)
            user.check_link(LinkPurpose.MEANS, link.generation, uow.context.recorded_at)
            user.must_be_confirmed(uow.context)
            user.take_means(uow.context, means, consent=consent, new_id=self._ids.random_id)
            return link.user_id

        arguments = (link.user_id, tuple(means), consent)
        return self._execute_with_link("take_means", link, door, decide, command_id, *arguments)

    def _open(self, token: str, purpose: LinkPurpose) -> OpenedLink:
        link = self._find(token, purpose)
        user, now = self._user_of(link), self._dependencies.clock.now()
        with self._observe("open_link", Actor(user.id, user.organisation_id), kind=OperationKind.QUESTION):
            validity = user.check_link(purpose, link.generation, now)
        organisation = self._log.organisation(user.organisation_id)
        return OpenedLink(
            purpose=purpose,
            organisation=organisation.name if organisation else "",
            expires_at=validity.expires_at,
            needs_code=purpose is LinkPurpose.ACTIVATION and user.lacks_code(now),
            tries_left=user.tries_left_at(now),
            identity_confirmed=user.is_confirmed_at(now),
            may_take=tuple(user.open_means.elements()),
            ordered=tuple(user.ordered_means.values()),
        )

    def _find(self, token: str, purpose: LinkPurpose | None = None) -> LinkToken:
        refuse_in_transaction(self._log)
        found = self._dependencies.links.find_token(self._dependencies.tokens.digest(Secret(token)))
        if found is None or purpose not in (None, found.purpose):
            with self._observe("open_link", UNKNOWN_ACTOR, kind=OperationKind.QUESTION):
                raise LinkUnknown
        return found

    def _user_of(self, link: LinkToken) -> User:
        user = self._log.user(link.user_id)
        if user is None:
            raise UserUnknown(link.user_id)
        return user
