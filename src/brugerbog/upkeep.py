"""What is done to a store as a whole, beside its use: backing it up, restoring it, copying it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from brugerbog.application.store_errors import BackupNeedsServer, StoreEmpty, StoreUrlInvalid
from brugerbog.infrastructure.settings import Installation

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.infrastructure.store.derivation import Head


def back_up(folder: Path, url: str | None = None) -> Head:
    """Copy a SQLite store, which may be in use, into a new folder; returns the head of the copy.

    Master key and erase list aren't in it: keep them elsewhere. `url` is the environment's unless given.
    Raises: StoreEmpty, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged.
    """
    from brugerbog.infrastructure.store.backup import back_up as copy_into  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.store.sqlite import SqliteBackend  # noqa: PLC0415 - as above

    path = _file_of(url)
    if not path.exists():
        raise StoreEmpty
    return copy_into(SqliteBackend(path), folder)


def restore(folder: Path, url: str | None = None) -> Head:
    """Make a SQLite store from a backup, at a place where there is none; returns its head.

    Whoever was erased since the backup is erased again when the store is opened, by the erase list.
    Raises: BackupMissing, BackupNeedsServer, StoreUrlInvalid, PlaceTaken, BackupDamaged.
    """
    from brugerbog.infrastructure.store.backup import restore as make_of  # noqa: PLC0415 - only what is used
    from brugerbog.infrastructure.store.marks import set_mark  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.store.notary import RESTORED  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.store.sqlite import SqliteBackend  # noqa: PLC0415 - as above

    path = _file_of(url)
    head = make_of(folder, path)
    backend = SqliteBackend(path)
    try:
        # What was recorded after the backup is lost, and checkpoints are to say so.
        set_mark(backend, RESTORED, head.size)
    finally:
        backend.close()
    return head


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
    from brugerbog.infrastructure.store.copying import Copying  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.store.installation_keys import InstallationKeys  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.store.masters import Masters  # noqa: PLC0415 - as above
    from brugerbog.infrastructure.vault import Vault  # noqa: PLC0415 - as above

    installation = Installation.from_environment()
    with open_service(source, create=False, master_key_file=source_key_file) as service:
        backend, path = backend_of(target)
        try:
            port = master_keys_of(backend, path, installation, target_key_file, None)
            begun = backend.is_prepared()
            if not begun:
                port.make()
            vault = Vault(*port.read())
            masters = Masters(backend, vault, port)
            if begun:
                masters.take()
            keys = InstallationKeys(backend, vault, masters)
            head = Copying(service.log, backend, vault, keys, target).run(progress or (lambda *_: None))
        finally:
            backend.close()
        listed, _ = service.log.erase_list.after(0)
        theirs = erase_list_of(installation, path, port)
        theirs.add(sorted(set(listed) - set(theirs.after(0)[0])))
    return head


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
