"""The database itself refuses to change or remove what is recorded."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DatabaseError

from brugerbog.application.actors import Actor
from brugerbog.infrastructure.database.schema import checkpoints, events
from brugerbog.service import Service
from tests.stores import create, office, rows, somebody


@pytest.mark.parametrize("table", [events, checkpoints], ids=lambda table: table.name)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_no_row_is_changed_or_removed(service: Service, actor: Actor, table: object, change: str) -> None:
    create(service, actor, somebody(0))
    with service.log.recorder.write_transaction() as connection:
        connection.execute(insert(checkpoints).values(size=1, frontier=b"", note=b"", made_at=0))
    before = [rows(service, one) for one in (events, checkpoints)]
    first = next(iter(table.primary_key))
    does = update(table).values({first.name: 99}) if change == "update" else delete(table)

    with pytest.raises(DatabaseError), service.log.recorder.write_transaction() as connection:
        connection.execute(does)

    assert [rows(service, one) for one in (events, checkpoints)] == before


def test_no_table_of_them_is_emptied_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with office(postgres_url, tmp_path) as (service, _):
        for table in ("events", "checkpoints"):
            with pytest.raises(DatabaseError), service.log.recorder.write_transaction() as connection:
                connection.execute(text(f"TRUNCATE {table}"))
