"""Any file is imported or refused in little memory, without blocking other threads."""

import json
import subprocess
import sys
from typing import Any

import pytest

from brugerbog.application.commands.imports.sources import MOST_MEGABYTES
from tests.application.commands.imports.import_hostile import FILES

MIB = 1 << 20
MOST_MEMORY = 300
"""MiB of a whole process that holds one file of the largest size."""

LONGEST_PAUSE = 0.1
"""Seconds of the processor's time, so that a busy machine makes no difference."""


@pytest.fixture(scope="module")
def measured(*, full: bool) -> dict[str, dict[str, Any]]:
    size = (MOST_MEGABYTES if full else 4) * MIB
    command = [sys.executable, "-m", "tests.application.commands.imports.import_hostile", str(size)]
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    return {one["file"]: one for one in map(json.loads, printed.splitlines())}


@pytest.mark.parametrize("file", FILES)
def test_a_hostile_file_takes_little_memory(
    measured: dict[str, dict[str, Any]], file: str, *, full: bool
) -> None:
    assert measured[file]["peak"] < MOST_MEMORY
    assert measured[file]["growth"] < (150 if full else 40)


@pytest.mark.parametrize("file", FILES)
def test_a_hostile_file_holds_up_no_other_thread(measured: dict[str, dict[str, Any]], file: str) -> None:
    assert measured[file]["pause"] < LONGEST_PAUSE
