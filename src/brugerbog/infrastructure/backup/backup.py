"""Backup of a SQLite store while it is in use, and restore of a store from a backup."""

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
    """The path of the erase list when the backup was made, its size in bytes, and their SHA-256."""

    place: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a backup: the log, the number of events, the time, and the erase list at that time."""

    log_id: str
    size: int
    made_at: str
    erase_list: EraseListSnapshot

    def check(self, erase_list: FileEraseList) -> None:
        """Check that a list continues the list of the backup.

        Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListUnreadable.
        """
        place, snapshot = str(erase_list.path), self.erase_list
        size = erase_list.size()
        if size is None:
            raise EraseListMissing(place)
        if erase_list.log_id() not in (None, UUID(self.log_id)):
            raise EraseListForeign(place)
        if size < snapshot.size:
            raise EraseListShort(place)
        if sha256(erase_list.content()[: snapshot.size]).hexdigest() != snapshot.digest:
            raise EraseListForeign(place)


def back_up(backend: SqliteBackend, folder: Path, erase_list: FileEraseList, now: datetime) -> Head:
    """Copy log and keys into a new folder, verify the copy against its own head, and return that head.

    The log is copied first, so that the copy has the key of every user in it: new keys are stored before new
    events. Read tables aren't copied, as they are rebuilt from the log. Neither are master key and erase
    list, which belong elsewhere; the manifest holds the size of the list. Keys can't be rotated meanwhile,
    since a log from before a rotation doesn't fit keys from after it.
    Raises: PlaceTaken, BackupDamaged, KeysBeingRotated, EraseListUnreadable.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PlaceTaken(str(folder))
    with backend.key_rotation_lock() as is_held:
        if not is_held:
            raise KeysBeingRotated
        try:
            return _back_up(backend, folder, erase_list, now)
        except OSError as error:
            remove(folder / STORE)
            raise (StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreReadOnly) from None
        except BaseException:
            remove(folder / STORE)
            raise


def _back_up(backend: SqliteBackend, folder: Path, erase_list: FileEraseList, now: datetime) -> Head:
    folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    folder.chmod(_OWNER_ONLY_FOLDER)
    _copy(backend, SqliteBackend(folder / STORE))
    head = _verified_head(folder / STORE)
    listed = erase_list.content()
    snapshot = EraseListSnapshot(str(erase_list.path.absolute()), len(listed), sha256(listed).hexdigest())
    manifest = Manifest(str(head.log_id), head.size, now.isoformat(), snapshot)
    write_whole(folder / MANIFEST, json.dumps(asdict(manifest), indent=1).encode(), mode=_OWNER_ONLY)
    return head


def manifest_of(folder: Path) -> Manifest | None:
    """Return the manifest of a backup; None for a backup of an earlier version without one.

    Raises: BackupMissing, BackupDamaged.
    """
    if not (folder / STORE).is_file():
        raise BackupMissing(str(folder))
    try:
        fields: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        snapshot = EraseListSnapshot(**fields.pop("erase_list"))
        manifest = Manifest(**fields, erase_list=snapshot)
        UUID(manifest.log_id)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, AttributeError, KeyError):
        raise BackupDamaged(str(folder / MANIFEST)) from None
    return manifest


def restore(folder: Path, path: Path) -> Head:
    """Restore log and keys of a store from a backup to a path; return the head.

    Raises: PlaceTaken, BackupDamaged; then no file of the store is left at the path.
    """
    target = SqliteBackend(path)
    for kind in ("", ".keys", ".read"):
        if target.file(kind).exists():
            raise PlaceTaken(str(target.file(kind)))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(SqliteBackend(folder / STORE), target)
        return _verified_head(path)
    except BaseException:
        remove(path)
        raise


def remove(path: Path) -> None:
    """Remove the files of a restored store, so that the restore can be repeated."""
    backend = SqliteBackend(path)
    for kind in ("", ".keys", ".read"):
        file = backend.file(kind)
        for suffix in ("", "-wal", "-shm", "-journal"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
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
    """Return the refusal for an error of a copy; only a file that isn't a readable database is damaged.

    The driver's backup gives no error code, only SQLite's message for it (`sqlite3_errstr`).
    """
    refusal = _FAILURES.get(str(error))
    return BackupDamaged(str(source)) if refusal is None else refusal()


def _copy_file(source: Path, target: Path) -> None:
    """Copy a database as of one moment with SQLite's online backup, and sync the copy to disk."""
    source_database: Any = driver.connect(address_to_read(source), uri=True, timeout=60)
    target_database: Any = driver.connect(target)
    try:
        source_database.backup(target_database)
    finally:
        target_database.close()
        source_database.close()
    keep(target)
    keep(target.parent)


def _verified_head(path: Path) -> Head:
    """Return the head of a copy after verifying it against the events. Raises: BackupDamaged."""
    backend = SqliteBackend(path)
    try:
        verifier = LogVerifier(backend)
        head = verifier.head()
        if verifier.extend(Frontier(), head) is not None:
            raise BackupDamaged(str(path))
    finally:
        backend.close()
    return head
