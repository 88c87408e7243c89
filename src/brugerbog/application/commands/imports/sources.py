"""Where the bytes of an imported file come from."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final, Literal, Protocol

from brugerbog.application.commands.imports.file_refusals import FileUnreadable

MOST_MEGABYTES: Final = 50


class Source(Protocol):
    """A file that can be opened several times; a `Path` is one."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open the file. Raises: OSError."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class InMemory:
    """A file that is never on a disk (port: `Source`)."""

    content: bytes

    def open(self, _mode: Literal["rb"], /) -> BinaryIO:
        return BytesIO(self.content)


def read_once(source: Source) -> InMemory:
    """Read a file into memory, at most one byte more than is allowed. Raises: FileUnreadable.

    An import reads its file several times. A pipe can be read once only, and a file on a disk could change
    between two readings: the import must use the bytes that were checked.
    """
    if isinstance(source, InMemory):
        return source
    try:
        with source.open("rb") as file:
            return InMemory(file.read((MOST_MEGABYTES << 20) + 1))
    except OSError:
        raise FileUnreadable from None
