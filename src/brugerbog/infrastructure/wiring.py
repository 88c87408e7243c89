"""The wiring of one store: engine, master keys, erase list, key rings and event log, from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from brugerbog.application.refusals.keys import MasterKeyNamedTwice, MasterKeyNotNamed
from brugerbog.application.refusals.store import StoreOutOfReach, StoreUrlInvalid
from brugerbog.infrastructure.crypto.key_file import KeyFile, KmsKeyFile
from brugerbog.infrastructure.crypto.master_key import KeyInEnvironment, KeysInMemory
from brugerbog.infrastructure.crypto.vault import Vault
from brugerbog.infrastructure.erasure.erase_list import FileEraseList, NoEraseList
from brugerbog.infrastructure.erasure.store_erase_list import StoreEraseList
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.infrastructure.migrations.preparation import prepare, unlock
from brugerbog.infrastructure.settings import REQUEST_SECONDS, Installation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from brugerbog.infrastructure.crypto.key_file import Kms
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.erasure.erase_list import EraseList


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The key rings of one store, and the vault that holds the keys in memory."""

    vault: Vault
    master_keys: MasterKeyRing
    installation_keys: InstallationKeys

    @classmethod
    def of(cls, backend: Backend, vault: Vault, source: MasterKeys) -> Self:
        """The key rings of a store, with no key loaded from the store yet."""
        master_keys = MasterKeyRing(backend, vault, source)
        return cls(vault, master_keys, InstallationKeys(backend, vault, master_keys))

    @classmethod
    def locked(cls, backend: Backend) -> Self:
        """Key rings without a master key, for reading public keys and counting rows."""
        return cls.of(backend, Vault(), KeysInMemory())


@dataclass(frozen=True)
class StoreWiring:
    """One store: settings, engine, the file if it has one, and where an application keeps the keys."""

    settings: Installation
    backend: Backend
    path: Path | None
    key_file: str | Path | None = None
    kms: Kms | None = None
    own_master_keys: MasterKeys | None = None

    @cached_property
    def master_keys(self) -> MasterKeys:
        """The application's master keys, else those in the settings, else in the file beside the store.

        Raises: MasterKeyNamedTwice; MasterKeyNotNamed for a store of a database server.
        """
        if self.own_master_keys is not None:
            return self.own_master_keys
        if self.key_file is None and self.settings.master_key_in_environment and self.kms is None:
            if self.settings.master_key_file is not None:
                raise MasterKeyNamedTwice
            return KeyInEnvironment()
        key_file = self.key_file or self.settings.master_key_file
        if key_file is None and self.path is not None:
            key_file = self.path.with_suffix(".master.key")
        if key_file is not None:
            return KeyFile(key_file) if self.kms is None else KmsKeyFile(key_file, self.kms)
        if self.backend.has_single_database:
            raise MasterKeyNotNamed
        return KeysInMemory()

    @cached_property
    def erase_list(self) -> EraseList:
        """The erase list: where the settings name it, else beside the store's file or its master key."""
        return erase_list_of(self.settings, self.path, self.master_keys)

    def create(self, log_id: UUID, on_new_key: Callable[[Path], None] | None) -> bool:
        """Draw a master key if there is none, and make the tables; returns whether this process made them.

        Raises: what the source of the master keys raises.
        """
        if self.master_keys.make() and on_new_key is not None:
            on_new_key(Path(self.master_keys.place))
        return prepare(self.backend, self.load_master_keys(), log_id)

    def load_master_keys(self) -> Vault:
        """A vault with the master keys. Raises: what the source of the master keys raises."""
        return Vault(*self.master_keys.read())

    def unlock(self, *, upgrading: bool = False) -> StoreKeys:
        """Load all keys, after a check of the schema version. Raises: as `preparation.unlock`."""
        keys = StoreKeys.of(self.backend, Vault(), self.master_keys)
        unlock(self.backend, keys.master_keys, keys.installation_keys, upgrading=upgrading)
        return keys

    def event_log(self, keys: StoreKeys, erase_list: EraseList | None = None) -> BrugerbogLog:
        """The event log; without `erase_list`, for work that erases no user."""
        return BrugerbogLog(
            self.backend,
            keys.vault,
            UserKeyRing(self.backend, keys.vault, keys.master_keys),
            keys.installation_keys,
            StoreEraseList(self.backend, erase_list or NoEraseList()),
        )


def wire_store(
    url: str | None,
    settings: Installation,
    *,
    request_seconds: float = REQUEST_SECONDS,
    key_file: str | Path | None = None,
    kms: Kms | None = None,
    master_keys: MasterKeys | None = None,
) -> StoreWiring:
    """The wiring of the store at `url`, or else at the address in the settings.

    `request_seconds` is the deadline of one statement.
    Raises: StoreUrlInvalid and other subclasses of StoreUnusable.
    """
    backend, path = open_backend(url or settings.store, request_seconds)
    return StoreWiring(settings, backend, path, key_file, kms, master_keys)


def open_backend(url: str, request_seconds: float = REQUEST_SECONDS) -> tuple[Backend, Path | None]:
    """The engine of the store at an address, and the store's file if it has one.

    Raises: StoreUrlInvalid and other subclasses of StoreUnusable.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid from None
    if parsed.drivername == "sqlite":
        from brugerbog.infrastructure.database.sqlite import SqliteBackend  # noqa: PLC0415 - only what is used

        path = Path(parsed.database) if parsed.database and parsed.database != ":memory:" else None
        try:
            return SqliteBackend(path, request_seconds), path
        except OSError:
            raise StoreOutOfReach from None
    if parsed.drivername == "postgresql+psycopg":
        from brugerbog.infrastructure.database.postgres import PostgresBackend  # noqa: PLC0415 - as above

        try:
            return PostgresBackend(parsed, request_seconds), None
        except DBAPIError:
            raise StoreOutOfReach from None
    raise StoreUrlInvalid


def erase_list_of(settings: Installation, store: Path | None, master_keys: MasterKeys | None) -> EraseList:
    """The erase list of the store in a file, or, if `store` is None, of the store with these master keys."""
    if settings.erase_list is not None:
        return FileEraseList(settings.erase_list)
    key_file = Path(master_keys.place) if isinstance(master_keys, KeyFile | KmsKeyFile) else None
    key_or_store = store or key_file
    return NoEraseList() if key_or_store is None else FileEraseList(key_or_store.with_suffix(".erased"))
