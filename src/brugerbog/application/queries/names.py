"""Names of users, clients and system actors by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select

from brugerbog.application.actors import OPERATOR_ID, SCHEDULE_ID
from brugerbog.application.queries.execution import QueryExecution, question
from brugerbog.application.queries.staleness import note_stale
from brugerbog.application.queries.user_list import DELETED_USER
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.roles import DANISH_ROLES, Role
from brugerbog.projections.user_list.table import user_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from brugerbog.application.actors import Actor
    from brugerbog.domain.organisation.organisation import Organisation

SYSTEM_ACTORS: Final = {OPERATOR_ID: DANISH_ROLES[Role.OPERATOR], SCHEDULE_ID: DANISH_ROLES[Role.SCHEDULE]}
"""Actors that are neither users nor clients."""

CLIENT_WITHOUT_NAME: Final = "API-klient"
"""The name of an API client for actors who may not see the clients."""

_BATCH: Final = 500


class NameQueries(QueryExecution):
    """Names of many ids in few statements."""

    @question("see_users")
    def names(self, actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
        """Return the current or last name of each id; an erased or unknown user is called a deleted user.

        The names of API clients are returned to actors who may see the clients, and its own name to a client;
        for other actors each is called an API client.
        """
        organisation = self._authorized_organisation("see_users", actor)
        names = self._names(organisation, ids)
        if not self._may_see_clients(actor):
            names |= dict.fromkeys(
                (names.keys() & organisation.clients.keys()) - {actor.id}, CLIENT_WITHOUT_NAME
            )
        return names

    def _may_see_clients(self, actor: Actor) -> bool:
        try:
            self._authorized_organisation("see_clients", actor)
        except NotAllowed:
            return False
        return True

    def _names(self, organisation: Organisation, ids: Collection[UUID]) -> dict[UUID, str]:
        names: dict[UUID, str] = dict.fromkeys(ids, DELETED_USER)
        known = {organisation.id: organisation.name} | SYSTEM_ACTORS
        known |= {client.id: client.name for client in organisation.clients.values()}
        names |= known
        wanted = sorted(set(ids) - known.keys())
        columns = user_list.c
        self._projector.catch_up()
        note_stale(self._stale({user_list.name}))
        with self._read.connect() as connection:
            for start in range(0, len(wanted), _BATCH):
                query = (
                    select(columns.user_id, columns.organisation_id, columns.first_name, columns.surname)
                    .where(columns.user_id.in_(wanted[start : start + _BATCH]))
                    .order_by(columns.user_id, columns.since)
                )
                for user_id, organisation_id, first_name, surname in connection.execute(query):
                    if organisation_id == organisation.id and first_name is not None:
                        names[user_id] = f"{first_name} {surname}"
        return names
