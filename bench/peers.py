"""Peers for comparison, each in an environment created at first use and run as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVENTSOURCING = "9.5.6"
_HERE = Path(__file__).parent
_ENVIRONMENTS = _HERE.parent / "build" / "peers"


@contextmanager
def bare_eventsourcing(environment: dict[str, str]) -> Iterator[Callable[[str, int], float]]:
    """Yield a function that runs "create" or "change" n times with the bare library and returns seconds."""
    python = _environment(
        "eventsourcing", f"eventsourcing[postgres]=={EVENTSOURCING}", "psycopg[binary]>=3.2,<4"
    )
    with subprocess.Popen(
        [python, str(_HERE / "bare_worker.py"), json.dumps(environment)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        told, answers = worker.stdin, worker.stdout

        def do(name: str, count: int) -> float:
            told.write(f"{name} {count}\n")
            told.flush()
            return float(answers.readline())

        yield do
        told.close()


def _environment(name: str, *needed: str) -> str:
    folder = _ENVIRONMENTS / name
    python = str(folder / "bin" / "python")
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needed], check=True)
        (folder / ".ready").touch()
    return python
