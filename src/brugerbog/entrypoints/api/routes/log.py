"""The log: who did what to whom, the organisation at any instant, and what proves it. Reading is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from brugerbog.application.queries.audit.search import LogQuestion
from brugerbog.application.rate_limits import EXPORTS_OF_ACTOR
from brugerbog.entrypoints.api.request_context import ApiQuery, Question
from brugerbog.entrypoints.api.requests import Body, Instant
from brugerbog.entrypoints.api.responses.log import Difference, Log, StateThen
from brugerbog.entrypoints.http.exports import ZIP, export_of_log, export_of_person
from brugerbog.entrypoints.http.routing import Router, workload
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["log"])

_AS_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A zip, to be checked with `brugerbog-verify` (docs/audit.md).",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _log_reader(ask: Question) -> ApiQuery:
    """Whoever may not read the log waits for nothing: they are refused by the question, asked once."""
    if ask.until_shown is None or ask.service.access.is_allowed("read_log", ask.actor):
        return ask
    return replace(ask, until_shown=None)


LogReader = Annotated[ApiQuery, Depends(_log_reader)]
"""A question to the log: it is written down, so it is answered as a command is."""


class WhichEntries(Body):
    """Which entries of the log: all that is given must fit."""

    about: UUID | None = Field(None, description="Whom it befell.")
    by: UUID | None = Field(None, description="Who did it.")
    kind: Annotated[str | None, Field(max_length=100)] = Field(None, description="As `user.created`.")
    since: Instant | None = Field(None, description="Included.")
    until: Instant | None = Field(None, description="Not included.")
    correlation_id: UUID | None = Field(None, description="Of one larger deed, such as an import.")
    words: Annotated[str | None, Field(max_length=200)] = None
    with_activities: bool = False
    limit: int = Field(100, ge=1, le=1000)
    after: Annotated[str | None, Field(max_length=2000)] = Field(
        None, description="`next` of the page before."
    )


@router.get("/log", response_model=Log)
@workload(Workload.COMMAND)
def audit_log(ask: LogReader, said: Annotated[WhichEntries, Query()]) -> object:
    """A page of the organisation's log, the newest first."""
    return ask.queries.audit_log(ask.actor, LogQuestion(**said.model_dump()))


@router.get("/log/state", response_model=StateThen)
@workload(Workload.LONG)
def state_at(ask: LogReader, at: Instant, everybody: Annotated[bool, Query()] = False) -> object:
    """The organisation as it stood at an instant; with `everybody`, its users too."""
    then = ask.queries.state_at(ask.actor, at, everybody=everybody)
    roles = [{"user_id": user_id, "role": role} for user_id, role in then.roles]
    names = ("at", "position", "organisation_id", "cvr", "name", "settings", "users", "everybody")
    return {name: getattr(then, name) for name in names} | {"roles": roles}


@router.get("/log/difference", response_model=Difference)
@workload(Workload.LONG)
def difference(ask: LogReader, earlier: Instant, later: Instant) -> object:
    """Who came and who left between two instants, and what is different."""
    return ask.queries.difference(ask.actor, earlier, later)


@router.get("/log/export", response_class=StreamingResponse, responses=_AS_FILE)
@workload(Workload.LONG)
def export_log(
    ask: LogReader, since: Instant | None = None, until: Instant | None = None
) -> StreamingResponse:
    """The organisation's events, with their proof. Nobody's name is in it."""
    _count(ask)
    return export_of_log(ask.queries, ask.actor, since, until)


@router.get("/users/{user_id:uuid}/export", response_class=Response, responses=_AS_FILE)
@workload(Workload.LONG)
def export_person(
    ask: LogReader, user_id: UUID, with_personal_data: Annotated[bool, Query()] = False
) -> Response:
    """All that is recorded of one person; with what is personal if asked for, which is recorded as such."""
    _count(ask)
    return export_of_person(ask.queries, ask.actor, user_id, with_personal_data=with_personal_data)


def _count(ask: ApiQuery) -> None:
    """An export derives the log anew, so there are few a minute. Raises: TooManyTries."""
    ask.service.rate_limiter.count(EXPORTS_OF_ACTOR, ask.actor.id)
