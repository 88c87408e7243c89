"""Requests to become anonymous that wait for an administrator, and the terms of such a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.instants import instant
from brugerbog.domain.user.anonymity import LossOfRightsNotAccepted
from brugerbog.projections.notices.table import notices
from brugerbog.projections.user_list.table import is_current, user_list

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.domain.settings import Right


@dataclass(frozen=True, slots=True, repr=False)
class Notice:
    """A user's request to become anonymous, made at `asked_at`."""

    user_id: UUID
    first_name: str | None
    surname: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class AnonymityTerms:
    """The terms of becoming anonymous: a Danish `text`, and the rights that the user would lose."""

    text: str
    rights: tuple[Right, ...]


class NoticeQueries(QueryExecution):
    """Queries about requests to become anonymous (guide, Notifikationer)."""

    @question("see_notices", notices, user_list)
    def notices(self, actor: Actor) -> list[Notice]:
        """Return the unanswered requests, the oldest first."""
        organisation = self._authorized_organisation("see_notices", actor)
        self._projector.catch_up()
        query = (
            select(notices.c.user_id, user_list.c.first_name, user_list.c.surname, notices.c.asked_at)
            .join(user_list, (user_list.c.user_id == notices.c.user_id) & is_current)
            .where(notices.c.organisation_id == organisation.id)
            .order_by(notices.c.asked_at, notices.c.user_id)
        )
        with self._read.connect() as connection:
            return [Notice(*row[:-1], instant(row[-1])) for row in connection.execute(query)]

    @question("see_oneself")
    def anonymity_terms(self, actor: Actor) -> AnonymityTerms:
        """Return the terms that a user sees before asking to become anonymous (guide, Opret nye brugere)."""
        organisation = self._authorized_organisation("see_oneself", actor)
        user = self._log.user(actor.id)
        if user is None:
            raise UserUnknown(actor.id)
        lost = tuple(right for right in organisation.settings.rights if right.id in user.rights)
        return AnonymityTerms(LossOfRightsNotAccepted().message, lost)
