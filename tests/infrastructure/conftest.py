"""Every kind of store in turn, opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brugerbog.application.actors import Actor
from brugerbog.service import Service
from tests.store_templates import StoreTemplates
from tests.stores import open_store, register


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store in memory, in files, on a server: prepared if the test takes `service`, else empty."""
    is_prepared = "service" in request.fixturenames
    if request.param == "postgres":
        url: str = request.getfixturevalue("prepared_postgres_url" if is_prepared else "postgres_url")
        return url
    if request.param == "memory":
        return "sqlite://"
    if is_prepared:
        stores: StoreTemplates = request.getfixturevalue("prepared_stores")
        return stores.copy_sqlite(tmp_path)
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def service(any_url: str, tmp_path: Path) -> Iterator[Service]:
    with open_store(any_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def actor(service: Service) -> Actor:
    """The operator, acting in an organisation just registered."""
    return register(service)
