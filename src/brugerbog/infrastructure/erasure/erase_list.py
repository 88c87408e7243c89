"""The list of erased users: a file of ids outside the store, so that no backup restores their data."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.application.ports.erasure_log import EraseListSpan
from brugerbog.application.refusals.erase_list import EraseListMissing, EraseListShort, EraseListUnreadable
from brugerbog.infrastructure.durable_files import keep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LINE: Final = 37
"""The bytes of a line: an id with hyphens and a line feed."""

_USER_ID_VERSION: Final = 7
"""The UUID version of users' ids; a first line with another version is the id of the list's log."""

_OWNER_ONLY: Final = 0o600


class FileEraseList:
    """A file with one id per line, in the order of erasure; several processes may append to it.

    The first line is the id of the log whose users are listed; lists of earlier versions don't have it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, log_id: UUID, user_ids: Sequence[UUID] = ()) -> None:
        """Create the list with its first line and the users erased so far; an existing list doesn't change.

        Raises: OSError.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if file.seek(0, os.SEEK_END) < LINE:
                file.seek(0)
                file.write(_lines([log_id, *user_ids]))
                file.flush()
                os.fsync(file.fileno())
        keep(self.path.parent)

    def add(self, user_ids: Sequence[UUID], *, at_least: int = 0) -> EraseListSpan:
        """Append users; they are on disk before this returns.

        `at_least` is the size in bytes that the list has had: a shorter list is another file or an older
        copy, and isn't continued. Raises: EraseListMissing, EraseListShort; OSError.
        """
        flags = os.O_RDWR if at_least else os.O_RDWR | os.O_CREAT
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(self.path, flags, _OWNER_ONLY)
        except FileNotFoundError:
            raise EraseListMissing(str(self.path)) from None
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # An incomplete line after a power cut is overwritten: the key of its user was not destroyed yet.
            start = file.seek(0, os.SEEK_END) // LINE * LINE
            if start < at_least:
                raise EraseListShort(str(self.path))
            file.seek(start)
            lines = _lines(user_ids)
            file.truncate()
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if not start:
            keep(self.path.parent)
        return EraseListSpan(start, start + len(lines), user_ids[-1] if user_ids else None)

    def size(self) -> int | None:
        """Return the bytes of all complete lines; None without a file. Raises: EraseListUnreadable."""
        try:
            return self.path.stat().st_size // LINE * LINE
        except FileNotFoundError:
            return None
        except OSError:
            raise EraseListUnreadable(str(self.path)) from None

    def cut_off(self) -> bytes:
        """Return the bytes of an incomplete last line; none when all lines are complete.

        Waits for a process that is appending, so an incomplete line is from a power cut or a truncated copy.
        Raises: EraseListUnreadable.
        """
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                file.seek(file.seek(0, os.SEEK_END) // LINE * LINE)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError:
            raise EraseListUnreadable(str(self.path)) from None

    def log_id(self) -> UUID | None:
        """Return the id of the list's log, or None if it has none. Raises: EraseListUnreadable."""
        first = self.line_before(LINE)
        return None if first is None or first.version == _USER_ID_VERSION else first

    def line_before(self, end: int) -> UUID | None:
        """Return the id on the line that ends at a byte, if any. Raises: EraseListUnreadable."""
        found = _ids(self._read(max(end - LINE, 0), end), self.path)
        return found[-1] if found else None

    def after(self, start: int) -> tuple[list[UUID], int]:
        """Return the users listed after a byte, and the byte after them. Raises: EraseListUnreadable."""
        size = self.size() or 0
        found = _ids(self._read(start, size), self.path)
        return (found[1:] if not start and self.log_id() else found), size

    def content(self) -> bytes:
        """Return the complete lines as bytes; none without a file. Raises: EraseListUnreadable."""
        return self._read(0, self.size() or 0)

    def _read(self, start: int, end: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(max(end - start, 0))
        except FileNotFoundError:
            return b""
        except OSError:
            raise EraseListUnreadable(str(self.path)) from None


class NoEraseList:
    """The list of a store in memory, which has no backups, and of a store without a path for a list."""

    def begin(self, log_id: UUID, user_ids: Sequence[UUID] = ()) -> None:
        pass

    def add(self, user_ids: Sequence[UUID], *, at_least: int = 0) -> EraseListSpan:  # noqa: ARG002 - nothing is listed
        return EraseListSpan(0, 0, None)

    def after(self, start: int) -> tuple[list[UUID], int]:  # noqa: ARG002 - there is never any
        return [], 0


EraseList = FileEraseList | NoEraseList


def _lines(ids: Sequence[UUID]) -> bytes:
    return b"".join(f"{one}\n".encode() for one in ids)


def _ids(lines: bytes, path: Path) -> list[UUID]:
    whole = lines[: len(lines) // LINE * LINE]
    try:
        return [UUID(line) for line in whole.decode("ascii").splitlines()]
    except ValueError:
        raise EraseListUnreadable(str(path)) from None
