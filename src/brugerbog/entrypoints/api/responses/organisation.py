"""The organisation, its roles, clients and sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.api.responses import ResponseModel


class Organisation(ResponseModel):
    """The organisation with its settings (docs/cli.md, Settings)."""

    id: UUID
    cvr: str
    name: str
    settings: dict[str, Any]


class RoleHeld(ResponseModel):
    """A user and a role that they hold."""

    user_id: UUID
    role: Role


class Roles(ResponseModel):
    """All holders of roles."""

    roles: list[RoleHeld]


class Concern(ResponseModel):
    """Users who have something that a changed setting would no longer allow; they keep it."""

    setting: str
    value: str | None
    users: list[UUID]


class Concerns(ResponseModel):
    """The users affected by a change of settings."""

    concerns: list[Concern]


class Client(ResponseModel):
    """A system that acts for the organisation."""

    id: UUID
    client_id: str
    name: str
    roles: list[Role]
    created_at: datetime
    is_revoked: bool
    expires_on: date | None = Field(description="The last day (Danish time) on which its secret is valid.")


class OpenSession(ResponseModel):
    """A session: a browser in which a user is logged in."""

    user_id: UUID
    begun_at: datetime
    seen_at: datetime = Field(description="The latest page view, to the minute.")


class Sessions(ResponseModel):
    """All open sessions, newest first."""

    sessions: list[OpenSession]


class Clients(ResponseModel):
    """All clients, including revoked ones."""

    clients: list[Client]
