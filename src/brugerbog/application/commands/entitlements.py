"""The commands of rights administrators: rights in services, signing, sealing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.commands.execution import CommandExecution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.unit_of_work import UnitOfWork


class EntitlementCommands(CommandExecution):
    """What a user may do for the organisation."""

    def grant_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Give a user rights of the catalogue, by id; those he has record nothing (guide, Rettigheder).

        Raises: RightUnknown.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).grant_rights(uow.context, rights, uow.organisation.settings)
            return user_id

        return self._execute("grant_rights", actor, decide, command_id, user_id, *rights)

    def revoke_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Take rights from a user; those he hasn't record nothing."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).revoke_rights(uow.context, rights)
            return user_id

        return self._execute("revoke_rights", actor, decide, command_id, user_id, *rights)

    def allow_signing(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Let a user sign for the organisation; once more records nothing (guide, Underskrift)."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).allow_signing(uow.context)
            return user_id

        return self._execute("allow_signing", actor, decide, command_id, user_id)

    def withdraw_signing(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """No longer let a user sign; once more records nothing."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).withdraw_signing(uow.context)
            return user_id

        return self._execute("withdraw_signing", actor, decide, command_id, user_id)

    def assign_sealing_profiles(
        self, actor: Actor, user_id: UUID, profiles: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Let a user seal with these certificate profiles and no others, or none (guide, Segldannelse).

        Raises: SealingNotAllowed, ProfileNotActive.
        """

        def decide(uow: UnitOfWork) -> UUID:
            settings = uow.organisation.settings
            uow.load_for_update(user_id).assign_sealing_profiles(uow.context, profiles, settings)
            return user_id

        return self._execute("assign_sealing_profiles", actor, decide, command_id, user_id, *profiles)
