"""What waits, what was sent and reported, and reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.problems import Problem
from brugerbog.entrypoints.api.responses import ResponseModel


class ActivityOutcome(ResponseModel):
    """What came of a report."""

    outcome: str = Field(description="`recorded`, `already_recorded` (taken in before) or `refused`.")
    refusal: Problem | None


class ActivitiesReceipt(ResponseModel):
    """What came of each report, in their order."""

    position: int
    outcomes: list[ActivityOutcome]


class Notice(ResponseModel):
    """A user asks to become anonymous."""

    user_id: UUID
    first_name: str | None
    surname: str | None
    asked_at: datetime


class Notices(ResponseModel):
    """Requests that nobody has answered, the oldest first."""

    notices: list[Notice]


class Mail(ResponseModel):
    """How a mail stands; nothing of what is in it."""

    id: UUID
    kind: str
    recipient: UUID
    about: UUID
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    settled_at: datetime | None
    code: int | None = Field(
        description="The mail server's last reply code, or from 600 on our own (docs/mail.md)."
    )


class Mails(ResponseModel):
    """Mails in a state, the oldest first."""

    mails: list[Mail]


class MailCounts(ResponseModel):
    """How many mails there are in each state."""

    waiting: int
    claimed: int
    sent: int
    dead: int


class Report(ResponseModel):
    """A table: its columns, and its rows by them."""

    name: str
    columns: list[str]
    rows: list[dict[str, Any]]
