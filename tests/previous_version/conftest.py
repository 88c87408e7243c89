"""Fixtures: a copy of the previous version's store on each engine, and the recorded answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.previous_version.installation import Installation, copied

FILES = Path(__file__).with_name("files")


@pytest.fixture(scope="session")
def recorded() -> dict[str, Any]:
    """The history of the store: its commands, links, codes and questions with their answers."""
    history: dict[str, Any] = json.loads((FILES / "history.json").read_text("utf-8"))
    return history


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def at(
    request: pytest.FixtureRequest, recorded: dict[str, Any], tmp_path: Path, production_code_hashes: None
) -> Iterator[Installation]:
    """The installation of the previous version, opened by this version."""
    del production_code_hashes
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    with copied(FILES, recorded["files"], tmp_path / "installation", database=url) as installation:
        yield installation
