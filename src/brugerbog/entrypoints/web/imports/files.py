"""Opret og redigér flere brugere: the pages to choose, check and import a file, and its receipt.

Guide: Opret flere brugere på én gang, Redigér flere brugere, Slet flere brugere. The check before the import
is our own addition: nothing changes before "Importér" is pressed.
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
from brugerbog.entrypoints.http.uploads import FILE_FIELD, read_file
from brugerbog.entrypoints.web.background_jobs import JobOutcome
from brugerbog.entrypoints.web.forms import NO_ERRORS, Checkbox, FormErrors
from brugerbog.entrypoints.web.imports.receipts import receipt_csv, receipt_result
from brugerbog.entrypoints.web.job_progress import find_upload, is_abandoned, progress_response
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.web.uploads import State, UploadKind

if TYPE_CHECKING:
    from brugerbog.entrypoints.web.background_jobs import Job, ReportProgress

router = Router()

PATH: Final = "/brugere/fil"
ACTIONS: Final = {"C": "Opret", "U": "Redigér", "D": "Slet"}
FileAction = Literal["opret", "rediger"]


class ImportForm(BaseModel):
    """The options of an import."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    all_or_nothing: Checkbox = False


@router.get("/brugere/skabelon.csv")
def csv_template(context: LoggedIn) -> Response:
    """Brugeradministration CSV skabelon (.csv)."""
    context.require("import_users")
    return _file(template(), "brugeradministration-skabelon.csv")


@router.get(PATH)
def choose(context: LoggedIn, goer: FileAction = "opret") -> HTMLResponse:
    """Return the page to choose a file; the format is the same for creation and editing."""
    context.require("import_users")
    return _choose(context, goer)


@router.post(PATH)
async def upload(context: LoggedIn, request: Request, goer: FileAction = "opret") -> Response:
    """Read a file into memory, store it sealed, and start its check. Raises: TooManyTries."""
    context.require("import_users")
    await run_identifying(partial(context.web_context.rate_limiter.count, FILES_OF_ACTOR, context.actor.id))
    try:
        organisation_id = context.actor.organisation_id
        async with read_file(request, request.app.state.upload_memory, organisation_id) as content:
            return await run_as(Workload.LONG, organisation_id, partial(_check, context, content))
    except Refusal as refusal:
        errors = FormErrors([(FILE_FIELD, refusal.message)])
        return await run_identifying(partial(_choose, context, goer, errors, status_of(refusal)))


@router.get(PATH + "/{upload_id:uuid}")
def show_upload(context: LoggedIn, upload_id: UUID) -> Response:
    """Return the page of an upload by its state: progress of the check, check, import, or the receipt."""
    context.require("import_users")
    upload = find_upload(context, upload_id, UploadKind.FILE)
    if upload.state in (State.CHECKED, State.DONE):
        is_done = upload.state is State.DONE
        facts: dict[str, Any] = {"result": upload.result, "actions": ACTIONS, "outcomes": DANISH_OUTCOMES}
        return context.page("file_receipt.html" if is_done else "file_checked.html", upload=upload, **facts)
    if upload.state is State.REFUSED:
        return context.page("file_refused.html", status=422, refusal=upload.result["refused"])
    return context.page("file_progress.html", upload=upload, is_abandoned=is_abandoned(context, upload))


@router.get(PATH + "/{upload_id:uuid}/nu")
def report_progress(context: LoggedIn, upload_id: UUID) -> Response:
    """Return the progress of a check or import."""
    return progress_response(
        context, find_upload(context, upload_id, UploadKind.FILE), f"{PATH}/{upload_id}", "rækker"
    )


@router.post(PATH + "/{upload_id:uuid}")
def start_import(context: LoggedIn, upload_id: UUID, form: Annotated[ImportForm, FormBody()]) -> Response:
    """Start the import of a checked file, or resume a stopped job. Pressed twice it is one import."""
    context.require("import_users")
    upload = find_upload(context, upload_id, UploadKind.FILE)
    uploads, session = context.web_context.uploads, context.session
    if upload.state in (State.NEW, State.CHECKING):
        if uploads.acquire(session, upload_id, State.NEW, State.CHECKING):
            _start_job(context, upload_id, dry_run=True)
    elif upload.state in (State.CHECKED, State.WORKING):
        whole = form.all_or_nothing if upload.state is State.CHECKED else upload.all_or_nothing
        if uploads.acquire(session, upload_id, State.CHECKED, State.WORKING, all_or_nothing=whole):
            _start_job(context, upload_id, dry_run=False, whole=whole)
    return context.redirect(f"{PATH}/{upload_id}")


@router.get(PATH + "/{upload_id:uuid}/kvittering.csv")
def receipt(context: LoggedIn, upload_id: UUID) -> Response:
    """Return the receipt as CSV: the outcome of every row."""
    upload = find_upload(context, upload_id, UploadKind.FILE)
    content = context.web_context.uploads.receipt(context.session, upload_id)
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _file(content, "kvittering.csv" if upload.state is State.DONE else "kontrol.csv")


def _check(context: RequestContext, content: bytes) -> Response:
    """Store a file and start its check. Raises: FileRefused."""
    check_file(InMemory(content))
    upload_id = context.new_id()
    context.web_context.uploads.add(context.session, upload_id, UploadKind.FILE, content)
    if context.web_context.uploads.acquire(context.session, upload_id, State.NEW, State.CHECKING):
        _start_job(context, upload_id, dry_run=True)
    return context.redirect(f"{PATH}/{upload_id}")


def _start_job(context: RequestContext, upload_id: UUID, *, dry_run: bool, whole: bool = False) -> None:
    content = context.web_context.uploads.content(context.session, upload_id)
    if content is not None:
        job = _import_job(context, content, import_id=None if dry_run else upload_id, whole=whole)
        context.web_context.background_jobs.start(
            context.session, upload_id, job, outlives_session=not dry_run
        )


def _import_job(context: RequestContext, content: bytes, *, import_id: UUID | None, whole: bool) -> Job:
    """Return the job that imports a file under an id, or without an id only checks it."""
    administration, actor = context.administration, context.actor

    def job(report_progress: ReportProgress) -> JobOutcome:
        dry_run = import_id is None
        receipt = administration.import_users(
            actor,
            InMemory(content),
            dry_run=dry_run,
            all_or_nothing=whole,
            progress=report_progress,
            command_id=import_id,
        )
        result = receipt_result(receipt, errors_only=dry_run)
        return JobOutcome(State.CHECKED if dry_run else State.DONE, result, receipt_csv(receipt))

    return job


def _choose(
    context: RequestContext, goer: FileAction, errors: FormErrors = NO_ERRORS, status: int = 200
) -> HTMLResponse:
    return context.page("file.html", status=status, goer=goer, errors=errors)


def _file(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
