"""An organisation in a store in memory, and a folder for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_org


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test runs in a folder of its own, without settings in the environment."""
    for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org(clock=FrozenClock(), catches_up=False) as org:
        yield org
