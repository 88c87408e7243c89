"""File importers into an organisation of the test's own, with permissive or with default settings."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from brugerbog.domain.settings import Settings
from brugerbog.service import Service
from tests.application.commands.imports.file_importer import FileImporter, open_service, register

_CVR_NUMBERS = count(90000001)


@pytest.fixture(scope="session")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One store for all tests: each test has its own organisation."""
    with open_service(tmp_path_factory.mktemp("shared")) as service:
        yield service


@pytest.fixture
def file_importer(shared_service: Service, tmp_path: Path) -> FileImporter:
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return FileImporter(shared_service, actor, tmp_path / "users.csv")


@pytest.fixture
def other_file_importer(shared_service: Service, tmp_path: Path) -> FileImporter:
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return FileImporter(shared_service, actor, tmp_path / "others.csv")


@pytest.fixture
def strict_file_importer(shared_service: Service, tmp_path: Path) -> FileImporter:
    """A file importer into an organisation with default settings."""
    actor = register(shared_service, Settings(), cvr=str(next(_CVR_NUMBERS)))
    return FileImporter(shared_service, actor, tmp_path / "users.csv")


@pytest.fixture(scope="module")
def dry_file_importer(shared_service: Service, tmp_path_factory: pytest.TempPathFactory) -> FileImporter:
    """One file importer for all tests of a module, for dry runs."""
    actor = register(shared_service, cvr=str(next(_CVR_NUMBERS)))
    return FileImporter(shared_service, actor, tmp_path_factory.mktemp("dry") / "users.csv")


@pytest.fixture(scope="module")
def strict_dry_file_importer(
    shared_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> FileImporter:
    actor = register(shared_service, Settings(), cvr=str(next(_CVR_NUMBERS)))
    return FileImporter(shared_service, actor, tmp_path_factory.mktemp("strict") / "users.csv")
