"""Every kind of store in turn, opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from brugerbog.application.commands.authorization import Actor
from brugerbog.bootstrap import Service
from tests.infrastructure.store.offices import open_store, register


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh store: in memory, in files, on a server."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def service(any_url: str, tmp_path: Path) -> Iterator[Service]:
    with open_store(any_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def actor(service: Service) -> Actor:
    """The operator, acting in an organisation just registered."""
    return register(service)
