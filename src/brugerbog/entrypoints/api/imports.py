"""Files of users in the official 15 columns, answered with a receipt for every row (docs/csv.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from threading import Semaphore
from typing import Annotated, Final

from anyio import move_on_after, to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from brugerbog.application.imports.file import InMemory
from brugerbog.application.imports.template import template
from brugerbog.application.limits import FILES_OF_ACTOR
from brugerbog.entrypoints.api.caller import Command, Question
from brugerbog.entrypoints.api.receipts import answer_with_receipt
from brugerbog.entrypoints.api.refusals import RequestInvalid
from brugerbog.entrypoints.api.told.files import Receipt
from brugerbog.entrypoints.web.uploading import FilesBeingRead

router = APIRouter(tags=["imports"])

CSV: Final = "text/csv"
PATIENCE: Final = 120
"""Seconds that a file may take to come."""

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final = {CSV: _BYTES}


async def _content(request: Request, give: Command) -> AsyncIterator[InMemory]:
    """The file as it comes, never on a disk, few at once in memory.

    Raises: TooManyTries, FilesBeingRead, RequestInvalid.

    Of who may not import nothing is read: the command refuses him.
    """
    if not await run_in_threadpool(give.service.access.may, "import_users", give.actor):
        yield InMemory(b"")
        return
    await run_in_threadpool(give.service.rate_limiter.count, FILES_OF_ACTOR, give.actor.id)
    reading: Semaphore = request.app.state.reading
    if not reading.acquire(blocking=False):
        raise FilesBeingRead
    try:
        with move_on_after(PATIENCE) as patience:
            content = await request.body()
        if patience.cancelled_caught:
            raise RequestInvalid("Filen kom for langsomt.", "sent too slowly")
        yield InMemory(content)
    finally:
        reading.release()


@router.post(
    "/imports",
    response_model=Receipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": _FILE | {"application/octet-stream": _BYTES},
            "description": "The file itself, by either name.",
        }
    },
)
async def import_users(
    request: Request,
    give: Command,
    file: Annotated[InMemory, Depends(_content)],
    dry_run: Annotated[bool, Query(description="Only tell what would come of it.")] = False,
    all_or_nothing: Annotated[bool, Query(description="One refused row holds back the rest.")] = False,
) -> object:
    """Create, edit and delete users by a CSV file. Each row stands alone, and the receipt tells of each.

    Cut off, the same bytes go on where it stopped; with the same key they get the same receipt.
    """
    imported = partial(
        answer_with_receipt,
        give.administration.import_users,
        give.actor,
        file,
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        command_id=give.command_id,
    )
    # In threads of their own: the few that answer everybody else aren't held for so long.
    return await to_thread.run_sync(imported, limiter=request.app.state.long_work)


@router.get(
    "/imports/template",
    response_class=Response,
    responses={200: {"description": "The template.", "content": _FILE}},
)
def import_template(ask: Question) -> Response:
    """The template: the 15 columns and a few made-up people."""
    ask.queries.organisation(ask.actor)
    return Response(template(), media_type=CSV)
