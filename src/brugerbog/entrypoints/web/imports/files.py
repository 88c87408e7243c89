"""Opret og redigér flere brugere: a file is chosen, checked, imported, and its receipt shown.

Guide: Opret flere brugere på én gang, Redigér flere brugere, Slet flere brugere. That a file is checked first
is ours: nothing changes before "Importér" is pressed.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Form as FormBody
from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from brugerbog.application.commands.imports.csv_file import check_file
from brugerbog.application.commands.imports.receipt import DANISH_OUTCOMES
from brugerbog.application.commands.imports.sources import InMemory
from brugerbog.application.commands.imports.template import template
from brugerbog.application.rate_limits import FILES_OF_ACTOR
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router, run_as, run_identifying
from brugerbog.entrypoints.http.uploads import FIELD, read_file
from brugerbog.entrypoints.web.background_jobs import Outcome
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Tick
from brugerbog.entrypoints.web.imports.receipts import describe, written
from brugerbog.entrypoints.web.job_progress import found, has_died, part_of
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.web.uploads import State, UploadKind

if TYPE_CHECKING:
    from brugerbog.entrypoints.web.background_jobs import Follow, UnitOfWork

router = Router()

PATH: Final = "/brugere/fil"
ACTIONS: Final = {"C": "Opret", "U": "Redigér", "D": "Slet"}
Goer = Literal["opret", "rediger"]


class Importing(BaseModel):
    """How a file that has been checked is to be imported."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    all_or_nothing: Tick = False


@router.get("/brugere/skabelon.csv")
def csv_template(context: LoggedIn) -> Response:
    """Brugeradministration CSV skabelon (.csv)."""
    context.must("import_users")
    return _file(template(), "brugeradministration-skabelon.csv")


@router.get(PATH)
def choose(context: LoggedIn, goer: Goer = "opret") -> HTMLResponse:
    """The page on which a file is chosen; to create or to edit is the same file."""
    context.must("import_users")
    return _choose(context, goer)


@router.post(PATH)
async def hand_in(context: LoggedIn, request: Request, goer: Goer = "opret") -> Response:
    """Take a file into memory, keep it sealed, and begin to check it. Raises: TooManyTries."""
    context.must("import_users")
    await run_identifying(partial(context.web_context.rate_limiter.count, FILES_OF_ACTOR, context.actor.id))
    try:
        scope = context.actor.organisation_id
        async with read_file(request, request.app.state.upload_memory, scope) as content:
            return await run_as(Workload.LONG, scope, partial(_check, context, content))
    except Refusal as refusal:
        errors = FormErrors([(FIELD, refusal.message)])
        return await run_identifying(partial(_choose, context, goer, errors, status_of(refusal)))


@router.get(PATH + "/{upload_id:uuid}")
def look(context: LoggedIn, upload_id: UUID) -> Response:
    """Where a file has got to: being checked, checked, being imported, or its receipt."""
    context.must("import_users")
    upload = found(context, upload_id, UploadKind.FILE)
    if upload.state in (State.CHECKED, State.DONE):
        is_done = upload.state is State.DONE
        facts: dict[str, Any] = {"told": upload.result, "actions": ACTIONS, "outcomes": DANISH_OUTCOMES}
        return context.page("file_receipt.html" if is_done else "file_checked.html", upload=upload, **facts)
    if upload.state is State.REFUSED:
        return context.page("file_refused.html", status=422, said_no=upload.result["refused"])
    return context.page("file_progress.html", upload=upload, has_died=has_died(context, upload))


@router.get(PATH + "/{upload_id:uuid}/nu")
def follow(context: LoggedIn, upload_id: UUID) -> Response:
    """How far it is."""
    return part_of(context, found(context, upload_id, UploadKind.FILE), f"{PATH}/{upload_id}", "rækker")


@router.post(PATH + "/{upload_id:uuid}")
def go_on(context: LoggedIn, upload_id: UUID, form: Annotated[Importing, FormBody()]) -> Response:
    """Import what has been checked, or go on with what was cut off. Pressed twice it is one import."""
    context.must("import_users")
    upload = found(context, upload_id, UploadKind.FILE)
    uploads, session = context.web_context.uploads, context.session
    if upload.state in (State.NEW, State.CHECKING):
        if uploads.acquire(session, upload_id, State.NEW, State.CHECKING):
            _work(context, upload_id, dry_run=True)
    elif upload.state in (State.CHECKED, State.WORKING):
        whole = form.all_or_nothing if upload.state is State.CHECKED else upload.all_or_nothing
        if uploads.acquire(session, upload_id, State.CHECKED, State.WORKING, whole=whole):
            _work(context, upload_id, dry_run=False, whole=whole)
    return context.go(f"{PATH}/{upload_id}")


@router.get(PATH + "/{upload_id:uuid}/kvittering.csv")
def receipt(context: LoggedIn, upload_id: UUID) -> Response:
    """What came of every row."""
    upload = found(context, upload_id, UploadKind.FILE)
    content = context.web_context.uploads.receipt(context.session, upload_id)
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _file(content, "kvittering.csv" if upload.state is State.DONE else "kontrol.csv")


def _check(context: RequestContext, content: bytes) -> Response:
    """Raises: FileRefused."""
    check_file(InMemory(content))
    upload_id = context.new_id()
    context.web_context.uploads.add(context.session, upload_id, UploadKind.FILE, content)
    if context.web_context.uploads.acquire(context.session, upload_id, State.NEW, State.CHECKING):
        _work(context, upload_id, dry_run=True)
    return context.go(f"{PATH}/{upload_id}")


def _work(context: RequestContext, upload_id: UUID, *, dry_run: bool, whole: bool = False) -> None:
    content = context.web_context.uploads.content(context.session, upload_id)
    if content is not None:
        deed = _deed(context, content, import_id=None if dry_run else upload_id, whole=whole)
        context.web_context.background_jobs.start(context.session, upload_id, deed, matters=not dry_run)


def _deed(context: RequestContext, content: bytes, *, import_id: UUID | None, whole: bool) -> UnitOfWork:
    """To import the file under an id, or without one to say what would come of it."""
    administration, actor = context.administration, context.actor

    def deed(follow: Follow) -> Outcome:
        dry_run = import_id is None
        receipt = administration.import_users(
            actor,
            InMemory(content),
            dry_run=dry_run,
            all_or_nothing=whole,
            progress=follow,
            command_id=import_id,
        )
        told = describe(receipt, errors_only=dry_run)
        return Outcome(State.CHECKED if dry_run else State.DONE, told, written(receipt))

    return deed


def _choose(
    context: RequestContext, goer: Goer, errors: FormErrors = NO_ERRORS, status: int = 200
) -> HTMLResponse:
    return context.page("file.html", status=status, goer=goer, errors=errors)


def _file(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
