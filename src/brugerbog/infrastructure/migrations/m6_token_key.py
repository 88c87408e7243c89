"""Migration 6: a token key, and MACs under it for all rows that grant access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    insert,
    literal,
    select,
)

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.keys.installation_keys import TOKENS, key_owner, new_key
from brugerbog.infrastructure.keys.row_macs import MacTables, authenticate_all
from brugerbog.infrastructure.migrations.migration import BIGINT, Migration, rebuild
from brugerbog.projections.columns import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from brugerbog.infrastructure.crypto.vault import Vault

_keys: Final = MetaData()
_master_keys: Final = Table("master_keys", _keys, Column("id", LargeBinary, primary_key=True))
_of_installation: Final = Table(
    "installation_keys",
    _keys,
    Column("name", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name", "generation"),
)
_log: Final = MetaData()
_head: Final = Table(
    "head",
    _log,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Uid, nullable=False),
    Column("format", Integer, nullable=False),
    Column("size", BIGINT, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("token_key", LargeBinary, nullable=False),
    Column("index_key", LargeBinary, nullable=False),
)
_events: Final = Table(
    "events",
    _log,
    Column("position", BIGINT, primary_key=True, autoincrement=False),
    Column("organisation_id", Uid, nullable=False),
    Column("stream_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("recorded_at", BIGINT, nullable=False),
    Column("actor", Uid, nullable=False),
    Column("command_id", Uid, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
)
_event_macs: Final = Table(
    "event_macs",
    _log,
    Column("stream_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream_id", "version"),
    sqlite_with_rowid=False,
)
_claims: Final = Table(
    "claims", _log, Column("scope", Uid, nullable=False), Column("holder", Uid, primary_key=True)
)
_links: Final = Table(
    "link_tokens",
    _log,
    Column("digest", LargeBinary, nullable=False),
    Column("user_id", Uid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_at", BIGINT, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("digest"),
    Index("links_of_user", "user_id"),
    sqlite_with_rowid=False,
)
_codes: Final = Table(
    "activation_codes",
    _log,
    Column("user_id", Uid, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id"),
    sqlite_with_rowid=False,
)


def _on_keys(connection: Connection, vault: Vault) -> dict[str, bytes]:
    """Create the token key unless it exists, and load it into the vault. Raises: DecryptionFailed."""
    vault.limit_wrapping_to({bytes(one) for one in connection.execute(select(_master_keys.c.id)).scalars()})
    if not vault.wrapping_key_id:
        raise DecryptionFailed
    kept = connection.execute(select(_of_installation).where(_of_installation.c.name == TOKENS)).one_or_none()
    if kept is None:
        new = new_key(TOKENS)
        ciphertext, master = vault.wrap(key_owner(TOKENS, new.id), new.key.reveal())
        row = {"name": TOKENS, "generation": 1, "id": new.id, "wrapped": ciphertext, "master": master}
        connection.execute(insert(_of_installation).values(row))
        vault.use_token_key(new.key)
    else:
        whose = key_owner(TOKENS, bytes(kept.id))
        vault.use_token_key(Secret(vault.unwrap(whose, kept.wrapped, bytes(kept.master))))
    return {TOKENS: vault.token_key.id}


def _on_log(connection: Connection, ids: Mapping[str, bytes]) -> None:
    rebuild(connection, _head, token_key=literal(ids[TOKENS], LargeBinary()))
    none = literal(b"", LargeBinary())
    for table in (_links, _codes):
        rebuild(connection, table, mac=none)
    _event_macs.create(connection)


def _authenticate(connection: Connection, vault: Vault) -> None:
    tables = MacTables(_head, _events, _event_macs, _claims, _links, _codes)
    authenticate_all(connection, vault.token_key, tables)


TOKENS_OF_THEIR_OWN: Final = Migration(
    6, "a key for tokens, and rows that can't be made without it", _on_log, _on_keys, _authenticate
)
