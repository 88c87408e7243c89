"""Queries about an organisation: settings, roles, API clients and open sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.queries.execution import QueryExecution, question

if TYPE_CHECKING:
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.sessions import OpenSession
    from brugerbog.domain.kernel.roles import Role
    from brugerbog.domain.organisation.clients import Client
    from brugerbog.domain.organisation.organisation import Organisation


class OrganisationQueries(QueryExecution):
    """Queries about an organisation."""

    @question("see_organisation")
    def organisation(self, actor: Actor) -> Organisation:
        """Return the organisation with its settings and roles."""
        return self._authorized_organisation("see_organisation", actor)

    @question("see_organisation")
    def roles(self, actor: Actor) -> list[tuple[UUID, Role]]:
        """Return users with their roles, in the order in which users were given their first role."""
        organisation = self._authorized_organisation("see_organisation", actor)
        return [(user_id, role) for user_id, held in organisation.roles.items() for role in sorted(held)]

    @question("see_clients")
    def clients(self, actor: Actor) -> list[Client]:
        """Return the organisation's API clients, revoked clients too, in the order of creation."""
        return list(self._authorized_organisation("see_clients", actor).clients.values())

    @question("see_sessions")
    def sessions(self, actor: Actor) -> list[OpenSession]:
        """Return the open web sessions of the organisation, the latest first."""
        return self._open_sessions(self._authorized_organisation("see_sessions", actor))

    @question("see_oneself")
    def own_sessions(self, actor: Actor) -> list[OpenSession]:
        """Return the acting user's own open web sessions, the latest first."""
        organisation = self._authorized_organisation("see_oneself", actor)
        return [session for session in self._open_sessions(organisation) if session.user_id == actor.id]

    def _open_sessions(self, organisation: Organisation) -> list[OpenSession]:
        return [
            session
            for session in self._sessions.of_organisation(organisation.id)
            if not organisation.has_ended_session(session.user_id, session.begun_at)
        ]
