"""Creates the tables of an empty store, and the keys of its installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import insert, select

from brugerbog.application.refusals.backup import StoreBeingCopied
from brugerbog.application.refusals.keys import KeysMissing, MasterKeyWrong
from brugerbog.application.refusals.log import LogFormatUnknown
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.database.schema import (
    SCHEMA_VERSION,
    head,
    installation_keys,
    key_tables,
    log_tables,
    master_keys,
    signing_keys,
)
from brugerbog.infrastructure.database.schema_version import check_schema_version, store_schema_version
from brugerbog.infrastructure.keys.installation_keys import INDEX, MEMORY, SIGNING, TOKENS, add_key, new_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKey, InstallationKeys
    from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing

LOG_FORMAT: Final = 1
BEING_COPIED: Final = 0
"""The log format of a store that is still being copied."""


def prepare(
    backend: Backend,
    vault: Vault,
    log_id: UUID,
    *,
    own: Mapping[str, Sequence[InstallationKey]] | None = None,
    log_format: int = LOG_FORMAT,
) -> bool:
    """Create the tables of an empty store, once for all processes; return whether this call created them.

    `own` are the installation's keys by name, oldest first; without it, new keys are made. The head is
    inserted last: a store with a head has all its tables.
    """
    with backend.schema_transaction(backend.log) as connection:
        if connection.dialect.has_table(connection, "head"):
            return False
        if backend.has_single_database:
            ids = _make_keys(connection, vault, own)
        else:
            with backend.write_transaction(backend.keys) as keys:
                ids = _make_keys(keys, vault, own)
        log_tables.create_all(connection)
        store_schema_version(connection, SCHEMA_VERSION)
        connection.execute(insert(signing_keys).values(public_key=ids[SIGNING], since_size=0))
        connection.execute(
            insert(head).values(
                only=1,
                log_id=log_id,
                format=log_format,
                size=0,
                frontier=Frontier().to_bytes(),
                index_key=ids[INDEX],
                token_key=ids[TOKENS],
            )
        )
        return True


def _make_keys(
    connection: Connection, vault: Vault, own: Mapping[str, Sequence[InstallationKey]] | None
) -> dict[str, bytes]:
    """Return the ids of the installation's keys, which an interrupted start may have created already."""
    key_tables.create_all(connection)
    made = connection.execute(select(installation_keys.c.name, installation_keys.c.id)).all()
    if made:
        return {name: bytes(key_id) for name, key_id in made}
    connection.execute(insert(master_keys).values(id=vault.wrapping_key_id))
    new = own or {name: [new_key(name)] for name in (INDEX, MEMORY, SIGNING, TOKENS)}
    for name, keys in new.items():
        for key in keys:
            add_key(connection, vault, name, key)
    return {name: keys[-1].id for name, keys in new.items()}


def format_of(connection: Connection) -> int:
    """Return the log format of a store, or `BEING_COPIED`."""
    log_format: int = connection.execute(select(head.c.format)).scalar_one()
    return log_format


def check_store_version(backend: Backend, *, upgrading: bool = False) -> None:
    """Check the versions of the log format and of the tables; `upgrading` as in `check_schema_version`.

    Raises: LogFormatUnknown, StoreBeingCopied, StoreOutdated, StoreTooNew, StoreIncomplete, KeysMissing.
    """
    if not backend.has_keys():
        raise KeysMissing
    with backend.log.connect() as connection:
        log_format = format_of(connection)
        if log_format == BEING_COPIED:
            raise StoreBeingCopied
        if log_format != LOG_FORMAT:
            raise LogFormatUnknown
        check_schema_version(connection, upgrading=upgrading)


def unlock(
    backend: Backend, master_keys: MasterKeyRing, keys: InstallationKeys, *, upgrading: bool = False
) -> None:
    """Check the versions as `check_store_version`, and load all keys into the vault.

    Raises: as `check_store_version`; MasterKeyWrong.
    """
    check_store_version(backend, upgrading=upgrading)
    master_keys.reload()
    try:
        keys.unlock()
    except DecryptionFailed:
        raise MasterKeyWrong(master_keys.source.place) from None
