"""The execution of commands: authorize, decide, append in one transaction, and repeat safely."""

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
    from brugerbog.application.mail.link_tokens import LinkToken
    from brugerbog.application.rate_limits import Limit
    from brugerbog.domain.kernel.doors import Door
    from brugerbog.domain.kernel.privacy import Secret

MAX_ATTEMPTS: Final = 20
"""The most decisions of a command; after a conflict each time, it is refused as `TooBusy`."""

CODE_SHOWN: Final = "code_shown"
"""The stored outcome of a command that showed a temporary code; the code itself is not stored."""

SHOW_CPR: Final = "show_cpr"
"""The name of the command that shows a CPR number; also the stored outcome of that command."""

CREATE_CLIENT: Final = "create_client"
"""The name of the command that shows a client's secret; also the stored outcome of that command."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command: the position at which projections show its effects, and its subject's id.

    `code` is a temporary activation code and `secret` a client's secret, both in plain text: to be shown once
    and stored nowhere. `cpr` is a CPR number whose showing is recorded. The result of a repeat has
    `code_already_shown`, `secret_already_shown` or `cpr_already_shown` instead.
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
        return f"<CommandResult at {self.position} about {self.subject}>"


@dataclass(frozen=True, slots=True, repr=False)
class CommandRequest:
    """A command with its scope, its id and its arguments.

    `has_given_id` is False if the caller gave no id: the id is new, so the command can't be a repeat.
    """

    command: str
    scope: UUID
    command_id: UUID
    has_given_id: bool
    arguments: tuple[object, ...]


class CommandExecution:
    """Executes commands. The commands themselves are methods of the subclasses, by subject."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self._log = dependencies.log
        self._ids = dependencies.ids
        self._expected_user_versions: Mapping[UUID, Collection[int]] = {}

    def _execute(
        self,
        command: str,
        actor: Actor,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None,
        *arguments: object,
    ) -> CommandResult:
        """Authorize, decide and append a command, and report it to the observer."""
        effective_id = command_id or self._ids.random_id()
        with self._observe(command, actor, effective_id):
            return self._execute_step(
                command, actor, decide, effective_id, *arguments, has_given_id=command_id is not None
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
        """Execute a command, or one of several transactions of it; the caller reports to the observer."""
        scope = (
            INSTALLATION_SCOPE
            if command == "register_organisation"
            else actor.organisation_id or INSTALLATION_SCOPE
        )
        request = CommandRequest(command, scope, command_id, has_given_id, arguments)
        return self._decide_and_append(
            request, lambda effective_id: self._begin_unit_of_work(command, actor, effective_id), decide
        )

    def _execute_with_link(
        self,
        command: str,
        link: LinkToken,
        door: Door,
        decide: Callable[[UnitOfWork], UUID | None],
        command_id: UUID | None = None,
        *arguments: object,
    ) -> CommandResult:
        """Execute a command of the user to whom a link was sent; the link authorizes it.

        Raises: NotInTransaction, because a wrong code must count even if the transaction is rolled back.
        """
        refuse_in_transaction(self._log)
        user = self._log.user(link.user_id)
        if user is None:
            raise refusals.UserUnknown(link.user_id)
        actor = Actor(link.user_id, user.organisation_id, door)

        def begin(effective_id: UUID) -> UnitOfWork:
            organisation = self._log.organisation(user.organisation_id)
            return UnitOfWork(
                self._dependencies,
                self._context(actor, Role.USER, effective_id, user.organisation_id),
                organisation,
            )

        effective_id = command_id or self._ids.random_id()
        with self._observe(command, actor, effective_id):
            request = CommandRequest(
                command, user.organisation_id, effective_id, command_id is not None, arguments
            )
            return self._decide_and_append(request, begin, decide)

    def _count_once(self, *counts: tuple[Limit, object]) -> Callable[[], None]:
        """Return a function that counts against these limits on its first call only; it raises TooManyTries.

        A decision calls the function, and is repeated after a conflict: the command still counts once.
        """

        @cache
        def count() -> None:
            for limit, key in counts:
                self._dependencies.rate_limiter.count(limit, key)

        return count

    @contextmanager
    def _observe(
        self,
        command: str,
        actor: Actor,
        command_id: UUID | None = None,
        kind: OperationKind = OperationKind.COMMAND,
    ) -> Iterator[None]:
        """Report the operation, and any refusal of it, to the observer."""
        observer = self._dependencies.observer
        with observer.observe(Operation(kind, command, actor.door.value, command_id)):
            try:
                yield
            except Refusal as refusal:
                observer.refused(command, actor, refusal)
                raise

    def _decide_and_append(
        self,
        request: CommandRequest,
        begin: Callable[[UUID], UnitOfWork],
        decide: Callable[[UnitOfWork], UUID | None],
    ) -> CommandResult:
        """Decide and append, again after each conflict; return the first result for a repeated command."""
        scope, command_id = request.scope, request.command_id
        fingerprint = self._log.fingerprint(
            scope, request.command, *(canonical_text(argument) for argument in request.arguments)
        )
        if request.has_given_id:
            begin(command_id)  # authorizes the actor before the first result is shown again
            if earlier := self._log.command_record(scope, command_id):
                return self._complete(repeated_result(earlier, fingerprint))
            if self._log.import_by_id(command_id):
                raise refusals.CommandIdReused(command_id)
        for _ in range(MAX_ATTEMPTS):
            uow = begin(command_id)
            subject = decide(uow)
            outcome = request.command if uow.code is None else CODE_SHOWN
            record = CommandRecord(scope, command_id, fingerprint, outcome, subject)
            try:
                # A command that is refused after its append stores no record: a repeat is decided anew.
                position = self._log.record(uow.changed, uow.append_request(None if uow.refusal else record))
            except DuplicateCommand as duplicate:
                return self._complete(repeated_result(duplicate.command_record, fingerprint))
            except IdentityTaken as taken:
                raise refusal_of(taken) from None
            except Conflict:
                continue
            code = uow.code and uow.code.reveal()
            result = self._complete(CommandResult(position, subject, code, cpr=uow.cpr, secret=uow.secret))
            if uow.refusal is not None:
                raise uow.refusal
            return result
        raise refusals.TooBusy

    def _complete(self, result: CommandResult) -> CommandResult:
        """Bring the projections up to date and finish erasures; then return the result."""
        self._dependencies.projector.catch_up()
        finish_erasures(self._log, self._dependencies.projector)
        return result

    def _begin_unit_of_work(self, command: str, actor: Actor, command_id: UUID) -> UnitOfWork:
        authorized = authorize(command, actor, self._log, self._dependencies.clock.now())
        registers = command == "register_organisation"
        organisation = None if registers else authorized.known_organisation
        scope = self._ids.new_id() if organisation is None else organisation.id
        context = self._context(actor, authorized.role, command_id, scope)
        uow = UnitOfWork(self._dependencies, context, organisation, self._expected_user_versions)
        if actor.is_user_or_client:
            # The append fails with `Conflict` if the actor's roles or status have changed since.
            uow.expect_unchanged(authorized.known_organisation)
            if authorized.user is not None:
                uow.expect_unchanged(authorized.user)
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


def canonical_text(argument: object) -> str:
    """Return an unambiguous text of an argument for the command's fingerprint; it is not stored or shown."""
    if is_dataclass(argument):
        return "\x1f".join(
            f"{field.name}={canonical_text(getattr(argument, field.name))}" for field in fields(argument)
        )
    return repr(argument)


def repeated_result(record: CommandRecord, fingerprint: bytes) -> CommandResult:
    """Return the first result of a repeated command. Raises: CommandIdReused for another command."""
    if record.fingerprint != fingerprint:
        raise refusals.CommandIdReused(record.command_id)
    return CommandResult(
        record.position,
        record.subject,
        code_already_shown=record.outcome == CODE_SHOWN,
        cpr_already_shown=record.outcome == SHOW_CPR,
        secret_already_shown=record.outcome == CREATE_CLIENT,
    )


def refusal_of(taken: IdentityTaken) -> Refusal:
    """Return the refusal for an identity that another user or organisation has."""
    if taken.kind == "cvr":
        return refusals.OrganisationAlreadyRegistered()
    return _REFUSAL_OF_TAKEN.get(taken.kind, refusals.PersonInUse)(taken.holder)


_REFUSAL_OF_TAKEN: Final[dict[str, Callable[[UUID], Refusal]]] = {
    "cpr": refusals.CprInUse,
    "account": refusals.UserNameInUse,
}
"""The refusal by kind of identity. The other kind, "person", is names, birth date and e-mail."""
