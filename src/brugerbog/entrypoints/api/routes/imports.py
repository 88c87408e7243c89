"""Files of users in the official 15 columns, answered with a receipt for every row (docs/csv.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Final

from anyio import move_on_after
from fastapi import Depends, Query, Request
from starlette.responses import Response

from brugerbog.application.commands.imports.sources import InMemory
from brugerbog.application.commands.imports.template import template
from brugerbog.application.rate_limits import FILES_OF_ACTOR
from brugerbog.entrypoints.api.import_receipts import answer_with_receipt
from brugerbog.entrypoints.api.request_context import Command, Question
from brugerbog.entrypoints.api.responses.imports import ImportReceipt
from brugerbog.entrypoints.http.refusals import RequestInvalid
from brugerbog.entrypoints.http.routing import Router, run_as, run_identifying
from brugerbog.entrypoints.http.uploads import UploadMemory
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["imports"])

CSV: Final = "text/csv"
PATIENCE: Final = 120
"""Seconds that a file may take to come."""

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final = {CSV: _BYTES}


async def _content(request: Request, give: Command) -> AsyncIterator[InMemory]:
    """The file as it comes, never on a disk, so much of all at once in memory.

    Raises: TooManyTries, FilesBeingRead, RequestInvalid.

    Of who may not import nothing is read: the command refuses him.
    """
    if not await run_identifying(partial(give.service.access.is_allowed, "import_users", give.actor)):
        yield InMemory(b"")
        return
    await run_identifying(partial(give.service.rate_limiter.count, FILES_OF_ACTOR, give.actor.id))
    memory: UploadMemory = request.app.state.upload_memory
    pieces: list[bytes] = []
    with memory.held(give.actor.organisation_id) as take:
        with move_on_after(PATIENCE) as patience:
            async for piece in request.stream():
                take(len(piece))
                pieces.append(piece)
        if patience.cancelled_caught:
            raise RequestInvalid("Filen kom for langsomt.", "sent too slowly")
        yield InMemory(b"".join(pieces))


@router.post(
    "/imports",
    response_model=ImportReceipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": _FILE | {"application/octet-stream": _BYTES},
            "description": "The file itself, by either name.",
        }
    },
)
async def import_users(
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
    return await run_as(Workload.LONG, give.actor.organisation_id, imported)


@router.get(
    "/imports/template",
    response_class=Response,
    responses={200: {"description": "The template.", "content": _FILE}},
)
def import_template(ask: Question) -> Response:
    """The template: the 15 columns and a few made-up people."""
    ask.queries.organisation(ask.actor)
    return Response(template(), media_type=CSV)
