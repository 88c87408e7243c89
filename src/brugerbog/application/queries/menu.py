"""The menu of a logged-in user, and the roles that decide which parts of a page are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from brugerbog.application.commands.authorization import PERMISSIONS
from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.roles import Role
from brugerbog.projections.notices.table import notices
from brugerbog.projections.user_list.table import is_current, user_list

if TYPE_CHECKING:
    from datetime import datetime

    from brugerbog.application.actors import Actor
    from brugerbog.domain.settings import Settings

FEW_USERS: Final = 8
"""The most users with which the create button follows the list, and there is no search (guide)."""


_USERS: Final = select(user_list.c.user_id).where(user_list.c.organisation_id == bindparam("of"), is_current)
_OPEN_NOTICES: Final = select(func.count()).where(notices.c.organisation_id == bindparam("of"))
_COUNTS: Final = select(
    select(func.count()).select_from(_USERS.limit(FEW_USERS + 1).subquery()).scalar_subquery(),
    _OPEN_NOTICES.scalar_subquery(),
)
"""The number of users, counted no further than needed, and the number of open requests."""


@dataclass(frozen=True, slots=True, repr=False)
class Menu:
    """The logged-in user, the organisation, and what waits there.

    `has_few_users` counts imported users too; `notices` is the number of unanswered requests, 0 for a user
    who may not answer them. Sessions that began until `sessions_ended_at` are over.
    """

    organisation: str
    cvr: str
    settings: Settings
    first_name: str
    surname: str
    roles: frozenset[Role]
    has_few_users: bool
    has_imported: bool
    notices: int
    sessions_ended_at: datetime | None

    def may(self, command: str) -> bool:
        """Return whether a role of the menu allows a command or query (`authorization.PERMISSIONS`)."""
        return not PERMISSIONS[command].isdisjoint(self.roles | {Role.USER})


class MenuQueries(QueryExecution):
    """The query that each page makes."""

    @question("see_oneself")
    def menu(self, actor: Actor) -> Menu:
        """Return the menu of an active user. Raises: NotAllowed for any other actor."""
        who = self._authorized_actor("see_oneself", actor)
        organisation, person = who.known_organisation, who.user
        if person is None:
            raise UserUnknown(actor.id)
        roles = organisation.roles_of(actor.id)
        with self._read.connect() as connection:
            users, open_notices = connection.execute(_COUNTS, {"of": organisation.id}).one()
        return Menu(
            organisation=organisation.name,
            cvr=organisation.cvr,
            settings=organisation.settings,
            first_name=str(person.first_name),
            surname=str(person.surname),
            roles=roles,
            has_few_users=users <= FEW_USERS,
            has_imported=self._log.has_imported(organisation.id),
            notices=0 if PERMISSIONS["see_notices"].isdisjoint(roles) else open_notices,
            sessions_ended_at=organisation.sessions_ended.get(actor.id),
        )
