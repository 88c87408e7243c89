"""The command that synchronises a user with a directory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from brugerbog.application.commands.execution import CommandExecution
from brugerbog.application.commands.user_input import read_edits
from brugerbog.application.commands.users import keep_one_organisation_administrator
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.commands.user_input import UserEdits
    from brugerbog.domain.values.means import Means


class DirectorySync(CommandExecution):
    """The command that matches a user to the directory's data (SCIM)."""

    def align_user(
        self,
        actor: Actor,
        user_id: UUID,
        edits: UserEdits,
        *,
        active: bool | None = None,
        means: tuple[Means, ...] = (),
        command_id: UUID | None = None,
    ) -> CommandResult:
        """Edit a user, and deactivate or reactivate the user, all or nothing; equal values record nothing.

        `active=False` deactivates from today until further notice, in place of a future deactivation; a
        current one stays. `active=True` ends a current deactivation; a future one stays. `means` are assigned
        as by `assign_means`. Raises: all that is wrong with the edits, together as `Refusals`; as
        `deactivate_user`; CprInUse, PersonInUse, UserNameInUse.
        """

        def decide(uow: UnitOfWork) -> UUID:
            user = uow.load_for_update(user_id)
            read, misread = read_edits(edits, uow.context.today)
            user.edit(uow.context, replace(read, means=means), uow.organisation.settings, misread=misread)
            is_deactivated = user.status_at(uow.context.recorded_at) is Status.DEACTIVATED
            if active is False and not is_deactivated:
                user.deactivate(uow.context, from_date=uow.context.today, to_date=None)
                keep_one_organisation_administrator(uow, user_id, user.period)
            elif active and is_deactivated:
                user.reactivate(uow.context)
            return user_id

        return self._execute("align_user", actor, decide, command_id, user_id, edits, active, means)
