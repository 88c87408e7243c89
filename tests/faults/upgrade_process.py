"""A process that a test kills while it upgrades an older store; without pytest, to start quickly."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from brugerbog import maintenance
from brugerbog.infrastructure.migrations import migrator

CUTS = [
    (1, "on_log"),
    (2, "on_log"),
    (3, "on_keys"),
    (3, "on_log"),
    (6, "on_keys"),
    (6, "on_log"),
    (6, "with_keys"),
]
"""The parts of migrations; the process is killed right before and right after each."""


def be_killed_while_upgrading(url: str, folder: Path, cut: int, *, after: bool) -> None:
    """Upgrade a store; the process is killed before or after a part of a migration."""
    os.environ["BRUGERBOG_MASTER_KEY_FILE"] = str(folder / "master.key")
    number, part = CUTS[cut]

    def with_kill(migration: Any) -> Any:  # noqa: ANN401 - a migration
        original = getattr(migration, part)

        def run_and_die(*args: Any) -> None:  # noqa: ANN401 - the part's
            if after:
                original(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        return replace(migration, **{part: run_and_die}) if migration.number == number else migration

    migrator.MIGRATIONS = tuple(map(with_kill, migrator.MIGRATIONS))  # type: ignore[misc]
    maintenance.upgrade(url)
