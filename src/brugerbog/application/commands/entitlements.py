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
    """The commands on entitlements: rights, signing and sealing for the organisation."""

    def grant_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Grant rights of the catalogue, by id; rights held already record nothing (guide, Rettigheder).

        Raises: RightUnknown.
        """

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).grant_rights(uow.context, rights, uow.organisation.settings)
            return user_id

        return self._execute("grant_rights", actor, decide, command_id, user_id, *rights)

    def revoke_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Revoke rights of a user; rights that are not held record nothing."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).revoke_rights(uow.context, rights)
            return user_id

        return self._execute("revoke_rights", actor, decide, command_id, user_id, *rights)

    def allow_signing(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> CommandResult:
        """Allow a user to sign for the organisation; a repeat records nothing (guide, Underskrift)."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).allow_signing(uow.context)
            return user_id

        return self._execute("allow_signing", actor, decide, command_id, user_id)

    def withdraw_signing(
        self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None
    ) -> CommandResult:
        """Withdraw the permission to sign; a repeat records nothing."""

        def decide(uow: UnitOfWork) -> UUID:
            uow.load_for_update(user_id).withdraw_signing(uow.context)
            return user_id

        return self._execute("withdraw_signing", actor, decide, command_id, user_id)

    def assign_sealing_profiles(
        self, actor: Actor, user_id: UUID, profiles: Sequence[str], *, command_id: UUID | None = None
    ) -> CommandResult:
        """Set the certificate profiles with which a user may seal: these only, or none (guide, Segldannelse).

        Raises: SealingNotAllowed, ProfileNotActive.
        """

        def decide(uow: UnitOfWork) -> UUID:
            settings = uow.organisation.settings
            uow.load_for_update(user_id).assign_sealing_profiles(uow.context, profiles, settings)
            return user_id

        return self._execute("assign_sealing_profiles", actor, decide, command_id, user_id, *profiles)
