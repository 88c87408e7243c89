"""The migration of a store to the next schema version, and what migrations share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, insert, select, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from brugerbog.infrastructure.crypto.vault import Vault

BIGINT: Final = BigInteger().with_variant(Integer(), "sqlite")


def _nothing(_connection: Connection, _vault: Vault) -> dict[str, bytes]:
    return {}


def _unchanged(_connection: Connection, _vault: Vault) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Migration:
    """The migration to the schema version `number`, of the log's tables and of the key tables.

    `on_keys` runs first. Where keys have a database of their own, it may run again after it has succeeded. It
    returns the ids of the installation's keys, by name, for `on_log`. `with_keys` runs last, for changes of
    the log's tables that need the keys which `on_keys` has loaded into the vault. No migration changes an
    event, a ciphertext or the head's tree.
    """

    number: int
    what: str
    on_log: Callable[[Connection, Mapping[str, bytes]], None]
    on_keys: Callable[[Connection, Vault], dict[str, bytes]] = _nothing
    with_keys: Callable[[Connection, Vault], None] = _unchanged


def rebuild(connection: Connection, table: Table, **added: ColumnElement[Any]) -> None:
    """Rebuild a table as `table`, with all its rows; an added column has the same value in every row.

    SQLite can't add a column that is NOT NULL or references another table.
    """
    kept = [column for column in table.columns if column.name not in added]
    old = Table(f"old_{table.name}", MetaData(), *(Column(one.name, one.type) for one in kept))
    connection.execute(text(f"CREATE TEMPORARY TABLE {old.name} AS SELECT * FROM {table.name}"))  # noqa: S608 - ours
    connection.execute(text(f"DROP TABLE {table.name}"))
    table.create(connection)
    names = [*(one.name for one in kept), *added]
    connection.execute(insert(table).from_select(names, select(*old.columns, *added.values())))
    old.drop(connection)
