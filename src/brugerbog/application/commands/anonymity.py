"""The commands on anonymity: a user requests it, and an administrator approves or declines the request."""

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
    """The commands on anonymity; services don't see the name of an anonymous user."""

    def request_anonymity(
        self, actor: Actor, *, accepts_losing_rights: bool, command_id: UUID | None = None
    ) -> CommandResult:
        """Request anonymity for oneself; a mail and a notice inform the administrators.

        Rights aren't carried over: the caller must say so first, and the user must accept it.
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
        """Create an anonymous user with a new id and without rights, and delete the old user.

        Both happen in one transaction, in which the new user takes over the CPR number and gets an activation
        mail. The result's subject is the new user's id, and its `code` a temporary code if only the birth
        date is known.
        Raises: AlreadyDeleted, NoAnonymityRequest, RoleHolderCannotBeAnonymous, AnonymityNotAllowed.
        """
        new_id = self._ids.new_id()

        def decide(uow: UnitOfWork) -> UUID:
            old, organisation = uow.load_for_update(user_id), uow.organisation
            uow.expect_unchanged(organisation)
            # If another command answers the request first, the refusal must say so, and not be `CprInUse`.
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
        """Decline the request, with the reason in a mail. Raises: NoAnonymityRequest, ReasonMissing."""
        parsed = personal_data.reason(reason)

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).decline_anonymity(uow.context, parsed)
            return user_id

        return self._execute("decline_anonymity", actor, decide, command_id, user_id, reason)
