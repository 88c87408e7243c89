"""What changes, as it happens: to be asked for page by page, or followed as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.api.change_feed import Following
from brugerbog.entrypoints.api.request_context import LATEST, ApiQuery, Question, actor_now
from brugerbog.entrypoints.api.responses.access import Position
from brugerbog.entrypoints.api.responses.log import Changes, Happened
from brugerbog.entrypoints.http.refusals import StoreAway
from brugerbog.entrypoints.http.routing import Router, run_as
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.service import StoreFailure, refusal_of_failure

if TYPE_CHECKING:
    from brugerbog.application.queries.changes import ChangePage

router = Router(prefix="/changes", tags=["changes"])

_AT_ONCE: Final = 100
_COME_BACK: Final = 2000
"""Milliseconds after which a listener that was cut off comes back."""

Place = Annotated[int, Query(ge=0, le=LATEST, description="The position after which to begin.")]


@router.get("", response_model=Changes)
def changes(ask: Question, after: Place = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> object:
    """Changes in the order they happened, from the beginning or after a position. None is ever skipped."""
    return ask.queries.changes(ask.actor, after=after, limit=limit)


@router.get("/position", response_model=Position)
def position(ask: Question) -> object:
    """The last position of the log: ask first, read everything, and follow from there."""
    ask.queries.changes(ask.actor, limit=1)
    return {"position": ask.queries.position()}


def _who_may(ask: Question) -> ApiQuery:
    """Whoever may not follow is told so at once. Raises: NotAllowed."""
    ask.queries.changes(ask.actor, limit=1)
    return ask


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    request: Request,
    ask: Annotated[ApiQuery, Depends(_who_may)],
    after: Annotated[
        int | None, Query(ge=0, le=LATEST, description="As for `/changes`; from now on unless given.")
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=16, pattern=r"^\d+$")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Changes as they happen: each a `change` with its position as id, told exactly once.

    `Last-Event-ID`, which browsers and libraries send by themselves, goes on where it was cut off. It ends
    with `end` when the token is good no more, or the server stops: come back, if need be with a new token.
    """
    following: Following = request.app.state.following
    reached = await _beginning(ask, after, last_event_id)
    async with following.listening() as listener:
        yield ServerSentEvent(comment="brugerbog", retry=_COME_BACK, id=str(reached))
        try:
            while True:
                page = await run_as(
                    Workload.QUESTION, ask.actor.organisation_id, partial(_page, request, ask, reached)
                )
                for one in page.changes:
                    yield ServerSentEvent(
                        event="change", id=str(one.position), data=Happened.model_validate(one)
                    )
                reached = page.position
                if not page.more and not await listener.wait():
                    yield ServerSentEvent(event="end", data={"code": "server_stopping"})
                    return
        except (Refusal, StoreFailure) as error:
            refusal = error if isinstance(error, Refusal) else refusal_of_failure(error) or StoreAway()
            yield ServerSentEvent(event="end", data={"code": refusal.code})


async def _beginning(ask: ApiQuery, after: int | None, last_event_id: str | None) -> int:
    if last_event_id is not None:
        return int(last_event_id)
    if after is not None:
        return after
    return await run_as(Workload.QUESTION, ask.actor.organisation_id, ask.queries.position)


def _page(request: Request, ask: ApiQuery, after: int) -> ChangePage:
    """The next changes, as long as the token is good. Raises: TokenNotGood, NotAllowed."""
    actor = actor_now(request, request.headers.get("authorization"))
    return ask.queries.changes(actor, after=after, limit=_AT_ONCE)
