"""Work on a store as a whole: preparation, upgrade, backup, restore and copy."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from brugerbog.application.refusals.backup import BackupNeedsServer
from brugerbog.application.refusals.database import StoreNeedsOwner
from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.application.refusals.store import StoreEmpty, StoreOutdated, StoreOutOfReach, StoreUrlInvalid
from brugerbog.bootstrap import open_service
from brugerbog.infrastructure.backup import backup
from brugerbog.infrastructure.backup.copy import StoreCopy
from brugerbog.infrastructure.backup.restored_erase_list import (
    EraseListPlaces,
    find_list,
    fitting_list,
    put_list,
)
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION, store_metadata
from brugerbog.infrastructure.database.schema_version import (
    mark_reservations_current,
    reservations_outdated,
    stored_schema_version,
)
from brugerbog.infrastructure.database.sqlite import SqliteBackend
from brugerbog.infrastructure.database.store_metadata import RESTORED, set_metadata
from brugerbog.infrastructure.erasure.erase_list import FileEraseList
from brugerbog.infrastructure.erasure.store_erase_list import StoreEraseList
from brugerbog.infrastructure.key_rotation.index_key import IndexKeyRotation
from brugerbog.infrastructure.migrations.migrator import Upgrade
from brugerbog.infrastructure.migrations.preparation import check_store_version
from brugerbog.infrastructure.settings import Installation
from brugerbog.infrastructure.system import SystemClock, SystemIds
from brugerbog.infrastructure.wiring import StoreKeys, erase_list_of, wire_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.migrations.migration import Migration
    from brugerbog.infrastructure.transparency_log.log_verifier import Head
    from brugerbog.infrastructure.wiring import StoreWiring

_INSUFFICIENT_PRIVILEGE: Final = "42501"
"""The SQLSTATE of PostgreSQL for a role that isn't the owner."""

_RETRY_SECONDS: Final = 0.2
"""The pause before a key rotation that is under way elsewhere is tried again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Whether the store was made by this call, and the schema version of its tables."""

    is_new: bool
    schema: int


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A store's schema version before and after, and the migrations run; `on_server` for PostgreSQL."""

    before: int
    schema: int
    steps: list[Migration]
    on_server: bool


def prepare(url: str | None = None, *, on_new_key: Callable[[Path], None] | None = None) -> Prepared:
    """Make tables and keys of an empty store, and the read tables; a store that has them stays as it is.

    Any number of processes may call this at once: one of them makes the store. On PostgreSQL it takes the
    owner. Raises: StoreNeedsOwner, and what opening a store raises.
    """
    is_new = False
    store = wire_store(url, Installation.from_environment())
    with _closing(store.backend):
        if not store.backend.is_prepared():
            is_new = store.create(SystemIds().random_id(), on_new_key)
    with open_service(url, create=False, needs_read_tables=False):
        return Prepared(is_new, SCHEMA_VERSION)


def upgrade(
    url: str | None = None,
    *,
    master_keys: MasterKeys | None = None,
    each: Callable[[Migration], object] = lambda _: None,
) -> Upgraded:
    """Migrate a store of an earlier version to this version's schema, and check that its keys open.

    An upgrade that was cut off continues with the same call. Events, ciphertexts and the tree over them stay
    as they are. On PostgreSQL it takes the owner. `master_keys` is for an application that keeps its master
    keys itself; `each` is called after each migration.
    Raises: StoreEmpty, StoreTooNew, StoreBeingCopied, StoreNeedsOwner, and what opening a store raises.
    """
    store = wire_store(url, Installation.from_environment(), master_keys=master_keys)
    backend = store.backend
    with _closing(backend):
        if not backend.is_prepared():
            raise StoreEmpty
        with backend.log.connect() as connection:
            before = stored_schema_version(connection)
        done = Upgrade(backend, store.load_master_keys(), store.master_keys.place).run(each)
        _rebuild_reservations(store.event_log(store.unlock(upgrading=True)))
    return Upgraded(before, SCHEMA_VERSION, done, backend.has_single_database)


def _rebuild_reservations(log: BrugerbogLog) -> None:
    """Make all identity reservations anew if a migration marked them as outdated; safe to be cut off.

    Waits for an upgrade or a key rotation that is under way elsewhere.
    """

    def outdated() -> bool:
        with log.backend.log.connect() as connection:
            return reservations_outdated(connection)

    while outdated():
        try:
            IndexKeyRotation(log).run()
        except KeysBeingRotated:
            time.sleep(_RETRY_SECONDS)
            continue
        with log.backend.write_transaction(log.backend.log) as connection:
            mark_reservations_current(connection)


@contextmanager
def _closing(backend: Backend) -> Iterator[None]:
    """Close the backend at the end of the block.

    Raises: StoreNeedsOwner where the database forbids a statement to this role, StoreOutOfReach for any other
    failure of the database.
    """
    try:
        yield
    except (DBAPIError, OSError) as error:
        sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None)
        raise (StoreNeedsOwner if sqlstate == _INSUFFICIENT_PRIVILEGE else StoreOutOfReach) from None
    finally:
        backend.close()


def back_up(folder: Path, url: str | None = None) -> Head:
    """Copy a SQLite store, which may be in use, into a new folder; returns the head of the copy.

    Master key and erase list aren't in it: keep them elsewhere. Without `url`, the settings name the store.
    Raises: StoreEmpty, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged, KeysBeingRotated,
    EraseListUnreadable.
    """
    path = _file_of(url)
    if not path.exists():
        raise StoreEmpty
    return backup.back_up(SqliteBackend(path), folder, _erase_list_of_file(path), SystemClock().now())


@dataclass(frozen=True, slots=True)
class Restored:
    """The head of a store as the backup had it, and how many events erased users again."""

    head: Head
    erased_again: int


def restore(
    folder: Path,
    url: str | None = None,
    *,
    erase_list: Path | None = None,
    nobody_erased_since: bool = False,
    master_key_file: Path | None = None,
    master_keys: MasterKeys | None = None,
) -> Restored:
    """Make a SQLite store from a backup, and erase again the users that were erased since the backup.

    The erase list is `erase_list`; else it is looked for where the environment names it, where it was when
    the backup was made, and beside store and backup. It is copied to the place where the new store reads it.
    Where no list fits, `nobody_erased_since` is the operator's assurance in its place. A store of an earlier
    version is restored as it is; the erasures follow when it is first opened after its upgrade. A restore
    that fails leaves nothing.
    Raises: BackupMissing, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged, EraseListMissing,
    EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable, and what opening a store raises.
    """
    path, manifest = _file_of(url), backup.manifest_of(folder)
    target = _erase_list_of_file(path)
    sought = EraseListPlaces(erase_list, Installation.from_environment().erase_list)
    find = fitting_list if nobody_erased_since else find_list
    found = find(folder, manifest, target, sought)
    head = backup.restore(folder, path)
    had_list = target.path.exists()
    try:
        if found is not None:
            put_list(found, target)
        _mark_restored(path, head, target, is_new_list=found is None)
        erased = _erase_again(path, head, master_key_file, master_keys)
    except BaseException:
        backup.remove(path)
        if not had_list:
            target.path.unlink(missing_ok=True)
        raise
    return Restored(head, erased)


def _mark_restored(path: Path, head: Head, target: FileEraseList, *, is_new_list: bool) -> None:
    """Record in the store that its log was restored: later checkpoints then show which events are lost.

    A backup of the first versions has no table for the mark, and no checkpoint.
    """
    backend = SqliteBackend(path)
    try:
        with backend.log.connect() as connection:
            has_marks = connection.dialect.has_table(connection, store_metadata.name)
        if has_marks:
            set_metadata(backend, RESTORED, head.size)
        if is_new_list and has_marks:
            StoreEraseList(backend, target).renew()
    finally:
        backend.close()


def _erase_again(path: Path, head: Head, master_key_file: Path | None, master_keys: MasterKeys | None) -> int:
    """Open the store, which repeats erasures before it is served; returns how many events that took."""
    try:
        with open_service(
            f"sqlite:///{path}", create=False, master_key_file=master_key_file, master_keys=master_keys
        ) as service:
            return (service.log.recorder.max_notification_id() or 0) - head.size
    except StoreOutdated:
        return 0


def renew_erase_list(url: str | None = None) -> Path:
    """Make a lost erase list anew from the log, if the operator assures that no later list is missing.

    For a store in its place, whose log has all erasures; returns the path of the list.
    Raises: StoreEmpty, EraseListMissing where there is no place for a list; EraseListForeign, and what
    opening a store raises.
    """
    store = wire_store(url, Installation.from_environment())
    with _closing(store.backend):
        if not store.backend.is_prepared():
            raise StoreEmpty
        check_store_version(store.backend)
        listed = StoreEraseList(store.backend, store.erase_list)
        listed.renew()
    return Path(listed.place)


def copy(
    source: str,
    target: str,
    *,
    source_key_file: Path | None = None,
    target_key_file: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Head:
    """Copy a store to another engine or place, or continue a copy that was cut off; returns its head.

    The log is copied as it is; keys are wrapped anew under the target's master key, and the digests by which
    users are found are made anew. Users on the source's erase list are on the target's too. Both ends are
    checked. Raises: StoreEmpty and what opening a store raises; PlaceTaken, LogDamaged, CopyIncomplete,
    KeysBeingRotated.
    """
    settings = Installation.from_environment()
    with open_service(
        source, create=False, master_key_file=source_key_file, needs_read_tables=False
    ) as service:
        to = wire_store(target, settings, key_file=target_key_file)
        listed = service.log.erase_list
        try:
            keys = _keys_of_copy(to)
            # Made before the copy can be opened; users erased meanwhile are added afterwards.
            to.erase_list.begin(listed.log_id(), listed.after(0)[0])
            copying = StoreCopy(service.log, to.backend, keys.vault, keys.installation_keys, target)
            head = copying.run(progress or (lambda *_: None))
        finally:
            to.backend.close()
        if missing := sorted(set(listed.after(0)[0]) - set(to.erase_list.after(0)[0])):
            to.erase_list.add(missing)
    return head


def _keys_of_copy(target: StoreWiring) -> StoreKeys:
    """The keys of a copy, with a new master key unless the copy has been begun before."""
    is_begun = target.backend.is_prepared()
    if not is_begun:
        target.master_keys.make()
    keys = StoreKeys.of(target.backend, target.load_master_keys(), target.master_keys)
    if is_begun:
        keys.master_keys.reload()
    return keys


def _erase_list_of_file(path: Path) -> FileEraseList:
    """The erase list of a store in a file: where the environment names it, else beside the file."""
    erase_list = erase_list_of(Installation.from_environment(), path, None)
    assert isinstance(erase_list, FileEraseList)  # noqa: S101 - a store in a file has a place for it
    return erase_list


def _file_of(url: str | None) -> Path:
    try:
        parsed = make_url(url or Installation.from_environment().store)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid from None
    if parsed.drivername == "postgresql+psycopg":
        raise BackupNeedsServer
    if parsed.drivername != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreUrlInvalid
    return Path(parsed.database)
