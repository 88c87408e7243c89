"""Reported activities, notices, mails and reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from brugerbog.entrypoints.api.problems import Problem
from brugerbog.entrypoints.api.responses import ResponseModel


class ActivityOutcome(ResponseModel):
    """The outcome of one reported activity."""

    outcome: str = Field(description="`recorded`, `already_recorded` (a repeat) or `refused`.")
    refusal: Problem | None


class ActivitiesReceipt(ResponseModel):
    """The outcome of each reported activity, in the order of the request."""

    position: int
    outcomes: list[ActivityOutcome]


class Notice(ResponseModel):
    """A user's request to become anonymous."""

    user_id: UUID
    first_name: str | None
    surname: str | None
    asked_at: datetime


class Notices(ResponseModel):
    """Requests without an answer, oldest first."""

    notices: list[Notice]


class Mail(ResponseModel):
    """The state of a mail, without its content."""

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
        description="The mail server's last reply code, or one of Brugerbog's own, from 600 (docs/mail.md)."
    )


class Mails(ResponseModel):
    """Mails in a state, oldest first."""

    mails: list[Mail]


class MailCounts(ResponseModel):
    """The number of mails in each state."""

    waiting: int
    claimed: int
    sent: int
    dead: int


class Report(ResponseModel):
    """A report as a table: the columns, and each row by column."""

    name: str
    columns: list[str]
    rows: list[dict[str, Any]]
