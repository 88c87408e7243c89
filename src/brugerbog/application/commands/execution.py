"""How every command is carried out: who acts, what he decides, and one transaction for all that follows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from brugerbog.application.background.erasure import finish_erasures
from brugerbog.application.commands.authorization import Actor, authorize
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

TRIES: Final = 20
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

    One that is `known_by` its id may have been given before; else the id was made for it just now.
    """

    command: str
    scope: UUID
    command_id: UUID
    known_by: bool
    said: tuple[object, ...]


class CommandExecution:
    """The way of a command; the commands are methods of those who build on this, story by story."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self._log = dependencies.log
        self._ids = dependencies.ids
        self._expected: Mapping[UUID, Collection[int]] = {}

    def _do(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None,
        *said: object,
    ) -> CommandResult:
        """Carry out what an actor with a role decides."""
        own_id = command_id or self._ids.random_id()
        with self._heard(command, actor, own_id):
            return self._take_step(command, actor, decide, own_id, *said, known_by=command_id is not None)

    def _take_step(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID,
        *said: object,
        known_by: bool = True,
    ) -> CommandResult:
        """Carry out a command, or one of several steps of one that is heard of as a whole."""
        scope = (
            INSTALLATION_SCOPE
            if command == "register_organisation"
            else actor.organisation_id or INSTALLATION_SCOPE
        )
        asked = CommandRequest(command, scope, command_id, known_by, said)
        return self._carry_out(asked, lambda at: self._begin(command, actor, at), decide)

    def _do_with_link(
        self,
        command: str,
        link: LinkToken,
        door: Door,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None = None,
        *said: object,
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
                self._dependencies, self._act(actor, Role.USER, at, user.organisation_id), organisation
            )

        own_id = command_id or self._ids.random_id()
        with self._heard(command, actor, own_id):
            asked = CommandRequest(command, user.organisation_id, own_id, command_id is not None, said)
            return self._carry_out(asked, begin, decide)

    def _counting(self, *counts: tuple[Limit, object]) -> Callable[[], None]:
        """Counts for these limits, once however often the command is decided. Raises: TooManyTries."""

        @cache
        def count() -> None:
            for limit, of in counts:
                self._dependencies.rate_limiter.count(limit, of)

        return count

    @contextmanager
    def _heard(
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

    def _carry_out(
        self,
        asked: CommandRequest,
        begin: Callable[[UUID], UnitOfWork],
        decide: Callable[[UnitOfWork], UUID | None],
    ) -> CommandResult:
        scope, command_id = asked.scope, asked.command_id
        fingerprint = self._log.fingerprint(scope, asked.command, *(spelled_out(one) for one in asked.said))
        if asked.known_by:
            begin(command_id)
            if seen := self._log.remembered(scope, command_id):
                return self._settled(first_answer(seen, fingerprint))
            if self._log.import_by_id(command_id):
                raise refusals.CommandIdReused(command_id)
        for _ in range(TRIES):
            uow = begin(command_id)
            subject = decide(uow)
            outcome = asked.command if uow.code is None else CODE_SHOWN
            remembered = CommandRecord(scope, command_id, fingerprint, outcome, subject)
            try:
                position = self._log.record(
                    uow.changed, uow.append_request(None if uow.refusal else remembered)
                )
            except DuplicateCommand as seen:
                return self._settled(first_answer(seen.remembered, fingerprint))
            except IdentityTaken as taken:
                raise refusal_for(taken) from None
            except Conflict:
                continue
            shown = uow.code and uow.code.reveal()
            answer = self._settled(CommandResult(position, subject, shown, cpr=uow.cpr, secret=uow.secret))
            if uow.refusal is not None:
                raise uow.refusal
            return answer
        raise refusals.TooBusy

    def _settled(self, answer: CommandResult) -> CommandResult:
        """Give an answer once everything that follows from it is done."""
        self._dependencies.projector.catch_up()
        finish_erasures(self._log, self._dependencies.projector)
        return answer

    def _begin(self, command: str, actor: Actor, command_id: UUID) -> UnitOfWork:
        who = authorize(command, actor, self._log, self._dependencies.clock.now())
        registers = command == "register_organisation"
        organisation = None if registers else who.here
        scope = self._ids.new_id() if organisation is None else organisation.id
        context = self._act(actor, who.role, command_id, scope)
        uow = UnitOfWork(self._dependencies, context, organisation, self._expected)
        if actor.is_somebody:
            # He acts by what he is now: should that change before this is stored, it is decided anew.
            uow.expect_unchanged(who.here)
            if who.person is not None:
                uow.expect_unchanged(who.person)
        return uow

    def _act(self, actor: Actor, role: Role, command_id: UUID, organisation_id: UUID) -> CommandContext:
        return CommandContext(
            organisation_id=organisation_id,
            actor=actor.id,
            role=role,
            door=actor.door,
            recorded_at=self._dependencies.clock.now(),
            command_id=command_id,
            correlation_id=command_id,
        )


def spelled_out(said: object) -> str:
    """What was said, unambiguously, for the fingerprint of a command; never stored or shown."""
    if is_dataclass(said):
        return "\x1f".join(f"{field.name}={spelled_out(getattr(said, field.name))}" for field in fields(said))
    return repr(said)


def first_answer(seen: CommandRecord, fingerprint: bytes) -> CommandResult:
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


def refusal_for(taken: IdentityTaken) -> Refusal:
    """The refusal that a taken identity comes to."""
    if taken.kind == "cvr":
        return refusals.OrganisationAlreadyRegistered()
    return _TAKEN.get(taken.kind, refusals.PersonInUse)(taken.holder)


_TAKEN: Final[dict[str, Callable[[UUID], Refusal]]] = {
    "cpr": refusals.CprInUse,
    "account": refusals.UserNameInUse,
}
"""What whoever holds a claim already is said to have in common; else names, birth date and e-mail."""
