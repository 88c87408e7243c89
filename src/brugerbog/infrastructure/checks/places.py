"""Whether there is room for the store, and whether what is kept outside of it can be kept."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from brugerbog.application import signs
from brugerbog.infrastructure.erase_list import LISTED_UNTIL, FileEraseList
from brugerbog.infrastructure.store.marks import mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brugerbog.application.checkup import Finding
    from brugerbog.application.erasure import EraseList
    from brugerbog.infrastructure.checks.ground import Ground

_MB: Final = 1_000_000
ALMOST_NONE, LITTLE = 100 * _MB, 1_000 * _MB
"""Bytes."""


def disk(ground: Ground) -> Iterator[Finding]:
    """How much room there is beside a SQLite store; a server's disk can't be seen from here."""
    if ground.path is None:
        return
    free = shutil.disk_usage(_nearest(ground.path.absolute())).free
    if free < ALMOST_NONE:
        sign = signs.DISK_FULL
    else:
        sign = signs.DISK_NEARLY_FULL if free < LITTLE else signs.DISK_ROOM
    yield sign.found(free=free // _MB)


def checkpoints(folder: Path | None) -> Iterator[Finding]:
    """Whether checkpoints are kept outside of the store, too."""
    if folder is None:
        yield signs.CHECKPOINTS_INSIDE.found()
    elif not _can_write(folder):
        yield signs.CHECKPOINTS_NOT_WRITABLE.found(folder=str(folder))
    else:
        kept = sum(1 for _ in folder.glob("*.checkpoint"))
        yield signs.CHECKPOINTS_KEPT.found(folder=str(folder), count=kept)


def erase_list(ground: Ground, kept: EraseList) -> Iterator[Finding]:
    """Whether the list of the erased is there and whole."""
    if not isinstance(kept, FileEraseList):
        yield signs.ERASE_LIST_NOWHERE.found()
        return
    place = str(kept.path)
    try:
        listed, end = kept.after(0)
    except (OSError, ValueError):
        yield signs.ERASE_LIST_NOT_WRITABLE.found(place=place)
        return
    if end < mark(ground.backend, LISTED_UNTIL):
        yield signs.ERASE_LIST_SHORT.found(place=place)
    elif not _can_write(kept.path if kept.path.exists() else kept.path.parent):
        yield signs.ERASE_LIST_NOT_WRITABLE.found(place=place)
    else:
        yield signs.ERASE_LIST_KEPT.found(place=place, count=len(listed))


def _can_write(place: Path) -> bool:
    """Whether there could be written at a place, or made what isn't there yet."""
    return os.access(_nearest(place.absolute()), os.W_OK)


def _nearest(place: Path) -> Path:
    return next(one for one in (place, *place.parents) if one.exists())
