"""The list of erased users: a file of ids that lies outside the store, so that no backup brings them back."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.infrastructure.durable import keep

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LISTED_UNTIL: Final = "erase_list"
"""The mark in the store that says how far it has heard of those listed."""

_LINE: Final = 37
"""An id with hyphens, and the end of its line."""

_OWNER_ONLY: Final = 0o600


class FileEraseList:
    """One id a line, in the order in which they were erased; any number of processes add to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, user_ids: Sequence[UUID]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # A line that a power cut left half written is written over: its user was not destroyed yet.
            whole = file.seek(0, os.SEEK_END) // _LINE * _LINE
            file.seek(whole)
            file.write(b"".join(f"{user_id}\n".encode() for user_id in user_ids))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            keep(self.path.parent)

    def after(self, mark: int) -> tuple[list[UUID], int]:
        """Raises: ValueError when the file holds something else than ids."""
        try:
            size = self.path.stat().st_size // _LINE * _LINE
        except FileNotFoundError:
            return [], 0
        with self.path.open("rb") as file:
            file.seek(mark if mark <= size else 0)
            lines = file.read(size - file.tell())
        return [UUID(line.decode("ascii")) for line in lines.splitlines()], size


class NoEraseList:
    """For a store in memory, which has no backups."""

    def add(self, user_ids: Sequence[UUID]) -> None:
        pass

    def after(self, mark: int) -> tuple[list[UUID], int]:  # noqa: ARG002 - there is never any
        return [], 0
