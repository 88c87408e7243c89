"""The import of a file of users, from process start to receipt, with all projections caught up."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.people import write_file

_RUN = """
import json, resource, sys, time
from pathlib import Path
import brugerbog
from brugerbog.application.actors import operator
marks = []
with brugerbog.open(sys.argv[1]) as service:
    a = service.administration
    a.register_organisation(operator(), cvr="90000001", name="Maalt", settings={"allow_private_means": True})
    begun = time.perf_counter()
    receipt = a.import_users(service.operator(), Path(sys.argv[2]),
                             progress=lambda done, of: marks.append((done, time.perf_counter() - begun)))
    whole = time.perf_counter() - begun
half = min((t for done, t in marks if done >= receipt.rows / 2))
print(json.dumps({"created": receipt.created, "half": half, "rows_done": marks[-1][1], "whole": whole,
                  "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: users per second, second half against first half, memory."""
    rows, runs = (10_000, 2) if size == "quick" else (100_000, 5)
    found = []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "users.csv"
        write_file(file, rows)
        for run in range(runs):
            begun = time.perf_counter()
            printed = subprocess.run(
                [sys.executable, "-c", _RUN, f"sqlite:///{folder}/store{run}.db", str(file)],
                check=True,
                capture_output=True,
            ).stdout
            found.append(json.loads(printed) | {"process": time.perf_counter() - begun})
    found.sort(key=lambda one: one["process"])
    one = found[len(found) // 2]
    assert one["created"] == rows
    halves = (one["rows_done"] - one["half"]) / one["half"]
    title = f"CSV import, {rows:,} rows, SQLite, process start → receipt, read tables updated"
    return [
        (title, f"{rows / one['process']:,.0f} users/s", "≥ 5 000 users/s"),
        ("… second half compared with the first", f"{halves:.2f} x", "≤ 1.15 x"),
        ("… peak memory", f"{one['mib']:.0f} MiB", "≤ 300 MiB"),
    ]
