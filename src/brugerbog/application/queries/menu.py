"""What stands in the menu of somebody who is logged in, and how much of the page he gets to see."""

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
"""Up to so many users the create button stands after the list, and there is no search (guide)."""


_USERS: Final = select(user_list.c.user_id).where(user_list.c.organisation_id == bindparam("of"), is_current)
_OPEN_NOTICES: Final = select(func.count()).where(notices.c.organisation_id == bindparam("of"))
_COUNTS: Final = select(
    select(func.count()).select_from(_USERS.limit(FEW_USERS + 1).subquery()).scalar_subquery(),
    _OPEN_NOTICES.scalar_subquery(),
)
"""How many users there are, as far as it matters, and how many requests."""


@dataclass(frozen=True, slots=True, repr=False)
class Menu:
    """Who is logged in, for which organisation, and what waits there.

    `has_few_users` counts the imported too; `notices` are requests that nobody has answered, 0 for who may
    not answer them. Sessions that began until `sessions_ended_at` are over.
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
    """Asked for every page."""

    @question("see_oneself")
    def menu(self, actor: Actor) -> Menu:
        """The menu of an active user. Raises: NotAllowed to everybody else."""
        who = self._authorized_actor("see_oneself", actor)
        organisation, person = who.known_organisation, who.user
        if person is None:
            raise UserUnknown(actor.id)
        roles = organisation.roles_of(actor.id)
        with self._read.connect() as connection:
            users, asked = connection.execute(_COUNTS, {"of": organisation.id}).one()
        return Menu(
            organisation=organisation.name,
            cvr=organisation.cvr,
            settings=organisation.settings,
            first_name=str(person.first_name),
            surname=str(person.surname),
            roles=roles,
            has_few_users=users <= FEW_USERS,
            has_imported=self._log.has_imported(organisation.id),
            notices=0 if PERMISSIONS["see_notices"].isdisjoint(roles) else asked,
            sessions_ended_at=organisation.sessions_ended.get(actor.id),
        )
