"""An administrator's desk in an organisation of the test's own: one that allows much, or little."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from brugerbog.domain.settings import Settings
from brugerbog.service import Service
from tests.application.commands.imports.file_importer import Desk, open_service, register

_CVR_NUMBERS = count(90000001)


@pytest.fixture(scope="session")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all: organisations never see one another."""
    with open_service(tmp_path_factory.mktemp("shared")) as service:
        yield service


@pytest.fixture
def desk(shared_service: Service, tmp_path: Path) -> Desk:
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return Desk(shared_service, actor, tmp_path / "users.csv")


@pytest.fixture
def other_desk(shared_service: Service, tmp_path: Path) -> Desk:
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return Desk(shared_service, actor, tmp_path / "others.csv")


@pytest.fixture
def strict_desk(shared_service: Service, tmp_path: Path) -> Desk:
    """In an organisation that allows nothing it isn't told to."""
    actor = register(shared_service, Settings(), cvr=str(next(_CVR_NUMBERS)))
    return Desk(shared_service, actor, tmp_path / "users.csv")


@pytest.fixture(scope="module")
def dry_desk(shared_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One for all tests of a module, for dry runs."""
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return Desk(shared_service, actor, tmp_path_factory.mktemp("dry") / "users.csv")


@pytest.fixture(scope="module")
def strict_dry_desk(shared_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    actor = register(shared_service, Settings(), cvr=str(next(_CVR_NUMBERS)))
    return Desk(shared_service, actor, tmp_path_factory.mktemp("strict") / "users.csv")
