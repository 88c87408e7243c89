"""The feed of changes, page by page or as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.api.change_feed import LogHeadPoller
from brugerbog.entrypoints.api.request_context import LATEST, ApiQuery, ApiQueryDep, authenticate
from brugerbog.entrypoints.api.responses.access import Position
from brugerbog.entrypoints.api.responses.log import Changes, Happened
from brugerbog.entrypoints.http.refusals import StoreUnavailable
from brugerbog.entrypoints.http.routing import Router, run_as
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from brugerbog.application.queries.changes import ChangePage

router = Router(prefix="/changes", tags=["changes"])

_PAGE_SIZE: Final = 100
_RECONNECT_AFTER: Final = 2000
"""Milliseconds after which a disconnected client reconnects."""

AfterPosition = Annotated[int, Query(ge=0, le=LATEST, description="Start after this position.")]


@router.get("", response_model=Changes)
def changes(
    query: ApiQueryDep, after: AfterPosition = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> object:
    """List changes, oldest first, from the beginning or after a position. None is ever skipped."""
    return query.queries.changes(query.actor, after=after, limit=limit)


@router.get("/position", response_model=Position)
def position(query: ApiQueryDep) -> object:
    """Return the last position of the log: get it first, read all data, then follow from there."""
    query.queries.changes(query.actor, limit=1)
    return {"position": query.queries.position()}


def _authorized(query: ApiQueryDep) -> ApiQuery:
    """Check the permission before the stream begins. Raises: NotAllowed."""
    query.queries.changes(query.actor, limit=1)
    return query


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    request: Request,
    query: Annotated[ApiQuery, Depends(_authorized)],
    after: Annotated[
        int | None, Query(ge=0, le=LATEST, description="As for `/changes`; default: from now on.")
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=16, pattern=r"^\d+$")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Stream changes as they happen: each a `change` event, exactly once, with its position as id.

    `Last-Event-ID`, which browsers and libraries send by themselves, resumes the stream. The stream ends with
    an `end` event when the token expires or the server stops: reconnect, if necessary with a new token.
    """
    poller: LogHeadPoller = request.app.state.log_head_poller
    reached = await _start_position(query, after, last_event_id)
    async with poller.listening() as listener:
        yield ServerSentEvent(comment="brugerbog", retry=_RECONNECT_AFTER, id=str(reached))
        try:
            while True:
                page = await run_as(
                    Workload.QUESTION, query.actor.organisation_id, partial(_page, request, query, reached)
                )
                for change in page.changes:
                    yield ServerSentEvent(
                        event="change", id=str(change.position), data=Happened.model_validate(change)
                    )
                reached = page.position
                if not page.more and not await listener.wait():
                    yield ServerSentEvent(event="end", data={"code": "server_stopping"})
                    return
        except (Refusal, StoreFailure) as error:
            refusal = error if isinstance(error, Refusal) else refusal_of_failure(error) or StoreUnavailable()
            yield ServerSentEvent(event="end", data={"code": refusal.code})


async def _start_position(query: ApiQuery, after: int | None, last_event_id: str | None) -> int:
    if last_event_id is not None:
        return int(last_event_id)
    if after is not None:
        return after
    return await run_as(Workload.QUESTION, query.actor.organisation_id, query.queries.position)


def _page(request: Request, query: ApiQuery, after: int) -> ChangePage:
    """Return the next changes, while the token is valid. Raises: TokenNotGood, NotAllowed."""
    actor = authenticate(request, request.headers.get("authorization"))
    return query.queries.changes(actor, after=after, limit=_PAGE_SIZE)
