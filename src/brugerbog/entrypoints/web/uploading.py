"""Reads a file that a browser sends: into memory, and never onto a disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from brugerbog.application.errors import TooBusy
from brugerbog.domain.errors import Refusal
from brugerbog.entrypoints.web.guards import LARGEST_UPLOAD

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.entrypoints.web.workroom import Workroom

FIELD: Final = "fil"


@dataclass(eq=False)
class NoFileChosen(Refusal):
    """A form for a file, sent without one."""

    code = "no_file_chosen"
    concerns = FIELD
    danish = "Vælg en fil, før du trykker på Næste."
    english = "No file was sent."


@dataclass(eq=False)
class FilesBeingRead(TooBusy):
    """Others are sending as many files as this process holds at once."""

    code = "files_being_read"
    concerns = FIELD
    danish = "Der bliver læst for mange filer lige nu. Vent lidt, og prøv igen."
    english = "Too many files are being read just now: try again."


class InMemoryParser(MultiPartParser):
    """Keeps even the largest file in memory: a temporary one would hold it in the clear."""

    spool_max_size = LARGEST_UPLOAD


async def read_file(request: Request, workroom: Workroom) -> bytes:
    """The bytes of the one file that a form holds; its name isn't kept. Raises: NoFileChosen, TooBusy."""
    if not workroom.reading.acquire(blocking=False):
        async for _ in request.stream():
            pass  # a browser hears no answer before it has sent everything
        raise FilesBeingRead
    try:
        return await _read(request)
    finally:
        workroom.reading.release()


async def _read(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NoFileChosen
    try:
        parser = InMemoryParser(request.headers, request.stream(), max_files=1, max_fields=0)
        form = await parser.parse()
    except MultiPartException:
        raise NoFileChosen from None
    try:
        sent = form.get(FIELD)
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise NoFileChosen
        return await sent.read()
    finally:
        await form.close()
