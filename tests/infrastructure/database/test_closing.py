"""A store that is closed leaves no connection open: of those still at work, or after the server was lost."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from brugerbog.infrastructure.database.statements import Statement
from tests.stores import office


def test_a_connection_in_use_while_the_store_is_closed_is_closed_when_it_comes_back(
    store_url: str, tmp_path: Path
) -> None:
    with office(store_url, tmp_path) as (service, _):
        backend = service.log.backend
        with backend.read_connection(backend.log) as connection:
            backend.close()
            raw = connection.connection.driver_connection

    if backend.has_single_database:
        assert raw.closed
    assert connection.closed


def test_anyone_who_loses_the_server_leaves_no_connection_of_others_open(
    postgres_url: str, tmp_path: Path
) -> None:
    with office(postgres_url, tmp_path) as (service, _):
        engine = service.log.backend.log
        ask = Statement(select(func.pg_backend_pid()), engine)
        with engine.connect() as others:
            raw = others.connection.driver_connection
            with engine.connect() as lost:
                (number,) = ask.run(lost).fetchone()
                others.execute(select(func.pg_terminate_backend(number)))
                with pytest.raises(DBAPIError):
                    ask.run(lost)
    assert raw.closed
