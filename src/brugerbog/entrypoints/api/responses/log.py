"""The log, the past, and the feed of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from brugerbog.entrypoints.api.responses import ResponseModel
from brugerbog.entrypoints.api.responses.organisation import RoleHeld
from brugerbog.entrypoints.api.responses.users import User


class Change(ResponseModel):
    """One attribute before and after, in Danish words; null where there is nothing."""

    field: str
    label: str
    before: str | None
    after: str | None


class LogEntry(ResponseModel):
    """An event of the log in words."""

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
    """A page of the log, the newest first; ask for the next one with `after`."""

    entries: list[LogEntry]
    next: str | None


class StateThen(ResponseModel):
    """The organisation as it stood at an instant."""

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
    """Somebody by the name he went by."""

    user_id: UUID
    name: str


class UserChanged(UserThen):
    """Somebody who was there at both instants, and what is different about him."""

    changes: list[Change]


class Difference(ResponseModel):
    """What is different at a later instant."""

    earlier: datetime
    later: datetime
    organisation: list[Change]
    came: list[UserThen]
    left: list[UserThen]
    changed: list[UserChanged]


class Happened(ResponseModel):
    """A change by its ids: `kind` is the event's topic, `user_id` null where it befell the organisation."""

    position: int
    kind: str
    user_id: UUID | None
    recorded_at: datetime
    command_id: UUID


class Changes(ResponseModel):
    """Changes in the order they happened; ask on after `position`. With `more`, some wait already."""

    changes: list[Happened]
    position: int
    more: bool
