"""The organisation: settings, roles, sessions and clients."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Body

from brugerbog.application.client_authentication import public_id_of
from brugerbog.entrypoints.api.request_context import ApiCommandDep, ApiQueryDep, ApiUserCommandDep
from brugerbog.entrypoints.api.requests import NewClient, NewOrganisation, RoleName
from brugerbog.entrypoints.api.responses.organisation import Clients, Concerns, Organisation, Roles, Sessions
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithSecret
from brugerbog.entrypoints.http.routing import Router

if TYPE_CHECKING:
    from brugerbog.domain.organisation import organisation as domain

router = Router(tags=["organisation"])

Settings = Annotated[
    dict[str, Any],
    Body(
        title="Said",  # generated clients name the body's class by it
        description="The settings to change, by name (docs/cli.md, Settings); the others stay unchanged.",
        examples=[{"allow_anonymous": True, "p_numbers": ["1000000001"]}],
    ),
]


@router.post("/organisations", response_model=Outcome, status_code=HTTPStatus.CREATED)
def register_organisation(command: ApiCommandDep, body: NewOrganisation) -> object:
    """Register an organisation; only for clients in the role operator."""
    return command.administration.register_organisation(
        command.actor, cvr=body.cvr, name=body.name, settings=body.settings, command_id=command.command_id
    )


@router.get("/organisation", response_model=Organisation)
def organisation(query: ApiQueryDep) -> object:
    """Return the client's organisation with its settings."""
    found: domain.Organisation = query.queries.organisation(query.actor)
    return {"id": found.id, "cvr": found.cvr, "name": found.name, "settings": found.settings.as_json()}


@router.patch("/organisation/settings", response_model=Outcome)
def change_settings(command: ApiCommandDep, body: Settings) -> object:
    """Change the given settings; users keep what they have."""
    return command.administration.change_settings(command.actor, body, command_id=command.command_id)


@router.post("/organisation/settings/concerns", response_model=Concerns)
def concerned_by(query: ApiQueryDep, body: Settings) -> object:
    """List the users affected by a change of settings: they have something it no longer allows."""
    return {"concerns": query.queries.concerned_by(query.actor, body)}


@router.get("/organisation/roles", response_model=Roles)
def roles(query: ApiQueryDep) -> object:
    """List the holders of each role."""
    return {
        "roles": [{"user_id": user_id, "role": role} for user_id, role in query.queries.roles(query.actor)]
    }


@router.post("/users/{user_id:uuid}/give-role", response_model=Outcome)
def give_role(command: ApiUserCommandDep, user_id: UUID, body: RoleName) -> object:
    """Give a user a role; the user gets a mail."""
    return command.on(user_id).give_role(command.actor, user_id, body.role, command_id=command.command_id)


@router.post("/users/{user_id:uuid}/take-role", response_model=Outcome)
def take_role(command: ApiUserCommandDep, user_id: UUID, body: RoleName) -> object:
    """Take a role from a user; the user gets a mail."""
    return command.on(user_id).take_role(command.actor, user_id, body.role, command_id=command.command_id)


@router.get("/sessions", response_model=Sessions)
def sessions(query: ApiQueryDep) -> object:
    """List the open sessions of the web pages."""
    return {"sessions": [asdict(session) for session in query.queries.sessions(query.actor)]}


@router.post("/users/{user_id:uuid}/end-sessions", response_model=Outcome)
def end_sessions(command: ApiUserCommandDep, user_id: UUID) -> object:
    """End all web sessions of a user."""
    return command.on(user_id).end_sessions(command.actor, user_id, command_id=command.command_id)


@router.get("/clients", response_model=Clients)
def clients(query: ApiQueryDep) -> object:
    """List the organisation's clients, including revoked ones."""
    cvr = query.queries.organisation(query.actor).cvr
    return {
        "clients": [
            {
                "id": client.id,
                "client_id": public_id_of(cvr, client.id),
                "name": client.name,
                "roles": sorted(client.roles),
                "created_at": client.created_at,
                "is_revoked": client.is_revoked,
                "expires_on": client.expires_on,
            }
            for client in query.queries.clients(query.actor)
        ]
    }


@router.post("/clients", response_model=OutcomeWithSecret, status_code=HTTPStatus.CREATED)
def create_client(command: ApiCommandDep, body: NewClient) -> object:
    """Create a client for a system that acts for the organisation; its secret is shown only once."""
    answer = command.administration.create_client(
        command.actor, body.name, body.roles, expires_on=body.expires_on, command_id=command.command_id
    )
    assert answer.subject is not None  # noqa: S101 - a client was created
    return {
        "position": answer.position,
        "subject": answer.subject,
        "client_id": public_id_of(command.queries.organisation(command.actor).cvr, answer.subject),
        "client_secret": answer.secret and answer.secret.reveal(),
        "secret_already_shown": answer.secret_already_shown,
    }


@router.post("/clients/{client_id:uuid}/revoke", response_model=Outcome)
def revoke_client(command: ApiCommandDep, client_id: UUID) -> object:
    """Revoke a client's access at once."""
    return command.administration.revoke_client(command.actor, client_id, command_id=command.command_id)
