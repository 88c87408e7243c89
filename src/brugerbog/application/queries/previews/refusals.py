"""Previews of refusals: the refusal of a command for each of many users, before any is changed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING
from uuid import UUID

from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from brugerbog.application.actors import Actor
    from brugerbog.domain.user.user import User

    RefusalsByUser = dict[UUID, Refusal | None]
    Decision = Callable[[User, CommandContext], None]


class RefusalPreviews(QueryExecution):
    """Previews for each user alone: two users of whom only one can be deleted both get no refusal."""

    @question("resend_activation_mail")
    def resending(self, actor: Actor, user_ids: Sequence[UUID]) -> RefusalsByUser:
        """Return the refusal of `resend_activation_mail` for each user, or None. Raises: UserUnknown."""
        return self._preview(
            "resend_activation_mail",
            actor,
            user_ids,
            lambda user, context: user.resend_activation_mail(context),
        )

    @question("deactivate_user")
    def deactivating(
        self,
        actor: Actor,
        user_ids: Sequence[UUID],
        *,
        from_date: date | None = None,
        to_date: date | None = None,
    ) -> RefusalsByUser:
        """Return the refusal of `deactivate_user` for each user, or None. Raises: UserUnknown."""

        def deactivate(user: User, context: CommandContext) -> None:
            user.deactivate(context, from_date=from_date or context.today, to_date=to_date)

        return self._preview("deactivate_user", actor, user_ids, deactivate)

    @question("delete_user")
    def deleting(self, actor: Actor, user_ids: Sequence[UUID]) -> RefusalsByUser:
        """Return the refusal of `delete_user` for each user, or None. Raises: UserUnknown."""
        return self._preview(
            "delete_user", actor, user_ids, lambda user, context: user.delete(context, retention_days=1)
        )

    def _preview(
        self, command: str, actor: Actor, user_ids: Sequence[UUID], decide: Decision
    ) -> RefusalsByUser:
        """Decide on copies of the users, which are discarded."""
        who = self._authorized_actor(command, actor)
        organisation = who.known_organisation
        now, preview_id = self._clock.now(), self._ids.random_id()
        context = CommandContext(
            organisation_id=organisation.id,
            actor=actor.id,
            role=who.role,
            door=actor.door,
            recorded_at=now,
            command_id=preview_id,
            correlation_id=preview_id,
        )
        administrators = self._log.users(organisation.holders_of(Role.ORGANISATION_ADMINISTRATOR))
        users = self._log.users(user_ids)
        refusals: RefusalsByUser = {}
        for user_id in user_ids:
            user = users.get(user_id)
            if user is None or user.organisation_id != organisation.id:
                raise UserUnknown(user_id)
            changed = copy.copy(user)
            changed._pending_events = []  # noqa: SLF001 - a copy that is discarded
            refusals[user_id] = None
            try:
                decide(changed, context)
                if command != "resend_activation_mail":
                    others = [one for one in administrators.values() if one.id != user_id]
                    away = changed.period if command == "deactivate_user" else None
                    organisation.must_keep_organisation_administrator(user_id, others, now, away)
            except Refusal as refusal:
                refusals[user_id] = refusal
        return refusals
