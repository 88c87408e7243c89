"""Fixtures for all tests: stores on both engines, and the option `--full`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from brugerbog.infrastructure.crypto import activation_codes
from tests.memory_disk import memory_disk
from tests.postgres import PostgresServer, PostgresUnavailable

if TYPE_CHECKING:
    from tests.store_templates import StoreTemplates

settings.register_profile("ci", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("ci")

PRODUCTION_COST = activation_codes.COST


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run fault tests at their full figures")


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders in memory, unless `--basetemp` or the environment names another place."""
    folder = memory_disk()
    if folder is not None and not config.option.basetemp and "TMPDIR" not in os.environ:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session", autouse=True)
def cheap_code_hashes() -> Iterator[None]:
    """Lower the cost of hashing activation codes: each user without a CPR number gets one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activation_codes, "COST", 2**4)
        yield


@pytest.fixture
def production_code_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash activation codes at the cost of production, as other processes do."""
    monkeypatch.setattr(activation_codes, "COST", PRODUCTION_COST)


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """This process's own PostgreSQL server, started at first use."""
    try:
        server = PostgresServer.create()
    except PostgresUnavailable as missing:
        if os.environ.get("BRUGERBOG_REQUIRE_POSTGRES"):
            pytest.fail(f"BRUGERBOG_REQUIRE_POSTGRES is set, but {missing}", pytrace=False)
        pytest.skip(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.discard()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database; starts the server if an earlier test stopped it."""
    postgres_server.start()
    database = postgres_server.create_database()
    yield postgres_server.url(database)
    postgres_server.start()
    postgres_server.drop_database(database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that doesn't exist yet, on each engine in turn."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="session")
def prepared_stores(tmp_path_factory: pytest.TempPathFactory) -> "StoreTemplates":
    """The empty stores that `prepared_url` copies."""
    from tests.store_templates import StoreTemplates  # noqa: PLC0415 - loads the whole program

    return StoreTemplates(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared_postgres_url(
    postgres_server: PostgresServer, prepared_stores: "StoreTemplates", tmp_path: Path
) -> Iterator[str]:
    """A prepared store in a database of the test's own, without any event."""
    postgres_server.start()
    database = prepared_stores.copy_postgres(postgres_server, tmp_path)
    yield postgres_server.url(database)
    postgres_server.start()
    postgres_server.drop_database(database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def prepared_url(request: pytest.FixtureRequest, prepared_stores: "StoreTemplates", tmp_path: Path) -> str:
    """A prepared store on each engine in turn, without any event; its key is `master.key` in `tmp_path`."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("prepared_postgres_url")
        return url
    return prepared_stores.copy_sqlite(tmp_path)
