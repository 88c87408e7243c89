"""The rebuild of every projection from the log, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.projections.catalogue import PROJECTIONS

_RUN = """
import json, resource, sys, time
import brugerbog
def mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with brugerbog.open(sys.argv[1]) as service:
    end, marks = service.runner.catch_up(), []
    begun = time.perf_counter()
    service.runner.rebuild(sys.argv[2], progress=lambda position: marks.append((position, mib())))
    taken = time.perf_counter() - begun
half = next(memory for position, memory in marks if position >= end / 2)
print(json.dumps({"rate": end / taken, "half": half, "mib": mib()}))
"""
_ROWS_IN_A_FILE = 187_500


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: events per second of each projection, and memory."""
    sizes = {"quick": [7_500], "usual": [75_000], "full": [75_000, 750_000]}[size]
    return [row for rows in sizes for row in _measure(rows, 2 if size == "quick" else 5)]


def _measure(rows: int, runs: int) -> list[tuple[str, str, str]]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        events = _fill(url, Path(folder) / "users.csv", rows)
        found: dict[str, list[dict[str, float]]] = {}
        for _ in range(runs):
            for name in (projection.name for projection in PROJECTIONS):
                printed = subprocess.run(
                    [sys.executable, "-c", _RUN, url, name], check=True, capture_output=True
                ).stdout
                found.setdefault(name, []).append(json.loads(printed))
    table = []
    for name, taken in found.items():
        rate, memory, half = (median(one[what] for one in taken) for what in ("rate", "mib", "half"))
        table.append(
            (
                f"Rebuild of {name}, {events:,} events, SQLite",
                f"{rate:,.0f} events/s; {half:.0f} MiB halfway, {memory:.0f} MiB at the end",
                "≥ 20 000 events/s, memory flat",
            )
        )
    return table


def _fill(url: str, file: Path, rows: int) -> int:
    """Import `count` users in files of allowed size; return the number of events."""
    with brugerbog.open(url) as service:
        service.administration.register_organisation(
            operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
        )
        for first in range(0, rows, _ROWS_IN_A_FILE):
            write_file(file, min(_ROWS_IN_A_FILE, rows - first), first)
            service.administration.import_users(service.operator(), file)
        return service.runner.catch_up()
