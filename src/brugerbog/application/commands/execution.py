"""How every command is carried out: who acts, what he decides, and one transaction for all that follows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from brugerbog.application.actors import Actor
from brugerbog.application.commands.authorization import authorize
from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.commands.unit_of_work import UnitOfWork
from brugerbog.application.ports.event_log import (
    INSTALLATION_SCOPE,
    CommandRecord,
    Conflict,
    DuplicateCommand,
    IdentityTaken,
)
from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from uuid import UUID

    from brugerbog.application.commands.dependencies import Dependencies
    from brugerbog.application.mail.outbox import LinkToken
    from brugerbog.application.rate_limits import Limit
    from brugerbog.domain.kernel.doors import Door
    from brugerbog.domain.kernel.privacy import Secret

MAX_ATTEMPTS: Final = 20
"""So often a command is decided anew when others wrote first."""

CODE_SHOWN: Final = "code_shown"
"""What is remembered of a command that showed a code, instead of the code."""


SHOW_CPR: Final = "show_cpr"
"""The command that shows a CPR number, as it is asked and remembered."""

CREATE_CLIENT: Final = "create_client"
"""The command that shows a client's secret, likewise."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command came to: the log's position from which on it shows, and whom it concerned.

    `code` is a temporary activation code and `secret` that of a client, in the clear, to be shown once and
    kept nowhere; `cpr` is a CPR number whose showing is recorded. A repeat of the command has
    `code_already_shown`, `secret_already_shown` or `cpr_already_shown` in their place.
    """

    position: int
    subject: UUID | None
    code: str | None = None
    code_already_shown: bool = False
    cpr: str | None = None
    cpr_already_shown: bool = False
    secret: Secret[str] | None = None
    secret_already_shown: bool = False

    def __repr__(self) -> str:
        return f"<Answer at {self.position} about {self.subject}>"


@dataclass(frozen=True, slots=True, repr=False)
class CommandRequest:
    """A command as it was asked: in which scope, by which id, and all that was said.

    One that is `has_given_id` its id may have been given before; else the id was made for it just now.
    """

    command: str
    scope: UUID
    command_id: UUID
    has_given_id: bool
    arguments: tuple[object, ...]


class CommandExecution:
    """The way of a command; the commands are methods of those who build on this, story by story."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self._log = dependencies.log
        self._ids = dependencies.ids
        self._expected: Mapping[UUID, Collection[int]] = {}

    def _execute(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None,
        *arguments: object,
    ) -> CommandResult:
        """Carry out what an actor with a role decides."""
        own_id = command_id or self._ids.random_id()
        with self._observe(command, actor, own_id):
            return self._execute_step(
                command, actor, decide, own_id, *arguments, has_given_id=command_id is not None
            )

    def _execute_step(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID,
        *arguments: object,
        has_given_id: bool = True,
    ) -> CommandResult:
        """Carry out a command, or one of several steps of one that is heard of as a whole."""
        scope = (
            INSTALLATION_SCOPE
            if command == "register_organisation"
            else actor.organisation_id or INSTALLATION_SCOPE
        )
        asked = CommandRequest(command, scope, command_id, has_given_id, arguments)
        return self._decide_and_append(asked, lambda at: self._begin_unit_of_work(command, actor, at), decide)

    def _execute_with_link(
        self,
        command: str,
        link: LinkToken,
        door: Door,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None = None,
        *arguments: object,
    ) -> CommandResult:
        """Carry out what the user decides whom a link was sent to; the link is what lets him.

        Raises: NotInTransaction, as a wrong code must count whatever comes after it.
        """
        refuse_in_transaction(self._log)
        user = self._log.user(link.user_id)
        if user is None:
            raise refusals.UserUnknown(link.user_id)
        actor = Actor(link.user_id, user.organisation_id, door)

        def begin(at: UUID) -> UnitOfWork:
            organisation = self._log.organisation(user.organisation_id)
            return UnitOfWork(
                self._dependencies, self._context(actor, Role.USER, at, user.organisation_id), organisation
            )

        own_id = command_id or self._ids.random_id()
        with self._observe(command, actor, own_id):
            asked = CommandRequest(command, user.organisation_id, own_id, command_id is not None, arguments)
            return self._decide_and_append(asked, begin, decide)

    def _counter(self, *counts: tuple[Limit, object]) -> Callable[[], None]:
        """Counts for these limits, once however often the command is decided. Raises: TooManyTries."""

        @cache
        def count() -> None:
            for limit, of in counts:
                self._dependencies.rate_limiter.count(limit, of)

        return count

    @contextmanager
    def _observe(
        self,
        command: str,
        actor: Actor,
        command_id: UUID | None = None,
        kind: OperationKind = OperationKind.COMMAND,
    ) -> Iterator[None]:
        """Let it be heard of, and every refusal before it is answered."""
        observer = self._dependencies.observer
        with observer.observe(Operation(kind, command, actor.door.value, command_id)):
            try:
                yield
            except Refusal as refusal:
                observer.refused(command, actor, refusal)
                raise

    def _decide_and_append(
        self,
        asked: CommandRequest,
        begin: Callable[[UUID], UnitOfWork],
        decide: Callable[[UnitOfWork], UUID | None],
    ) -> CommandResult:
        scope, command_id = asked.scope, asked.command_id
        fingerprint = self._log.fingerprint(
            scope, asked.command, *(canonical_text(one) for one in asked.arguments)
        )
        if asked.has_given_id:
            begin(command_id)
            if seen := self._log.command_record(scope, command_id):
                return self._complete(repeated_result(seen, fingerprint))
            if self._log.import_by_id(command_id):
                raise refusals.CommandIdReused(command_id)
        for _ in range(MAX_ATTEMPTS):
            uow = begin(command_id)
            subject = decide(uow)
            outcome = asked.command if uow.code is None else CODE_SHOWN
            remembered = CommandRecord(scope, command_id, fingerprint, outcome, subject)
            try:
                position = self._log.record(
                    uow.changed, uow.append_request(None if uow.refusal else remembered)
                )
            except DuplicateCommand as seen:
                return self._complete(repeated_result(seen.command_record, fingerprint))
            except IdentityTaken as taken:
                raise refusal_of(taken) from None
            except Conflict:
                continue
            shown = uow.code and uow.code.reveal()
            answer = self._complete(CommandResult(position, subject, shown, cpr=uow.cpr, secret=uow.secret))
            if uow.refusal is not None:
                raise uow.refusal
            return answer
        raise refusals.TooBusy

    def _complete(self, answer: CommandResult) -> CommandResult:
        """Give an answer once everything that follows from it is done."""
        self._dependencies.projector.catch_up()
        finish_erasures(self._log, self._dependencies.projector)
        return answer

    def _begin_unit_of_work(self, command: str, actor: Actor, command_id: UUID) -> UnitOfWork:
        who = authorize(command, actor, self._log, self._dependencies.clock.now())
        registers = command == "register_organisation"
        organisation = None if registers else who.known_organisation
        scope = self._ids.new_id() if organisation is None else organisation.id
        context = self._context(actor, who.role, command_id, scope)
        uow = UnitOfWork(self._dependencies, context, organisation, self._expected)
        if actor.is_user_or_client:
            # He acts by what he is now: should that change before this is stored, it is decided anew.
            uow.expect_unchanged(who.known_organisation)
            if who.user is not None:
                uow.expect_unchanged(who.user)
        return uow

    def _context(self, actor: Actor, role: Role, command_id: UUID, organisation_id: UUID) -> CommandContext:
        return CommandContext(
            organisation_id=organisation_id,
            actor=actor.id,
            role=role,
            door=actor.door,
            recorded_at=self._dependencies.clock.now(),
            command_id=command_id,
            correlation_id=command_id,
        )


def canonical_text(arguments: object) -> str:
    """What was said, unambiguously, for the fingerprint of a command; never stored or shown."""
    if is_dataclass(arguments):
        return "\x1f".join(
            f"{field.name}={canonical_text(getattr(arguments, field.name))}" for field in fields(arguments)
        )
    return repr(arguments)


def repeated_result(seen: CommandRecord, fingerprint: bytes) -> CommandResult:
    """The answer that a command got the first time. Raises: CommandIdReused for another command."""
    if seen.fingerprint != fingerprint:
        raise refusals.CommandIdReused(seen.command_id)
    return CommandResult(
        seen.position,
        seen.subject,
        code_already_shown=seen.outcome == CODE_SHOWN,
        cpr_already_shown=seen.outcome == SHOW_CPR,
        secret_already_shown=seen.outcome == CREATE_CLIENT,
    )


def refusal_of(taken: IdentityTaken) -> Refusal:
    """The refusal that a taken identity comes to."""
    if taken.kind == "cvr":
        return refusals.OrganisationAlreadyRegistered()
    return _TAKEN.get(taken.kind, refusals.PersonInUse)(taken.holder)


_TAKEN: Final[dict[str, Callable[[UUID], Refusal]]] = {
    "cpr": refusals.CprInUse,
    "account": refusals.UserNameInUse,
}
"""What whoever holds a claim already is said to have in common; else names, birth date and e-mail."""
