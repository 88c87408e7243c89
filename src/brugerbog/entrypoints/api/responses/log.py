"""The audit log, past states, and the feed of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from brugerbog.entrypoints.api.responses import ResponseModel
from brugerbog.entrypoints.api.responses.organisation import RoleHeld
from brugerbog.entrypoints.api.responses.users import User


class Change(ResponseModel):
    """An attribute before and after, in Danish; null for no value."""

    field: str
    label: str
    before: str | None
    after: str | None


class LogEntry(ResponseModel):
    """An event of the log, described in Danish."""

    position: int
    recorded_at: datetime
    effective_at: datetime | None
    kind: str
    deed: str
    subject_id: UUID
    subject: str
    actor_id: UUID
    actor: str
    role: str
    door: str
    command_id: UUID
    correlation_id: UUID
    changes: list[Change]


class Log(ResponseModel):
    """A page of the log, newest first; `next` is the value of `after` for the next page."""

    entries: list[LogEntry]
    next: str | None


class StateThen(ResponseModel):
    """The state of the organisation at an instant."""

    at: datetime
    position: int
    organisation_id: UUID
    cvr: str
    name: str
    settings: dict[str, Any]
    roles: list[RoleHeld]
    users: dict[str, int]
    everybody: list[User] | None


class UserThen(ResponseModel):
    """A user, with the name they had at the instant."""

    user_id: UUID
    name: str


class UserChanged(UserThen):
    """A user who existed at both instants, with the differences."""

    changes: list[Change]


class Difference(ResponseModel):
    """The differences between two instants."""

    earlier: datetime
    later: datetime
    organisation: list[Change]
    came: list[UserThen]
    left: list[UserThen]
    changed: list[UserChanged]


class Happened(ResponseModel):
    """A change, as ids only: `kind` is the event's topic; `user_id` is null for one of the organisation."""

    position: int
    kind: str
    user_id: UUID | None
    recorded_at: datetime
    command_id: UUID


class Changes(ResponseModel):
    """Changes, oldest first; continue after `position`. `more`: there are further changes already."""

    changes: list[Happened]
    position: int
    more: bool
