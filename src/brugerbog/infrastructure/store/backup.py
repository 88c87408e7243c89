"""A copy of a SQLite store, made while it is in use, and a store made from such a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pysqlite3.dbapi2 as driver

from brugerbog.application.store_errors import BackupDamaged, BackupMissing, KeysBeingRotated, PlaceTaken
from brugerbog.infrastructure.durable import keep
from brugerbog.infrastructure.proof import Frontier
from brugerbog.infrastructure.store.derivation import Derivation, Head
from brugerbog.infrastructure.store.sqlite import SqliteBackend

if TYPE_CHECKING:
    from pathlib import Path

STORE: Final = "store.db"
_OWNER_ONLY: Final = 0o600
_OWNER_ONLY_FOLDER: Final = 0o700


def back_up(backend: SqliteBackend, folder: Path) -> Head:
    """Copy log and keys into a new folder, and check the copy against its own head; returns that head.

    The log is copied first, so that every user in it finds his key: new keys are kept before new events. The
    read tables aren't copied, being made anew from the log, and neither are master key and erase list, which
    belong elsewhere. No keys are changed meanwhile: a log from before and keys from after would not fit.
    Raises: PlaceTaken, BackupDamaged, KeysBeingRotated.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PlaceTaken(str(folder))
    with backend.rotating() as alone:
        if not alone:
            raise KeysBeingRotated
        folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        _copy(backend, SqliteBackend(folder / STORE))
    return _checked(folder / STORE)


def restore(folder: Path, path: Path) -> Head:
    """Make a store at a path from a backup; returns its head. Whoever was erased since is erased at its open.

    Raises: BackupMissing, PlaceTaken, BackupDamaged; then there is no store at the path.
    """
    if not (folder / STORE).is_file():
        raise BackupMissing(str(folder))
    target = SqliteBackend(path)
    for kind in ("", ".keys", ".read"):
        if target.file(kind).exists():
            raise PlaceTaken(str(target.file(kind)))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(SqliteBackend(folder / STORE), target)
        return _checked(path)
    except BaseException:
        for kind in ("", ".keys"):
            target.file(kind).unlink(missing_ok=True)
        raise


def _copy(source: SqliteBackend, target: SqliteBackend) -> None:
    for kind in ("", ".keys"):
        file = target.file(kind)
        file.touch(mode=_OWNER_ONLY)
        try:
            _copy_file(source.file(kind), file)
        except driver.Error:
            raise BackupDamaged(str(source.file(kind))) from None


def _copy_file(source: Path, target: Path) -> None:
    """Copy a database as of one moment, with SQLite's own online backup, onto the disk."""
    reading: Any = driver.connect(f"file:{source}?mode=ro", uri=True, timeout=60)
    writing: Any = driver.connect(target)
    try:
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()
    keep(target)
    keep(target.parent)


def _checked(path: Path) -> Head:
    """The head of a copy whose events come to it. Raises: BackupDamaged."""
    backend = SqliteBackend(path)
    try:
        derivation = Derivation(backend)
        head = derivation.head()
        if derivation.extend(Frontier(), head) is not None:
            raise BackupDamaged(str(path))
    finally:
        backend.close()
    return head
