"""Notices when files of a SQLite store are deleted or replaced while this process has them open.

SQLite goes on writing into a deleted file, and commits into it are lost. So the file at each path is compared
with the file that was opened, by device and inode, before every commit.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from brugerbog.application.refusals.store import StoreReplaced

if TYPE_CHECKING:
    from pathlib import Path

_SETTLED_NS: Final = 1_000_000_000
"""A folder's modification time has the resolution of the clock; after a second, any change alters it."""


class _File(NamedTuple):
    device: int
    inode: int


class OpenedFiles:
    """The files of one store that this process has opened, each with its write-ahead log."""

    def __init__(self) -> None:
        self._files: dict[str, _File | None] = {}
        self._open: dict[str, int] = {}
        self._folder = ""
        self._as_checked: tuple[int, int, int] | None = None

    def before_opening(self, path: Path) -> None:
        """Check that a file this process has opened before is still the same. Raises: StoreReplaced.

        SQLite would create an empty file in place of a missing one.
        """
        place = os.path.realpath(path)
        if place in self._files:
            self._check(place)

    def opened(self, path: Path) -> None:
        """Register a connection. SQLite creates the write-ahead log anew after the last one has closed."""
        place = os.path.realpath(path)
        self._files.setdefault(place, _file(place))
        if not self._open.get(place):
            self._files[f"{place}-wal"] = _file(f"{place}-wal")
        self._open[place] = self._open.get(place, 0) + 1
        self._folder = os.path.dirname(place)  # noqa: PTH120 - beside realpath, and often called
        self._as_checked = None

    def closed(self, path: Path) -> None:
        """Unregister a connection to a file."""
        place = os.path.realpath(path)
        self._open[place] = max(0, self._open.get(place, 0) - 1)
        self._as_checked = None

    def check(self) -> None:
        """Check that all opened files are at their paths. Raises: StoreReplaced.

        While the folder's modification time is the same, no file needs to be checked.
        """
        try:
            folder = os.stat(self._folder)  # noqa: PTH116 - often called
        except FileNotFoundError:
            raise StoreReplaced(self._folder) from None
        as_found = (folder.st_dev, folder.st_ino, folder.st_mtime_ns)
        if as_found == self._as_checked:
            return
        for place, held in list(self._open.items()):
            self._check(place)
            if held:
                self._check(f"{place}-wal")
        if time.time_ns() - folder.st_mtime_ns > _SETTLED_NS:
            self._as_checked = as_found

    def _check(self, place: str) -> None:
        known, found = self._files[place], _file(place)
        if known is None:
            # SQLite creates the write-ahead log of an empty file at the first write.
            self._files[place] = found
        elif found != known:
            raise StoreReplaced(place)


def _file(place: str) -> _File | None:
    try:
        found = os.stat(place)  # noqa: PTH116 - often called
    except FileNotFoundError:
        return None
    return _File(found.st_dev, found.st_ino)
