"""What a step is, and what steps have in common."""

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
    """What leads to the form with this number, in the log's tables and in those of the keys.

    `on_keys` comes first and, where the keys lie apart, may be called again after it was done; it returns the
    ids of the installation's keys, by name, for `on_log`. `with_keys` comes last: what in the log's tables
    takes the keys that `on_keys` has brought the vault. None touches an event, a box or the head's tree.
    """

    number: int
    what: str
    on_log: Callable[[Connection, Mapping[str, bytes]], None]
    on_keys: Callable[[Connection, Vault], dict[str, bytes]] = _nothing
    with_keys: Callable[[Connection, Vault], None] = _unchanged


def rebuild(connection: Connection, table: Table, **added: ColumnElement[Any]) -> None:
    """Give a table the form of `table`, with all its rows; what is added is the same in each of them.

    SQLite adds no column that must be filled, and none that refers to another table.
    """
    kept = [column for column in table.columns if column.name not in added]
    old = Table(f"old_{table.name}", MetaData(), *(Column(one.name, one.type) for one in kept))
    connection.execute(text(f"CREATE TEMPORARY TABLE {old.name} AS SELECT * FROM {table.name}"))  # noqa: S608 - ours
    connection.execute(text(f"DROP TABLE {table.name}"))
    table.create(connection)
    names = [*(one.name for one in kept), *added]
    connection.execute(insert(table).from_select(names, select(*old.columns, *added.values())))
    old.drop(connection)
