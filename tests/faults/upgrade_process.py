"""What a process of its own does to an older store while a test kills it; apart, to start without pytest."""

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
"""The parts of each step: it is killed right before and right after each."""


def be_killed_while_upgrading(url: str, folder: Path, cut: int, *, after: bool) -> None:
    """Upgrade a store, and be killed before or after a part of a step."""
    os.environ["BRUGERBOG_MASTER_KEY_FILE"] = str(folder / "master.key")
    number, part = CUTS[cut]

    def disturbed(step: Any) -> Any:  # noqa: ANN401 - a step
        undisturbed = getattr(step, part)

        def cut_off(*given: Any) -> None:  # noqa: ANN401 - the part's
            if after:
                undisturbed(*given)
            os.kill(os.getpid(), signal.SIGKILL)

        return replace(step, **{part: cut_off}) if step.number == number else step

    migrator.MIGRATIONS = tuple(map(disturbed, migrator.MIGRATIONS))  # type: ignore[misc]
    maintenance.upgrade(url)
