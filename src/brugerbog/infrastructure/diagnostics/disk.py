"""Whether there is room for the store, and whether what is kept outside of it can be kept."""

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
    """How much room there is beside a SQLite store; a server's disk can't be seen from here."""
    if context.path is None:
        return
    free = shutil.disk_usage(_nearest(context.path.absolute())).free
    if free < ALMOST_NONE:
        sign = findings.DISK_FULL
    else:
        sign = findings.DISK_NEARLY_FULL if free < LITTLE else findings.DISK_ROOM
    yield sign.finding(free=free // _MB)


def checkpoints(folder: Path | None) -> Iterator[Finding]:
    """Whether checkpoints are kept outside of the store, too."""
    if folder is None:
        yield findings.CHECKPOINTS_INSIDE.finding()
    elif not _can_write(folder):
        yield findings.CHECKPOINTS_NOT_WRITABLE.finding(folder=str(folder))
    else:
        kept = sum(1 for _ in folder.glob("*.checkpoint"))
        yield findings.CHECKPOINTS_KEPT.finding(folder=str(folder), count=kept)


def erase_list(context: CheckContext, kept: EraseList) -> Iterator[Finding]:
    """Whether the list of the erased is there and whole, and the log isn't older than it.

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
    """Whether there could be written at a place, or made what isn't there yet."""
    return os.access(_nearest(place.absolute()), os.W_OK)


def _nearest(place: Path) -> Path:
    return next(one for one in (place, *place.parents) if one.exists())
