"""A copy of a SQLite store, made while it is in use, and a store made from such a copy."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import pysqlite3.dbapi2 as driver

from brugerbog.application.refusals.backup import BackupDamaged, BackupMissing, PlaceTaken
from brugerbog.application.refusals.erase_list import EraseListForeign, EraseListMissing, EraseListShort
from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.application.refusals.store import StoreFull, StoreOutOfReach, StoreReadOnly
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.database.sqlite import SqliteBackend, address_to_read
from brugerbog.infrastructure.durable_files import keep, write_whole
from brugerbog.infrastructure.erasure.erase_list import FileEraseList
from brugerbog.infrastructure.transparency_log.log_verifier import Head, LogVerifier

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from brugerbog.domain.kernel.refusals import Refusal

_FAILURES: Final[dict[str, type[Refusal]]] = {
    "database or disk is full": StoreFull,
    "attempt to write a readonly database": StoreReadOnly,
    "database is locked": StoreOutOfReach,
    "disk I/O error": StoreOutOfReach,
}

STORE: Final = "store.db"
MANIFEST: Final = "backup.json"
_OWNER_ONLY: Final = 0o600
_OWNER_ONLY_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True)
class EraseListSnapshot:
    """Where the list of the erased lay when the backup was made, its bytes in number, and their SHA-256."""

    place: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: of which log, how many events, when, and how long the erase list was."""

    log_id: str
    size: int
    made_at: str
    erase_list: EraseListSnapshot

    def check(self, kept: FileEraseList) -> None:
        """See that a list is the backup's, and at least as long as it was then.

        Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListUnreadable.
        """
        place, then = str(kept.path), self.erase_list
        size = kept.size()
        if size is None:
            raise EraseListMissing(place)
        if kept.log_id() not in (None, UUID(self.log_id)):
            raise EraseListForeign(place)
        if size < then.size:
            raise EraseListShort(place)
        if sha256(kept.content()[: then.size]).hexdigest() != then.digest:
            raise EraseListForeign(place)


def back_up(backend: SqliteBackend, folder: Path, kept: FileEraseList, now: datetime) -> Head:
    """Copy log and keys into a new folder, and check the copy against its own head; returns that head.

    The log is copied first, so that every user in it finds his key: new keys are kept before new events. The
    read tables aren't copied, being made anew from the log, and neither are master key and erase list, which
    belong elsewhere; the manifest says how long the list is. No keys are changed meanwhile: a log from before
    and keys from after would not fit.
    Raises: PlaceTaken, BackupDamaged, KeysBeingRotated, EraseListUnreadable.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PlaceTaken(str(folder))
    with backend.key_rotation_lock() as alone:
        if not alone:
            raise KeysBeingRotated
        try:
            return _back_up(backend, folder, kept, now)
        except OSError as error:
            remove(folder / STORE)
            raise (StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreReadOnly) from None
        except BaseException:
            remove(folder / STORE)
            raise


def _back_up(backend: SqliteBackend, folder: Path, kept: FileEraseList, now: datetime) -> Head:
    folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    folder.chmod(_OWNER_ONLY_FOLDER)
    _copy(backend, SqliteBackend(folder / STORE))
    made = _checked(folder / STORE)
    listed = kept.content()
    then = EraseListSnapshot(str(kept.path.absolute()), len(listed), sha256(listed).hexdigest())
    manifest = Manifest(str(made.log_id), made.size, now.isoformat(), then)
    write_whole(folder / MANIFEST, json.dumps(asdict(manifest), indent=1).encode(), mode=_OWNER_ONLY)
    return made


def manifest_of(folder: Path) -> Manifest | None:
    """What a backup says of itself; None of one that an earlier version made.

    Raises: BackupMissing, BackupDamaged.
    """
    if not (folder / STORE).is_file():
        raise BackupMissing(str(folder))
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        then = EraseListSnapshot(**said.pop("erase_list"))
        manifest = Manifest(**said, erase_list=then)
        UUID(manifest.log_id)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, AttributeError, KeyError):
        raise BackupDamaged(str(folder / MANIFEST)) from None
    return manifest


def restore(folder: Path, path: Path) -> Head:
    """Make a store's log and keys at a path from a backup; returns its head.

    Raises: PlaceTaken, BackupDamaged; then there is no store at the path.
    """
    target = SqliteBackend(path)
    for kind in ("", ".keys", ".read"):
        if target.file(kind).exists():
            raise PlaceTaken(str(target.file(kind)))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(SqliteBackend(folder / STORE), target)
        return _checked(path)
    except BaseException:
        remove(path)
        raise


def remove(path: Path) -> None:
    """Remove what a restore has made at a path, so that it can be repeated."""
    backend = SqliteBackend(path)
    for kind in ("", ".keys", ".read"):
        file = backend.file(kind)
        for beside in ("", "-wal", "-shm", "-journal"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        file.with_suffix(".lock").unlink(missing_ok=True)


def _copy(source: SqliteBackend, target: SqliteBackend) -> None:
    for kind in ("", ".keys"):
        file = target.file(kind)
        file.touch(mode=_OWNER_ONLY)
        try:
            _copy_file(source.file(kind), file)
        except driver.Error as error:
            raise _refusal_of(error, source.file(kind)) from None


def _refusal_of(error: driver.Error, source: Path) -> Refusal:
    """What a failure to copy a file comes to; only a file that can't be read as a database is damaged.

    The driver's backup gives no code, only the words that SQLite has for each (`sqlite3_errstr`).
    """
    refusal = _FAILURES.get(str(error))
    return BackupDamaged(str(source)) if refusal is None else refusal()


def _copy_file(source: Path, target: Path) -> None:
    """Copy a database as of one moment, with SQLite's own online backup, onto the disk."""
    source_database: Any = driver.connect(address_to_read(source), uri=True, timeout=60)
    target_database: Any = driver.connect(target)
    try:
        source_database.backup(target_database)
    finally:
        target_database.close()
        source_database.close()
    keep(target)
    keep(target.parent)


def _checked(path: Path) -> Head:
    """The head of a copy whose events come to it. Raises: BackupDamaged."""
    backend = SqliteBackend(path)
    try:
        derivation = LogVerifier(backend)
        head = derivation.head()
        if derivation.extend(Frontier(), head) is not None:
            raise BackupDamaged(str(path))
    finally:
        backend.close()
    return head
