"""Checks the files of a SQLite store that were copied or moved.

Files that are copied one by one while in use may hold pages of different moments, which may show late or
never. The table `marks` holds the inodes of the files of log and keys. Files with another inode, copied or
moved to another disk, are read once, from the first page to the last event, before the store is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DatabaseError

from brugerbog.application.refusals.store import StoreTorn
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.database.store_metadata import metadata_values, put_metadata
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier

if TYPE_CHECKING:
    from brugerbog.infrastructure.database.backend import Backend

_MARKS: Final = ("log_file", "keys_file")
"""The keys of the inodes that the files of log and keys had when they were last checked."""

_63_BITS: Final = (1 << 63) - 1


def check_moved_files(backend: Backend) -> bool:
    """Check the store's files unless their inodes are known; return whether they were checked.

    Raises: StoreTorn.
    """
    if not backend.files:
        return False
    try:
        known = metadata_values(backend, _MARKS) == _inodes(backend)
    except DatabaseError:
        raise StoreTorn(str(backend.files[0])) from None
    if not known:
        check_files(backend)
    return not known


def store_inodes(backend: Backend) -> None:
    """Store the inodes of the store's files as checked."""
    with backend.write_transaction(backend.log) as connection:
        for name, inode in zip(_MARKS, _inodes(backend), strict=True):
            put_metadata(connection, name, inode)


def check_files(backend: Backend) -> None:
    """Read every page of log and keys, and every event. Raises: StoreTorn."""
    torn = StoreTorn(str(backend.files[0]))
    try:
        for engine in (backend.log, backend.keys):
            with engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
                    raise torn
        verifier = LogVerifier(backend)
        if verifier.extend(Frontier(), verifier.head()) is not None:
            raise torn
    except DatabaseError:
        raise torn from None


def _inodes(backend: Backend) -> list[int]:
    return [path.stat().st_ino & _63_BITS for path in backend.files[: len(_MARKS)]]
