"""Migration 3: key rotation, with the master key of each wrapped key, and a signing key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    insert,
    literal,
    select,
    text,
)

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.vault import IndexKey
from brugerbog.infrastructure.keys.installation_keys import (
    INDEX,
    MEMORY,
    SIGNING,
    InstallationKey,
    key_owner,
    new_key,
)
from brugerbog.infrastructure.migrations.migration import BIGINT, Migration, rebuild
from brugerbog.projections.columns import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from brugerbog.infrastructure.crypto.vault import Vault

_keys: Final = MetaData()
_master_keys: Final = Table("master_keys", _keys, Column("id", LargeBinary, primary_key=True))
_of_users: Final = Table(
    "user_keys",
    _keys,
    Column("user_id", Uid, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", LargeBinary, ForeignKey("master_keys.id"), nullable=False),
    Column("made_at", BIGINT, nullable=False),
    PrimaryKeyConstraint("user_id"),
    sqlite_with_rowid=False,
)
_of_installation: Final = Table(
    "installation_keys",
    _keys,
    Column("name", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", LargeBinary, ForeignKey("master_keys.id"), nullable=False),
    PrimaryKeyConstraint("name", "generation"),
)
_signing: Final = Table(
    "signing_keys",
    MetaData(),
    Column("public_key", LargeBinary, primary_key=True),
    Column("since_size", BIGINT, nullable=False),
    Column("retired_at_size", BIGINT),
)
_head: Final = Table(
    "head",
    MetaData(),
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Uid, nullable=False),
    Column("format", Integer, nullable=False),
    Column("size", BIGINT, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("index_key", LargeBinary, nullable=False),
)


def _on_keys(connection: Connection, vault: Vault) -> dict[str, bytes]:
    """Store which master key wraps each key, and split the key of all digests into two keys.

    Both are the old key at first, so that no digest changes; `keys rotate index` makes them differ.
    """
    if not connection.dialect.has_table(connection, _master_keys.name):
        wrapped = connection.execute(text("SELECT wrapped FROM installation_keys WHERE name = 'index'"))
        old = Secret(vault.unwrap(INDEX.encode(), bytes(wrapped.scalar_one()), vault.wrapping_key_id))
        _master_keys.create(connection)
        connection.execute(insert(_master_keys).values(id=vault.wrapping_key_id))
        by = literal(vault.wrapping_key_id, LargeBinary())
        # When a key was made nobody knows: long ago.
        rebuild(connection, _of_users, master=by, made_at=literal(0, BIGINT))
        connection.execute(text("DROP TABLE installation_keys"))
        _of_installation.create(connection)
        digests = InstallationKey(IndexKey.of(old).id, old)
        for name, own in ((INDEX, digests), (MEMORY, digests), (SIGNING, new_key(SIGNING))):
            ciphertext, master = vault.wrap(key_owner(name, own.id), own.key.reveal())
            row = {"name": name, "generation": 1, "id": own.id, "wrapped": ciphertext, "master": master}
            connection.execute(insert(_of_installation).values(row))
    made = connection.execute(select(_of_installation.c.name, _of_installation.c.id))
    return {name: bytes(key_id) for name, key_id in made}


def _on_log(connection: Connection, ids: Mapping[str, bytes]) -> None:
    size = connection.execute(text("SELECT size FROM head")).scalar_one()
    _signing.create(connection)
    connection.execute(insert(_signing).values(public_key=ids[SIGNING], since_size=size))
    rebuild(connection, _head, index_key=literal(ids[INDEX], LargeBinary()))


KEYS_THAT_CHANGE: Final = Migration(3, "keys that can be changed, and one that signs", _on_log, _on_keys)
