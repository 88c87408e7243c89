"""Checks of free disk space, and of the files outside the store."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from brugerbog.application.diagnostics import findings
from brugerbog.infrastructure.database.store_metadata import PUT_BACK, metadata_value
from brugerbog.infrastructure.erasure.erase_list import FileEraseList
from brugerbog.infrastructure.erasure.store_erase_list import StoreEraseList

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext
    from brugerbog.infrastructure.erasure.erase_list import EraseList

_MB: Final = 1_000_000
ALMOST_NONE, LITTLE = 100 * _MB, 1_000 * _MB
"""Bytes."""


def disk(context: CheckContext) -> Iterator[Finding]:
    """Check the free space beside a SQLite store; a server's disk isn't visible from here."""
    if context.path is None:
        return
    free = shutil.disk_usage(_nearest(context.path.absolute())).free
    if free < ALMOST_NONE:
        kind = findings.DISK_FULL
    else:
        kind = findings.DISK_NEARLY_FULL if free < LITTLE else findings.DISK_ROOM
    yield kind.finding(free=free // _MB)


def checkpoints(folder: Path | None) -> Iterator[Finding]:
    """Check that checkpoints are stored outside the store, too."""
    if folder is None:
        yield findings.CHECKPOINTS_INSIDE.finding()
    elif not _can_write(folder):
        yield findings.CHECKPOINTS_NOT_WRITABLE.finding(folder=str(folder))
    else:
        kept = sum(1 for _ in folder.glob("*.checkpoint"))
        yield findings.CHECKPOINTS_KEPT.finding(folder=str(folder), count=kept)


def erase_list(context: CheckContext, kept: EraseList) -> Iterator[Finding]:
    """Check that the erase list is complete, and that the log isn't older than it.

    Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable.
    """
    unread_users = StoreEraseList(context.backend, kept).unread_users()
    if not isinstance(kept, FileEraseList):
        yield findings.ERASE_LIST_NOWHERE.finding()
        return
    place = str(kept.path)
    if not _can_write(kept.path if kept.path.exists() else kept.path.parent):
        yield findings.ERASE_LIST_NOT_WRITABLE.finding(place=place)
    else:
        yield findings.ERASE_LIST_KEPT.finding(
            place=place, count=len(set(kept.after(0)[0])), unheard=len(unread_users)
        )
    if size := metadata_value(context.backend, PUT_BACK):
        yield findings.LOG_PUT_BACK.finding(size=size)


def _can_write(place: Path) -> bool:
    """Whether a place is writable, or could be created."""
    return os.access(_nearest(place.absolute()), os.W_OK)


def _nearest(place: Path) -> Path:
    return next(one for one in (place, *place.parents) if one.exists())
