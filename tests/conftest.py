"""What every test may ask for: real stores, and whether to run the full figures."""

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
    from tests.store_templates import PreparedStores

settings.register_profile("ci", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("ci")

FULL_COST = activation_codes.COST


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run fault tests at their full figures")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the folders of tests in memory, unless `--basetemp` or the environment names another place."""
    folder = memory_disk()
    if folder is not None and not config.option.basetemp and "TMPDIR" not in os.environ:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session", autouse=True)
def quick_codes() -> Iterator[None]:
    """Temporary codes that are quick to seal: every user without a CPR number gets one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activation_codes, "COST", 2**4)
        yield


@pytest.fixture
def codes_at_full_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary codes as people get them, which other processes know too."""
    monkeypatch.setattr(activation_codes, "COST", FULL_COST)


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """This process's own server, started when first asked for."""
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
    """A fresh database; a server that an earlier test left stopped is started again."""
    postgres_server.start()
    database = postgres_server.create_database()
    yield postgres_server.url(database)
    postgres_server.start()
    postgres_server.drop_database(database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh store on each engine in turn."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="session")
def prepared_stores(tmp_path_factory: pytest.TempPathFactory) -> "PreparedStores":
    """The stores that `prepared_url` copies."""
    from tests.store_templates import PreparedStores  # noqa: PLC0415 - loads the whole program

    return PreparedStores(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def prepared_postgres_url(
    postgres_server: PostgresServer, prepared_stores: "PreparedStores", tmp_path: Path
) -> Iterator[str]:
    """A prepared store in a database of the test's own, without any event."""
    postgres_server.start()
    database = prepared_stores.copy_postgres(postgres_server, tmp_path)
    yield postgres_server.url(database)
    postgres_server.start()
    postgres_server.drop_database(database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def prepared_url(request: pytest.FixtureRequest, prepared_stores: "PreparedStores", tmp_path: Path) -> str:
    """A prepared store on each engine in turn, without any event; its key is `master.key` in `tmp_path`."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("prepared_postgres_url")
        return url
    return prepared_stores.copy_sqlite(tmp_path)
