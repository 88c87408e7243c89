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

from brugerbog.application.commands.imports.csv_file import InMemory, look_through
from brugerbog.application.commands.imports.receipt import DANISH_OUTCOMES
from brugerbog.application.commands.imports.template import template
from brugerbog.application.rate_limits import FILES_OF_ACTOR
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router, run_as, run_identifying
from brugerbog.entrypoints.http.uploads import FIELD, read_file
from brugerbog.entrypoints.web.background_jobs import Outcome
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Tick, Trouble
from brugerbog.entrypoints.web.imports.receipts import told_of, written
from brugerbog.entrypoints.web.job_progress import found, has_died, part_of
from brugerbog.entrypoints.web.request_context import Visit, Visiting
from brugerbog.entrypoints.web.statuses import status_of
from brugerbog.infrastructure.database.deadlines import Workload
from brugerbog.infrastructure.web.uploads import Kind, State

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
def csv_template(visit: Visiting) -> Response:
    """Brugeradministration CSV skabelon (.csv)."""
    visit.must("import_users")
    return _file(template(), "brugeradministration-skabelon.csv")


@router.get(PATH)
def choose(visit: Visiting, goer: Goer = "opret") -> HTMLResponse:
    """The page on which a file is chosen; to create or to edit is the same file."""
    visit.must("import_users")
    return _choose(visit, goer)


@router.post(PATH)
async def hand_in(visit: Visiting, request: Request, goer: Goer = "opret") -> Response:
    """Take a file into memory, keep it sealed, and begin to check it. Raises: TooManyTries."""
    visit.must("import_users")
    await run_identifying(partial(visit.desk.rate_limiter.count, FILES_OF_ACTOR, visit.actor.id))
    try:
        scope = visit.actor.organisation_id
        async with read_file(request, request.app.state.upload_memory, scope) as content:
            return await run_as(Workload.LONG, scope, partial(_check, visit, content))
    except Refusal as refusal:
        trouble = Trouble([(FIELD, refusal.message)])
        return await run_identifying(partial(_choose, visit, goer, trouble, status_of(refusal)))


@router.get(PATH + "/{upload_id:uuid}")
def look(visit: Visiting, upload_id: UUID) -> Response:
    """Where a file has got to: being checked, checked, being imported, or its receipt."""
    visit.must("import_users")
    upload = found(visit, upload_id, Kind.FILE)
    if upload.state in (State.CHECKED, State.DONE):
        is_done = upload.state is State.DONE
        facts: dict[str, Any] = {"told": upload.told, "actions": ACTIONS, "outcomes": DANISH_OUTCOMES}
        return visit.page("file_receipt.html" if is_done else "file_checked.html", upload=upload, **facts)
    if upload.state is State.REFUSED:
        return visit.page("file_refused.html", status=422, said_no=upload.told["refused"])
    return visit.page("file_progress.html", upload=upload, has_died=has_died(visit, upload))


@router.get(PATH + "/{upload_id:uuid}/nu")
def follow(visit: Visiting, upload_id: UUID) -> Response:
    """How far it is."""
    return part_of(visit, found(visit, upload_id, Kind.FILE), f"{PATH}/{upload_id}", "rækker")


@router.post(PATH + "/{upload_id:uuid}")
def go_on(visit: Visiting, upload_id: UUID, form: Annotated[Importing, FormBody()]) -> Response:
    """Import what has been checked, or go on with what was cut off. Pressed twice it is one import."""
    visit.must("import_users")
    upload = found(visit, upload_id, Kind.FILE)
    uploads, session = visit.desk.uploads, visit.session
    if upload.state in (State.NEW, State.CHECKING):
        if uploads.begin(session, upload_id, State.NEW, State.CHECKING):
            _work(visit, upload_id, dry_run=True)
    elif upload.state in (State.CHECKED, State.WORKING):
        whole = form.all_or_nothing if upload.state is State.CHECKED else upload.whole
        if uploads.begin(session, upload_id, State.CHECKED, State.WORKING, whole=whole):
            _work(visit, upload_id, dry_run=False, whole=whole)
    return visit.go(f"{PATH}/{upload_id}")


@router.get(PATH + "/{upload_id:uuid}/kvittering.csv")
def receipt(visit: Visiting, upload_id: UUID) -> Response:
    """What came of every row."""
    upload = found(visit, upload_id, Kind.FILE)
    content = visit.desk.uploads.receipt(visit.session, upload_id)
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _file(content, "kvittering.csv" if upload.state is State.DONE else "kontrol.csv")


def _check(visit: Visit, content: bytes) -> Response:
    """Raises: FileRefused."""
    look_through(InMemory(content))
    upload_id = visit.new_id()
    visit.desk.uploads.put(visit.session, upload_id, Kind.FILE, content)
    if visit.desk.uploads.begin(visit.session, upload_id, State.NEW, State.CHECKING):
        _work(visit, upload_id, dry_run=True)
    return visit.go(f"{PATH}/{upload_id}")


def _work(visit: Visit, upload_id: UUID, *, dry_run: bool, whole: bool = False) -> None:
    content = visit.desk.uploads.content(visit.session, upload_id)
    if content is not None:
        uow = _deed(visit, content, import_id=None if dry_run else upload_id, whole=whole)
        visit.desk.workroom.start(visit.session, upload_id, uow, matters=not dry_run)


def _deed(visit: Visit, content: bytes, *, import_id: UUID | None, whole: bool) -> UnitOfWork:
    """To import the file under an id, or without one to say what would come of it."""
    administration, actor = visit.administration, visit.actor

    def uow(follow: Follow) -> Outcome:
        dry_run = import_id is None
        receipt = administration.import_users(
            actor,
            InMemory(content),
            dry_run=dry_run,
            all_or_nothing=whole,
            progress=follow,
            command_id=import_id,
        )
        told = told_of(receipt, errors_only=dry_run)
        return Outcome(State.CHECKED if dry_run else State.DONE, told, written(receipt))

    return uow


def _choose(visit: Visit, goer: Goer, trouble: Trouble = NO_TROUBLE, status: int = 200) -> HTMLResponse:
    return visit.page("file.html", status=status, goer=goer, trouble=trouble)


def _file(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
