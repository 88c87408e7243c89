"""Makes the tables of an empty store, and the keys it is sealed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import insert, select

from brugerbog.application.errors import KeysMissing, LogFormatUnknown, MasterKeyWrong, StoreOutdated
from brugerbog.infrastructure.proof import Frontier
from brugerbog.infrastructure.store.schema import head, installation_keys, key_tables, log_tables
from brugerbog.infrastructure.vault import SealBroken

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.vault import Vault

LOG_FORMAT: Final = 1
_INDEX: Final = "index"


def prepare(backend: Backend, vault: Vault, log_id: UUID) -> None:
    """Make an empty store's tables, once, however many processes ask at the same time.

    The head comes last: a store has its tables when it has its head.
    """
    with backend.preparing(backend.log) as connection:
        if connection.dialect.has_table(connection, "head"):
            return
        if backend.one_database:
            _make_keys(connection, vault)
        else:
            with backend.writing(backend.keys) as keys:
                _make_keys(keys, vault)
        log_tables.create_all(connection)
        connection.execute(
            insert(head).values(
                only=1, log_id=log_id, format=LOG_FORMAT, size=0, frontier=Frontier().to_bytes()
            )
        )


def _make_keys(connection: Connection, vault: Vault) -> None:
    key_tables.create_all(connection)
    made = connection.execute(select(installation_keys.c.name)).first()
    if made is None:
        wrapped = vault.wrap(_INDEX.encode(), vault.new_key())
        connection.execute(insert(installation_keys).values(name=_INDEX, wrapped=wrapped))


def unlock(backend: Backend, vault: Vault, place: str) -> None:
    """Check the log's format and open the index key with the master key from `place`.

    Raises: MasterKeyWrong, LogFormatUnknown, StoreOutdated, KeysMissing.
    """
    if not backend.has_keys():
        raise KeysMissing
    with backend.log.connect() as connection:
        log_format = connection.execute(select(head.c.format)).scalar_one()
        tables = set(connection.dialect.get_table_names(connection))
    if log_format != LOG_FORMAT:
        raise LogFormatUnknown
    if not tables >= log_tables.tables.keys():
        raise StoreOutdated
    with backend.keys.connect() as connection:
        wrapped = connection.execute(
            select(installation_keys.c.wrapped).where(installation_keys.c.name == _INDEX)
        ).scalar()
    if wrapped is None:
        raise KeysMissing
    try:
        vault.use_index_key(vault.unwrap(_INDEX.encode(), wrapped))
    except SealBroken:
        raise MasterKeyWrong(place) from None
