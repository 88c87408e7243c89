"""The commands on becoming anonymous: asked by the user, answered by an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.commands.execution import CommandExecution
from brugerbog.application.commands.users import delete
from brugerbog.domain.user.anonymity import RoleHolderCannotBeAnonymous
from brugerbog.domain.user.user import User
from brugerbog.domain.values import personal_data

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork


class AnonymityCommands(CommandExecution):
    """Whom services shall not see the name of."""

    def request_anonymity(
        self, actor: Actor, *, accepts_losing_rights: bool, command_id: UUID | None = None
    ) -> CommandResult:
        """Ask to be anonymous, for oneself; the administrators are told by mail and notice.

        Rights aren't carried over and must be asked for anew: that is to be said first, and accepted.
        Raises: AlreadyAnonymous, AnonymityNotAllowed, RoleHolderCannotBeAnonymous, LossOfRightsNotAccepted.
        """

        def decide(uow: UnitOfWork) -> UUID:
            organisation = uow.organisation
            uow.load_for_update(actor.id).request_anonymity(
                uow.context,
                organisation.settings,
                organisation.roles_of(actor.id),
                accepts_losing_rights=accepts_losing_rights,
            )
            return actor.id

        return self._execute("request_anonymity", actor, decide, command_id, accepts_losing_rights)

    def approve_anonymity(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Make the user anew, anonymous, without rights and with another id, and delete the old one.

        One transaction; the CPR number moves with it. The answer's subject is the new user, who is sent an
        activation mail, with a temporary code where one is needed.
        Raises: NoAnonymityRequest, RoleHolderCannotBeAnonymous, AnonymityNotAllowed.
        """
        new_id = self._ids.new_id()

        def decide(uow: UnitOfWork) -> UUID:
            old, organisation = uow.load_for_update(user_id), uow.organisation
            uow.expect_unchanged(organisation)
            # Who has been answered meanwhile is said to be so, and not that his CPR number is in use.
            uow.expect_unchanged(old)
            if organisation.roles_of(user_id):
                raise RoleHolderCannotBeAnonymous(user_id)
            organisation.settings.check_anonymous(anonymous=True)
            new = User.create_in_place_of(uow.context, new_id, old, organisation.settings)
            delete(uow, old)
            if new.needs_code:
                uow.create_code(new)
            uow.add(new)
            return new_id

        return self._execute("approve_anonymity", actor, decide, command_id, user_id)

    def decline_anonymity(
        self, actor: Actor, user_id: UUID, reason: str, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Let the user stay as he is, and tell him why by mail. Raises: NoAnonymityRequest, ReasonMissing."""
        read = personal_data.reason(reason)

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).decline_anonymity(uow.context, read)
            return user_id

        return self._execute("decline_anonymity", actor, decide, command_id, user_id, reason)
