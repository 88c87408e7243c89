"""A store that is closed leaves no connection open, also of those who were still at work."""

from pathlib import Path

from tests.infrastructure.store.offices import office


def test_a_connection_in_use_while_the_store_is_closed_is_closed_when_it_comes_back(
    store_url: str, tmp_path: Path
) -> None:
    with office(store_url, tmp_path) as (service, _):
        backend = service.log.backend
        with backend.reading(backend.log) as connection:
            backend.close()
            raw = connection.connection.driver_connection

    if backend.one_database:
        assert raw.closed
    assert connection.closed
