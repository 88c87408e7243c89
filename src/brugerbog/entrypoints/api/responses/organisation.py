"""The organisation, its roles and its systems."""

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
    """A user holds a role."""

    user_id: UUID
    role: Role


class Roles(ResponseModel):
    """Who holds which role."""

    roles: list[RoleHeld]


class Concern(ResponseModel):
    """Users who have what a setting would no longer allow; they keep it."""

    setting: str
    value: str | None
    users: list[UUID]


class Concerns(ResponseModel):
    """Whom a change of settings would concern."""

    concerns: list[Concern]


class Client(ResponseModel):
    """A system that acts for the organisation."""

    id: UUID
    client_id: str
    name: str
    roles: list[Role]
    created_at: datetime
    is_revoked: bool
    expires_on: date | None = Field(description="The last day, in Denmark, on which its secret is good.")


class OpenSession(ResponseModel):
    """A browser that a user is logged in with."""

    user_id: UUID
    begun_at: datetime
    seen_at: datetime = Field(description="Its latest page, to the minute.")


class Sessions(ResponseModel):
    """All that have not run out, the latest first."""

    sessions: list[OpenSession]


class Clients(ResponseModel):
    """All of them, revoked ones too."""

    clients: list[Client]
