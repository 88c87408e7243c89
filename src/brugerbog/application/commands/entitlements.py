"""The commands of rights administrators: rights in services, signing, sealing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.commands.execution import Commands

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from brugerbog.application.commands.authorization import Actor
    from brugerbog.application.commands.execution import Answer
    from brugerbog.application.commands.unit_of_work import Deed


class Entitlements(Commands):
    """What a user may do for the organisation."""

    def grant_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> Answer:
        """Give a user rights of the catalogue, by id; those he has record nothing (guide, Rettigheder).

        Raises: RightUnknown.
        """

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).grant_rights(deed.act, rights, deed.organisation.settings)
            return user_id

        return self._do("grant_rights", actor, decide, command_id, user_id, *rights)

    def revoke_rights(
        self, actor: Actor, user_id: UUID, rights: Sequence[str], *, command_id: UUID | None = None
    ) -> Answer:
        """Take rights from a user; those he hasn't record nothing."""

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).revoke_rights(deed.act, rights)
            return user_id

        return self._do("revoke_rights", actor, decide, command_id, user_id, *rights)

    def allow_signing(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> Answer:
        """Let a user sign for the organisation; once more records nothing (guide, Underskrift)."""

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).allow_signing(deed.act)
            return user_id

        return self._do("allow_signing", actor, decide, command_id, user_id)

    def withdraw_signing(self, actor: Actor, user_id: UUID, *, command_id: UUID | None = None) -> Answer:
        """No longer let a user sign; once more records nothing."""

        def decide(deed: Deed) -> UUID:
            deed.user(user_id).withdraw_signing(deed.act)
            return user_id

        return self._do("withdraw_signing", actor, decide, command_id, user_id)

    def assign_sealing_profiles(
        self, actor: Actor, user_id: UUID, profiles: Sequence[str], *, command_id: UUID | None = None
    ) -> Answer:
        """Let a user seal with these certificate profiles and no others, or none (guide, Segldannelse).

        Raises: SealingNotAllowed, ProfileNotActive.
        """

        def decide(deed: Deed) -> UUID:
            settings = deed.organisation.settings
            deed.user(user_id).assign_sealing_profiles(deed.act, profiles, settings)
            return user_id

        return self._do("assign_sealing_profiles", actor, decide, command_id, user_id, *profiles)
