"""Mails: how they stand, and trying one again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from brugerbog.application.mail.outbox import MailState
from brugerbog.entrypoints.api.request_context import Question
from brugerbog.entrypoints.api.responses.work import MailCounts, Mails
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["mails"])


@router.get("/mails", response_model=Mails)
def mails(
    ask: Question, state: MailState = MailState.WAITING, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> object:
    """The organisation's mails in a state, the oldest first."""
    return {"mails": ask.queries.mails(ask.actor, state, limit=limit)}


@router.get("/mails/counts", response_model=MailCounts)
def mail_counts(ask: Question) -> object:
    """How many mails there are in each state."""
    counts = ask.queries.mail_counts(ask.actor)
    return {state.value: counts.get(state, 0) for state in MailState}


@router.post("/mails/{mail_id:uuid}/retry", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
def retry_mail(ask: Question, mail_id: UUID) -> None:
    """Let a mail that came to nothing, or waits, begin anew now."""
    ask.queries.retry_mail(ask.actor, mail_id)
