"""Reads a file that a browser sends: into memory, and never onto a disk."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from brugerbog.application.refusals.requests import TooBusy
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.security_middleware import LARGEST_UPLOAD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
    from uuid import UUID

    from starlette.requests import Request


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


class UploadMemory:
    """How many bytes of uploads a process holds: bounded in all and for each organisation.

    An upload takes what has come of it, so a slow one holds little, and keeps nobody else out.
    """

    def __init__(self, most: int = 4 * LARGEST_UPLOAD, share: int = 2 * LARGEST_UPLOAD) -> None:
        self._most = most
        self._share = share
        self._held: Counter[UUID | None] = Counter()

    @contextmanager
    def held(self, organisation_id: UUID | None) -> Iterator[Callable[[int], None]]:
        """Hand out what takes so many bytes more, until the end. It raises: FilesBeingRead."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            of_theirs = self._held[organisation_id] + size
            if self._held.total() + size > self._most or of_theirs > self._share:
                raise FilesBeingRead
            self._held[organisation_id] = of_theirs
            mine += size

        try:
            yield take
        finally:
            self._held[organisation_id] -= mine
            if not self._held[organisation_id]:
                del self._held[organisation_id]


@asynccontextmanager
async def read_file(
    request: Request, memory: UploadMemory, organisation_id: UUID | None
) -> AsyncIterator[bytes]:
    """The bytes of the one file that a form holds, as long as they are needed; its name isn't kept.

    Raises: NoFileChosen, FilesBeingRead.
    """
    with memory.held(organisation_id) as take:
        yield await _read(request, take)


async def _read(request: Request, take: Callable[[int], None]) -> bytes:
    async def counted() -> AsyncGenerator[bytes, None]:
        refused: FilesBeingRead | None = None
        async for piece in request.stream():
            if refused is not None:
                continue  # a browser hears no answer before it has sent everything
            try:
                take(len(piece))
            except FilesBeingRead as no_room:
                refused = no_room
            else:
                yield piece
        if refused is not None:
            raise refused

    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NoFileChosen
    try:
        parser = InMemoryParser(request.headers, counted(), max_files=1, max_fields=0)
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
