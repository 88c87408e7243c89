"""The state of mails, and retrying one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from brugerbog.application.mail.outbox import MailState
from brugerbog.entrypoints.api.request_context import ApiQueryDep
from brugerbog.entrypoints.api.responses.work import MailCounts, Mails
from brugerbog.entrypoints.http.routing import Router

router = Router(tags=["mails"])


@router.get("/mails", response_model=Mails)
def mails(
    query: ApiQueryDep,
    state: MailState = MailState.WAITING,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> object:
    """List the organisation's mails in a state, oldest first."""
    return {"mails": query.queries.mails(query.actor, state, limit=limit)}


@router.get("/mails/counts", response_model=MailCounts)
def mail_counts(query: ApiQueryDep) -> object:
    """Count the mails in each state."""
    counts = query.queries.mail_counts(query.actor)
    return {state.value: counts.get(state, 0) for state in MailState}


@router.post("/mails/{mail_id:uuid}/retry", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
def retry_mail(query: ApiQueryDep, mail_id: UUID) -> None:
    """Retry a mail that failed or waits, starting over now."""
    query.queries.retry_mail(query.actor, mail_id)
