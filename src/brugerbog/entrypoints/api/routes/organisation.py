"""The organisation: its settings, the roles in it, the systems that act for it."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Body

from brugerbog.application.client_authentication import public_id_of
from brugerbog.entrypoints.api.request_context import Command, CommandOnUser, Question
from brugerbog.entrypoints.api.requests import NewClient, NewOrganisation, RoleName
from brugerbog.entrypoints.api.responses.organisation import Clients, Concerns, Organisation, Roles, Sessions
from brugerbog.entrypoints.api.responses.outcomes import Outcome, OutcomeWithSecret
from brugerbog.entrypoints.http.routing import Router

if TYPE_CHECKING:
    from brugerbog.domain.organisation.organisation import Organisation as Known

router = Router(tags=["organisation"])

Settings = Annotated[
    dict[str, Any],
    Body(
        description="The settings that are to change, by name (docs/cli.md, Settings); the others stay.",
        examples=[{"allow_anonymous": True, "p_numbers": ["1000000001"]}],
    ),
]


@router.post("/organisations", response_model=Outcome, status_code=HTTPStatus.CREATED)
def register_organisation(give: Command, said: NewOrganisation) -> object:
    """Take in an organisation; by clients that operate the installation."""
    return give.administration.register_organisation(
        give.actor, cvr=said.cvr, name=said.name, settings=said.settings, command_id=give.command_id
    )


@router.get("/organisation", response_model=Organisation)
def organisation(ask: Question) -> object:
    """The client's organisation with its settings."""
    known: Known = ask.queries.organisation(ask.actor)
    return {"id": known.id, "cvr": known.cvr, "name": known.name, "settings": known.settings.as_json()}


@router.patch("/organisation/settings", response_model=Outcome)
def change_settings(give: Command, said: Settings) -> object:
    """Give the settings that are named new values; what users have they keep."""
    return give.administration.change_settings(give.actor, said, command_id=give.command_id)


@router.post("/organisation/settings/concerns", response_model=Concerns)
def concerned_by(ask: Question, said: Settings) -> object:
    """Whom a change of settings would concern, because something they have is allowed no more."""
    return {"concerns": ask.queries.concerned_by(ask.actor, said)}


@router.get("/organisation/roles", response_model=Roles)
def roles(ask: Question) -> object:
    """Who holds which role."""
    return {"roles": [{"user_id": user_id, "role": role} for user_id, role in ask.queries.roles(ask.actor)]}


@router.post("/users/{user_id:uuid}/give-role", response_model=Outcome)
def give_role(give: CommandOnUser, user_id: UUID, said: RoleName) -> object:
    """Give a user a role, of which he gets a mail."""
    return give.on(user_id).give_role(give.actor, user_id, said.role, command_id=give.command_id)


@router.post("/users/{user_id:uuid}/take-role", response_model=Outcome)
def take_role(give: CommandOnUser, user_id: UUID, said: RoleName) -> object:
    """Take a role from a user, of which he gets a mail."""
    return give.on(user_id).take_role(give.actor, user_id, said.role, command_id=give.command_id)


@router.get("/sessions", response_model=Sessions)
def sessions(ask: Question) -> object:
    """Who is logged in to the pages."""
    return {"sessions": [asdict(one) for one in ask.queries.sessions(ask.actor)]}


@router.post("/users/{user_id:uuid}/end-sessions", response_model=Outcome)
def end_sessions(give: CommandOnUser, user_id: UUID) -> object:
    """Log a user out of the pages, in every browser."""
    return give.on(user_id).end_sessions(give.actor, user_id, command_id=give.command_id)


@router.get("/clients", response_model=Clients)
def clients(ask: Question) -> object:
    """The systems that act for the organisation, revoked ones too."""
    cvr = ask.queries.organisation(ask.actor).cvr
    return {
        "clients": [
            {
                "id": one.id,
                "client_id": public_id_of(cvr, one.id),
                "name": one.name,
                "roles": sorted(one.roles),
                "created_at": one.created_at,
                "is_revoked": one.is_revoked,
                "expires_on": one.expires_on,
            }
            for one in ask.queries.clients(ask.actor)
        ]
    }


@router.post("/clients", response_model=OutcomeWithSecret, status_code=HTTPStatus.CREATED)
def create_client(give: Command, said: NewClient) -> object:
    """Let a system act for the organisation by itself; its secret is shown this once."""
    answer = give.administration.create_client(
        give.actor, said.name, said.roles, expires_on=said.expires_on, command_id=give.command_id
    )
    assert answer.subject is not None  # noqa: S101 - a client was created
    return {
        "position": answer.position,
        "subject": answer.subject,
        "client_id": public_id_of(give.queries.organisation(give.actor).cvr, answer.subject),
        "client_secret": answer.secret and answer.secret.reveal(),
        "secret_already_shown": answer.secret_already_shown,
    }


@router.post("/clients/{client_id:uuid}/revoke", response_model=Outcome)
def revoke_client(give: Command, client_id: UUID) -> object:
    """Let a system in no more, from this moment."""
    return give.administration.revoke_client(give.actor, client_id, command_id=give.command_id)
