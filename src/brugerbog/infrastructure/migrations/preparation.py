"""Makes the tables of an empty store, and the keys it is sealed with."""

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
    SCHEMA,
    head,
    installation_keys,
    key_tables,
    log_tables,
    master_keys,
    signing_keys,
)
from brugerbog.infrastructure.database.schema_version import check_schema, keep_schema
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
"""The format of a store that a copy is being made in, until it is whole."""


def prepare(
    backend: Backend,
    vault: Vault,
    log_id: UUID,
    *,
    own: Mapping[str, Sequence[InstallationKey]] | None = None,
    log_format: int = LOG_FORMAT,
) -> bool:
    """Make an empty store's tables, once, however many processes ask at the same time; whether this one did.

    `own` are the installation's keys by name, oldest first, where they aren't to be new ones. The head comes
    last: a store has its tables when it has its head.
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
        keep_schema(connection, SCHEMA)
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
    """The ids of the installation's keys; made anew unless a start that was cut off has left them."""
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
    """The format of a store's log, or that it is a copy under way."""
    log_format: int = connection.execute(select(head.c.format)).scalar_one()
    return log_format


def check_forms(backend: Backend, *, upgrading: bool = False) -> None:
    """Check that log and tables have the forms that this version knows; `upgrading` as in `check_schema`.

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
        check_schema(connection, upgrading=upgrading)


def unlock(
    backend: Backend, masters: MasterKeyRing, keys: InstallationKeys, *, upgrading: bool = False
) -> None:
    """Check the forms of log and tables, and bring the vault its keys; `upgrading` as in `check_schema`.

    Raises: as `check_forms`; MasterKeyWrong.
    """
    check_forms(backend, upgrading=upgrading)
    masters.reload()
    try:
        keys.unlock()
    except DecryptionFailed:
        raise MasterKeyWrong(masters.source.place) from None
