"""Stores as earlier versions left them: what those versions really wrote, on either engine."""

import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, Table, insert

from brugerbog.infrastructure.database.backend import Backend
from brugerbog.infrastructure.wiring import open_backend
from brugerbog.projections.columns import Uid
from tests.infrastructure.migrations.older.tables import CAME_LATER, key_tables, log_tables

FORMS: Final = {"first": 0, "second": 1}
"""The stores there are, each with the number of its form."""

IDA_CPR: Final = "1403850001"
"""In both of them Ida is known by this number, Bo by his birth date, and Eva was deleted again."""


def make_older(form: str, url: str, folder: Path) -> None:
    """Put such a store at an address, and its master key into the folder."""
    written = json.loads(Path(__file__).with_name(f"{form}.json").read_text("utf-8"))
    (folder / "master.key").write_text(written["master_key"])
    (folder / "master.key").chmod(0o600)
    backend, _ = open_backend(url)
    for tables, engine in ((log_tables, backend.log), (key_tables, backend.keys)):
        there = [table for table in tables.sorted_tables if form != "first" or table not in CAME_LATER]
        with engine.begin() as connection:
            tables.create_all(connection, there)
            for table in there:
                rows = [_row(table, row) for row in written[table.name]]
                if rows:
                    connection.execute(insert(table), rows)
    backend.close()


def log_of(backend: Backend) -> tuple[list[Any], Any]:
    """Every byte of the events, and the head but for what isn't the log's."""
    with backend.log.connect() as connection:
        events = connection.exec_driver_sql("SELECT * FROM events ORDER BY position").all()
        head = connection.exec_driver_sql("SELECT log_id, format, size, frontier FROM head").one()
    return [tuple(row) for row in events], tuple(head)


def _row(table: Table, written: dict[str, Any]) -> dict[str, Any]:
    def read(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's
        if value is not None and isinstance(table.c[name].type, Uid):
            return UUID(value)
        if value is not None and isinstance(table.c[name].type, LargeBinary):
            return bytes.fromhex(value)
        return bool(value) if name == "finished" else value

    return {name: read(name, value) for name, value in written.items()}
