"""The audit log, past states of the organisation, and exports with proof. Each reading is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.application.rate_limits import EXPORTS_OF_ACTOR
from brugerbog.entrypoints.api.request_context import ApiQuery, ApiQueryDep
from brugerbog.entrypoints.api.requests import Body, Instant
from brugerbog.entrypoints.api.responses.log import Difference, Log, StateThen
from brugerbog.entrypoints.http.exports import ZIP, log_export_response, person_export_response
from brugerbog.entrypoints.http.routing import Router, workload
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["log"])

_AS_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A zip file; check it with `brugerbog-verify` (docs/audit.md).",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _log_query(query: ApiQueryDep) -> ApiQuery:
    """Drop the wait for a position if the client may not read the log: the query refuses at once."""
    if query.until_shown is None or query.service.access.is_allowed("read_log", query.actor):
        return query
    return replace(query, until_shown=None)


LogQueryDep = Annotated[ApiQuery, Depends(_log_query)]
"""A query of the log; it is recorded, so it runs with the workload of a command."""


class LogParams(Body):
    """Filters of the log, combined with *and*."""

    about: UUID | None = Field(None, description="The subject's id.")
    by: UUID | None = Field(None, description="The actor's id.")
    kind: Annotated[str | None, Field(max_length=100)] = Field(None, description="Such as `user.created`.")
    since: Instant | None = Field(None, description="Inclusive.")
    until: Instant | None = Field(None, description="Exclusive.")
    correlation_id: UUID | None = Field(None, description="Of one larger operation, such as an import.")
    words: Annotated[str | None, Field(max_length=200)] = None
    with_activities: bool = False
    limit: int = Field(100, ge=1, le=1000)
    after: Annotated[str | None, Field(max_length=2000)] = Field(
        None, description="`next` of the previous page."
    )


@router.get("/log", response_model=Log)
@workload(Workload.COMMAND)
def audit_log(query: LogQueryDep, params: Annotated[LogParams, Query()]) -> object:
    """List the organisation's log, newest first, page by page."""
    return query.queries.audit_log(query.actor, AuditLogQuery(**params.model_dump()))


@router.get("/log/state", response_model=StateThen)
@workload(Workload.LONG)
def state_at(query: LogQueryDep, at: Instant, everybody: Annotated[bool, Query()] = False) -> object:
    """Return the state of the organisation at an instant; with `everybody`, including all users."""
    then = query.queries.state_at(query.actor, at, everybody=everybody)
    roles = [{"user_id": user_id, "role": role} for user_id, role in then.roles]
    names = ("at", "position", "organisation_id", "cvr", "name", "settings", "users", "everybody")
    return {name: getattr(then, name) for name in names} | {"roles": roles}


@router.get("/log/difference", response_model=Difference)
@workload(Workload.LONG)
def difference(query: LogQueryDep, earlier: Instant, later: Instant) -> object:
    """Return the differences between two instants: users who came or left, and changed attributes."""
    return query.queries.difference(query.actor, earlier, later)


@router.get("/log/export", response_class=StreamingResponse, responses=_AS_FILE)
@workload(Workload.LONG)
def export_log(
    query: LogQueryDep, since: Instant | None = None, until: Instant | None = None
) -> StreamingResponse:
    """Export the organisation's events with their proof, without personal data."""
    _count(query)
    return log_export_response(query.queries, query.actor, since, until)


@router.get("/users/{user_id:uuid}/export", response_class=Response, responses=_AS_FILE)
@workload(Workload.LONG)
def export_person(
    query: LogQueryDep, user_id: UUID, with_personal_data: Annotated[bool, Query()] = False
) -> Response:
    """Export everything recorded about one user; personal data only on request, which is recorded."""
    _count(query)
    return person_export_response(query.queries, query.actor, user_id, with_personal_data=with_personal_data)


def _count(query: ApiQuery) -> None:
    """Count an export, which recomputes the whole log: few a minute are allowed. Raises: TooManyTries."""
    query.service.rate_limiter.count(EXPORTS_OF_ACTOR, query.actor.id)
