"""Reads an uploaded file into memory, never to a disk."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from brugerbog.application.refusals.requests import TooBusy
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.security_middleware import MAX_UPLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
    from uuid import UUID

    from starlette.requests import Request


FILE_FIELD: Final = "fil"


@dataclass(eq=False)
class NoFileChosen(Refusal):
    """The form was sent without a file."""

    code = "no_file_chosen"
    concerns = FILE_FIELD
    danish = "Vælg en fil, før du trykker på Næste."
    english = "No file was sent."


@dataclass(eq=False)
class FilesBeingRead(TooBusy):
    """Other uploads have reserved the memory for files, of the process or of the organisation."""

    code = "files_being_read"
    concerns = FILE_FIELD
    danish = "Der bliver læst for mange filer lige nu. Vent lidt, og prøv igen."
    english = "Too many files are being read just now: try again."


class InMemoryParser(MultiPartParser):
    """A parser that never writes a temporary file, which would be unencrypted."""

    spool_max_size = MAX_UPLOAD_BYTES


class UploadMemory:
    """The memory of a process for uploads, with a limit in all and one for each organisation, in bytes.

    An upload reserves the bytes received so far, so a slow upload reserves little and blocks no other.
    """

    def __init__(
        self, max_bytes: int = 4 * MAX_UPLOAD_BYTES, max_bytes_per_organisation: int = 2 * MAX_UPLOAD_BYTES
    ) -> None:
        self._max_bytes = max_bytes
        self._max_bytes_per_organisation = max_bytes_per_organisation
        self._reserved: Counter[UUID | None] = Counter()

    @contextmanager
    def reserve(self, organisation_id: UUID | None) -> Iterator[Callable[[int], None]]:
        """Yield a function that reserves more bytes until the block ends; it raises FilesBeingRead."""
        reserved_here = 0

        def reserve_more(size: int) -> None:
            nonlocal reserved_here
            of_organisation = self._reserved[organisation_id] + size
            if (
                self._reserved.total() + size > self._max_bytes
                or of_organisation > self._max_bytes_per_organisation
            ):
                raise FilesBeingRead
            self._reserved[organisation_id] = of_organisation
            reserved_here += size

        try:
            yield reserve_more
        finally:
            self._reserved[organisation_id] -= reserved_here
            if not self._reserved[organisation_id]:
                del self._reserved[organisation_id]


@asynccontextmanager
async def read_file(
    request: Request, memory: UploadMemory, organisation_id: UUID | None
) -> AsyncIterator[bytes]:
    """Yield the content of the form's one file, with its memory reserved. The file's name isn't stored.

    Raises: NoFileChosen, FilesBeingRead.
    """
    with memory.reserve(organisation_id) as reserve_more:
        yield await _read(request, reserve_more)


async def _read(request: Request, reserve_more: Callable[[int], None]) -> bytes:
    async def reserved_pieces() -> AsyncGenerator[bytes, None]:
        refused: FilesBeingRead | None = None
        async for piece in request.stream():
            if refused is not None:
                continue  # the rest is discarded: a browser reads no response until all is sent
            try:
                reserve_more(len(piece))
            except FilesBeingRead as refusal:
                refused = refusal
            else:
                yield piece
        if refused is not None:
            raise refused

    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NoFileChosen
    try:
        parser = InMemoryParser(request.headers, reserved_pieces(), max_files=1, max_fields=0)
        form = await parser.parse()
    except MultiPartException:
        raise NoFileChosen from None
    try:
        sent = form.get(FILE_FIELD)
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise NoFileChosen
        return await sent.read()
    finally:
        await form.close()
