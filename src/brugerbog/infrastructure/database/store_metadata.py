"""Named numbers in the table `marks`: positions, sizes and versions that the store has reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from brugerbog.infrastructure.database.backend import Backend


RESTORED: Final = "restored_to"
"""Name of the log's size after a restore; 0 if no backup was ever restored."""

PUT_BACK: Final = "put_back_at"
"""Name of the log's size when the log was found older than the erase list; 0 once that was reported."""

_PUT: Final = text(
    "INSERT INTO marks (name, value) VALUES (:name, :value) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def metadata_value(backend: Backend, name: str) -> int:
    """Return the number stored under a name; 0 when there is none."""
    return metadata_values(backend, [name])[0]


def metadata_values(backend: Backend, names: Sequence[str]) -> list[int]:
    """Return the numbers stored under names, in their order; 0 where there is none."""
    parameters = {f"name{at}": name for at, name in enumerate(names)}
    # As text, since opening a store reads several numbers before any statement is compiled.
    placeholders = ", ".join(f":{one}" for one in parameters)
    query = text(f"SELECT name, value FROM marks WHERE name IN ({placeholders})")  # noqa: S608 - ours
    with backend.read_connection(backend.log) as connection:
        found = {row.name: row.value for row in connection.execute(query, parameters)}
    return [found.get(name, 0) for name in names]


def set_metadata(backend: Backend, name: str, value: int) -> None:
    """Store a number under a name, in a transaction of its own."""
    with backend.write_transaction(backend.log) as connection:
        put_metadata(connection, name, value)


def put_metadata(connection: Connection, name: str, value: int) -> None:
    """Store a number under a name, in a transaction of the log; others may insert it concurrently."""
    connection.execute(_PUT, {"name": name, "value": value})
