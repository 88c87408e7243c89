"""What is done to a store as a whole: making, upgrading, backing up, restoring, copying it."""

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
from brugerbog.application.refusals.store import StoreEmpty, StoreOutOfReach, StoreUrlInvalid
from brugerbog.infrastructure.settings import Installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.infrastructure.backup.erase_list import FileEraseList
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.database.migrations.migration import Migration
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.transparency_log.log_verifier import Head

_NOT_ALLOWED: Final = "42501"
"""What PostgreSQL says to one who isn't the owner."""

_LOOKED_AGAIN: Final = 0.2
"""So many seconds pass before it is looked again whether another upgrade is done."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Whether a store was made just now, and the number of its tables' form."""

    is_new: bool
    schema: int


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The form of a store's tables before and after, the steps taken here, and whether a server has them."""

    before: int
    schema: int
    steps: list[Migration]
    on_server: bool


def prepare(url: str | None = None, *, on_new_key: Callable[[Path], None] | None = None) -> Prepared:
    """Make tables and keys of an empty store, and the read tables; a store that has them is left as it is.

    Any number of processes may do it at once: one of them makes the store. On PostgreSQL it is the owner's to
    do. Raises: StoreNeedsOwner, and what opening a store raises.
    """
    from brugerbog.bootstrap import (  # noqa: PLC0415 - only what is used
        backend_of,
        master_keys_of,
        open_service,
    )
    from brugerbog.infrastructure.crypto.vault import Vault  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.preparation import prepare as make  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.schema import SCHEMA  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.system import SystemIds  # noqa: PLC0415 - as above

    installation, is_new = Installation.from_environment(), False
    backend, path = backend_of(url or installation.store)
    with _as_owner(backend):
        if not backend.is_prepared():
            port = master_keys_of(backend, path, installation, None, None)
            if port.make() and on_new_key is not None:
                on_new_key(Path(port.place))
            is_new = make(backend, Vault(*port.read()), SystemIds().random_id())
    with open_service(url, create=False, needs_read_tables=False):
        return Prepared(is_new, SCHEMA)


def upgrade(
    url: str | None = None,
    *,
    master_keys: MasterKeys | None = None,
    each: Callable[[Migration], object] = lambda _: None,
) -> Upgraded:
    """Bring a store that an earlier version made to this version's tables, and check that its keys open.

    Cut off, it is gone on with by the same call. Events, boxes and the tree over them stay as they are. On
    PostgreSQL it is the owner's to do. `master_keys` is for an application that has a place of its own for
    them; `each` hears of a step once it is done.
    Raises: StoreEmpty, StoreTooNew, StoreBeingCopied, StoreNeedsOwner, and what opening a store raises.
    """
    from brugerbog.bootstrap import backend_of, master_keys_of  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.backup.erase_list import NoEraseList  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.backup.listed_erasures import ListedErasures  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.installation_keys import InstallationKeys  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.master_key_ring import MasterKeyRing  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.user_keys import KeyRing  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.vault import Vault  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.migrator import Upgrade  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.preparation import unlock  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.schema import SCHEMA  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.schema_version import schema_of  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.event_store.log import BrugerbogLog  # noqa: PLC0415 - as above

    installation = Installation.from_environment()
    backend, path = backend_of(url or installation.store)
    with _as_owner(backend):
        if not backend.is_prepared():
            raise StoreEmpty
        with backend.log.connect() as connection:
            before = schema_of(connection)
        port = master_keys or master_keys_of(backend, path, installation, None, None)
        vault = Vault(*port.read())
        done = Upgrade(backend, vault, port.place).run(each)
        masters = MasterKeyRing(backend, vault, port)
        own, listed = InstallationKeys(backend, vault, masters), ListedErasures(backend, NoEraseList())
        unlock(backend, masters, own, upgrading=True)
        _rebuild_reservations(BrugerbogLog(backend, vault, KeyRing(backend, vault, masters), own, listed))
    return Upgraded(before, SCHEMA, done, backend.one_database)


def _rebuild_reservations(log: BrugerbogLog) -> None:
    """Make all claims anew if a step has noted that they are out of date; cut off, it is done again.

    An upgrade or a key rotation that is under way elsewhere is waited for.
    """
    from brugerbog.infrastructure.crypto.index_key_rotation import IndexRotation  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.schema_version import claims_are_up_to_date, claims_out_of_date  # noqa: PLC0415 - as above

    def outdated() -> bool:
        with log.backend.log.connect() as connection:
            return claims_out_of_date(connection)

    while outdated():
        try:
            IndexRotation(log).run()
        except KeysBeingRotated:
            time.sleep(_LOOKED_AGAIN)
            continue
        with log.backend.writing(log.backend.log) as connection:
            claims_are_up_to_date(connection)


@contextmanager
def _as_owner(backend: Backend) -> Iterator[None]:
    """Say by name what a database objects to, and close it in the end."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        refused = getattr(getattr(error, "orig", None), "sqlstate", None) == _NOT_ALLOWED
        raise (StoreNeedsOwner if refused else StoreOutOfReach) from None
    finally:
        backend.close()


def back_up(folder: Path, url: str | None = None) -> Head:
    """Copy a SQLite store, which may be in use, into a new folder; returns the head of the copy.

    Master key and erase list aren't in it: keep them elsewhere. `url` is the environment's unless given.
    Raises: StoreEmpty, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged, KeysBeingRotated,
    EraseListUnreadable.
    """
    from brugerbog.infrastructure.backup.backup import back_up as copy_into  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.database.sqlite import SqliteBackend  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.system import SystemClock  # noqa: PLC0415 - as above

    path = _file_of(url)
    if not path.exists():
        raise StoreEmpty
    return copy_into(SqliteBackend(path), folder, _list_beside(path), SystemClock().now())


@dataclass(frozen=True, slots=True)
class Restored:
    """The head of a store as the backup had it, and how many users were erased again."""

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
    """Make a SQLite store from a backup where there is none, and erase again the users erased since.

    The list of the erased is `erase_list`, or else is looked for where the environment says, where it lay
    when the backup was made, and beside store and backup; it is put where the new store looks for it. Where
    none is found that fits, `nobody_erased_since` is the operator's word in place of it. A store of an
    earlier version is put back as it is, and erases when it is first opened after its upgrade. A restore
    that fails leaves nothing.
    Raises: BackupMissing, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged, EraseListMissing,
    EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable, and what opening a store raises.
    """
    from brugerbog.infrastructure.backup.backup import manifest_of, remove  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.backup.backup import restore as make_of  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.backup.restored_erase_list import Sought, find_list, fitting_list, put_list  # noqa: PLC0415 - as above

    path, manifest = _file_of(url), manifest_of(folder)
    target, sought = _list_beside(path), Sought(erase_list, Installation.from_environment().erase_list)
    find = fitting_list if nobody_erased_since else find_list
    found = find(folder, manifest, target, sought)
    head = make_of(folder, path)
    had_list = target.path.exists()
    try:
        if found is not None:
            put_list(found, target)
        _say_restored(path, head, target, is_new_list=found is None)
        erased = _erase_again(path, head, master_key_file, master_keys)
    except BaseException:
        remove(path)
        if not had_list:
            target.path.unlink(missing_ok=True)
        raise
    return Restored(head, erased)


def _say_restored(path: Path, head: Head, target: FileEraseList, *, is_new_list: bool) -> None:
    """Say in the store that its log was put back: what came after the backup is lost, as checkpoints tell.

    A backup of the first versions has no room for that, and no checkpoint.
    """
    from brugerbog.infrastructure.backup.listed_erasures import ListedErasures  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.database.schema import marks  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.sqlite import SqliteBackend  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.store_metadata import set_metadata  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.transparency_log.checkpoint_signing import RESTORED  # noqa: PLC0415 - as above

    backend = SqliteBackend(path)
    try:
        with backend.log.connect() as connection:
            has_marks = connection.dialect.has_table(connection, marks.name)
        if has_marks:
            set_metadata(backend, RESTORED, head.size)
        if is_new_list and has_marks:
            ListedErasures(backend, target).renew()
    finally:
        backend.close()


def _erase_again(path: Path, head: Head, master_key_file: Path | None, master_keys: MasterKeys | None) -> int:
    """Open the store, which erases again before it serves; how many events that took."""
    from brugerbog.application.refusals.store import StoreOutdated  # noqa: PLC0415 - only what is used
    from brugerbog.bootstrap import open_service  # noqa: PLC0415 - as above

    try:
        with open_service(
            f"sqlite:///{path}", create=False, master_key_file=master_key_file, master_keys=master_keys
        ) as service:
            return (service.log.recorder.max_notification_id() or 0) - head.size
    except StoreOutdated:
        return 0


def renew_erase_list(url: str | None = None) -> Path:
    """Make a list of the erased that was lost anew from the log, on the word that nobody was erased since.

    For a store in its place, whose log knows all that were erased in it; returns where the list lies.
    Raises: StoreEmpty, EraseListMissing where there is no place for a list; EraseListForeign, and what
    opening a store raises.
    """
    from brugerbog.bootstrap import (  # noqa: PLC0415 - only what is used
        backend_of,
        erase_list_of,
        master_keys_of,
    )
    from brugerbog.infrastructure.backup.listed_erasures import ListedErasures  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.database.preparation import check_forms  # noqa: PLC0415 - as above

    installation = Installation.from_environment()
    backend, path = backend_of(url or installation.store)
    with _as_owner(backend):
        if not backend.is_prepared():
            raise StoreEmpty
        check_forms(backend)
        kept = erase_list_of(installation, path, master_keys_of(backend, path, installation, None, None))
        listed = ListedErasures(backend, kept)
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
    """Copy a store to another engine or place, or go on with a copy that was cut off; returns its head.

    The log goes over as it is; keys are wrapped anew under the target's master key, and the digests by which
    people are found are made anew. Whoever is on the source's erase list is on the target's too. Both ends
    are checked. Raises: StoreEmpty and what opening a store raises; PlaceTaken, LogDamaged, CopyIncomplete,
    KeysBeingRotated.
    """
    from brugerbog.bootstrap import (  # noqa: PLC0415 - only what is used
        backend_of,
        erase_list_of,
        master_keys_of,
        open_service,
    )
    from brugerbog.infrastructure.backup.copy import Copying  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.installation_keys import InstallationKeys  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.master_key_ring import MasterKeyRing  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.crypto.vault import Vault  # noqa: PLC0415 - as above

    installation = Installation.from_environment()
    with open_service(
        source, create=False, master_key_file=source_key_file, needs_read_tables=False
    ) as service:
        backend, path = backend_of(target)
        try:
            port = master_keys_of(backend, path, installation, target_key_file, None)
            begun = backend.is_prepared()
            if not begun:
                port.make()
            vault = Vault(*port.read())
            masters = MasterKeyRing(backend, vault, port)
            if begun:
                masters.take()
            keys = InstallationKeys(backend, vault, masters)
            listed = service.log.erase_list
            theirs = erase_list_of(installation, path, port)
            # Made before the copy can be opened; users erased meanwhile are added afterwards.
            theirs.begin(listed.log_id(), listed.after(0)[0])
            head = Copying(service.log, backend, vault, keys, target).run(progress or (lambda *_: None))
        finally:
            backend.close()
        if missing := sorted(set(listed.after(0)[0]) - set(theirs.after(0)[0])):
            theirs.add(missing)
    return head


def _list_beside(path: Path) -> FileEraseList:
    """The list of the erased of a store in a file: where the environment says, else beside the file."""
    from brugerbog.bootstrap import erase_list_of  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.backup.erase_list import FileEraseList  # noqa: PLC0415 - as above

    kept = erase_list_of(Installation.from_environment(), path, None)
    assert isinstance(kept, FileEraseList)  # noqa: S101 - a store in a file has a place for it
    return kept


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
