"""CSV imports of users in the official 15 columns, with an outcome for every row (docs/csv.md)."""

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
from brugerbog.entrypoints.api.import_receipts import receipt_response
from brugerbog.entrypoints.api.request_context import ApiCommandDep, ApiQueryDep
from brugerbog.entrypoints.api.responses.imports import Receipt
from brugerbog.entrypoints.http.refusals import RequestInvalid
from brugerbog.entrypoints.http.routing import Router, run_as, run_identifying
from brugerbog.entrypoints.http.uploads import UploadMemory
from brugerbog.infrastructure.database.deadlines import Workload

router = Router(tags=["imports"])

CSV: Final = "text/csv"
UPLOAD_TIMEOUT: Final = 120
"""Seconds within which a file must arrive."""

_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final = {CSV: _BYTES}


async def _uploaded_file(request: Request, command: ApiCommandDep) -> AsyncIterator[InMemory]:
    """Read the uploaded file into memory, never to disk; the memory of all uploads together is limited.

    Without the permission to import nothing is read, and the command refuses.
    Raises: TooManyTries, FilesBeingRead, RequestInvalid.
    """
    if not await run_identifying(partial(command.service.access.is_allowed, "import_users", command.actor)):
        yield InMemory(b"")
        return
    await run_identifying(partial(command.service.rate_limiter.count, FILES_OF_ACTOR, command.actor.id))
    memory: UploadMemory = request.app.state.upload_memory
    pieces: list[bytes] = []
    with memory.reserve(command.actor.organisation_id) as take:
        with move_on_after(UPLOAD_TIMEOUT) as timeout:
            async for piece in request.stream():
                take(len(piece))
                pieces.append(piece)
        if timeout.cancelled_caught:
            raise RequestInvalid("Filen kom for langsomt.", "sent too slowly")
        yield InMemory(b"".join(pieces))


@router.post(
    "/imports",
    response_model=Receipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": _FILE | {"application/octet-stream": _BYTES},
            "description": "The file itself, with either media type.",
        }
    },
)
async def import_users(
    command: ApiCommandDep,
    file: Annotated[InMemory, Depends(_uploaded_file)],
    dry_run: Annotated[bool, Query(description="Return the receipt without changing anything.")] = False,
    all_or_nothing: Annotated[bool, Query(description="A refused row prevents all changes.")] = False,
) -> object:
    """Create, edit and delete users by a CSV file. Each row succeeds or fails by itself; see the receipt.

    An interrupted import resumes when the same bytes are sent again; with the same key, a repeat gets the
    same receipt.
    """
    imported = partial(
        receipt_response,
        command.administration.import_users,
        command.actor,
        file,
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        command_id=command.command_id,
    )
    return await run_as(Workload.LONG, command.actor.organisation_id, imported)


@router.get(
    "/imports/template",
    response_class=Response,
    responses={200: {"description": "The template.", "content": _FILE}},
)
def import_template(query: ApiQueryDep) -> Response:
    """Return the template: the 15 columns and a few fictitious people."""
    query.queries.organisation(query.actor)
    return Response(template(), media_type=CSV)
