"""Whether the files of a SQLite store that lie somewhere else than before are whole.

Files copied one by one while they are in use hold pages of different moments, which may show late or never.
The log remembers in `marks` which files it and the keys lay in, by inode; files that were copied, or moved to
another disk, are looked through once, from the first page to the last event, before they are served from.
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
"""The marks of the inodes of the files that log and keys lay in when they were last looked through."""

_63_BITS: Final = (1 << 63) - 1


def check_whole(backend: Backend) -> bool:
    """Look the store's files through unless they are known; whether they were looked through.

    Raises: StoreTorn.
    """
    if not backend.files:
        return False
    try:
        known = metadata_values(backend, _MARKS) == _inodes(backend)
    except DatabaseError:
        raise StoreTorn(str(backend.files[0])) from None
    if not known:
        look_through(backend)
    return not known


def remember_files(backend: Backend) -> None:
    """Know the files by which the store lies here from now on."""
    with backend.write_transaction(backend.log) as connection:
        for name, inode in zip(_MARKS, _inodes(backend), strict=True):
            put_metadata(connection, name, inode)


def look_through(backend: Backend) -> None:
    """Read every page of log and keys, and every event. Raises: StoreTorn."""
    torn = StoreTorn(str(backend.files[0]))
    try:
        for engine in (backend.log, backend.keys):
            with engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
                    raise torn
        derivation = LogVerifier(backend)
        if derivation.extend(Frontier(), derivation.head()) is not None:
            raise torn
    except DatabaseError:
        raise torn from None


def _inodes(backend: Backend) -> list[int]:
    return [path.stat().st_ino & _63_BITS for path in backend.files[: len(_MARKS)]]
