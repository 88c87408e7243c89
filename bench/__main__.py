"""`python -m bench [NAME] [--quick]`: measure, print one table, and write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pysqlite3.dbapi2 as driver

NAMES = ("import_file", "rebuild", "one_command")


def main() -> None:
    quick = "--quick" in sys.argv
    chosen = [name for name in NAMES if name in sys.argv] or NAMES
    rows = [row for name in chosen for row in import_module(f"bench.{name}").measure(quick=quick)]
    versions = ", ".join(f"{name} {version(name)}" for name in ("eventsourcing", "sqlalchemy", "pydantic"))
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    text = [
        "# Benchmarks",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · {machine}, SQLite {driver.sqlite_version}, {versions}.",
        "Made by `make bench`; every ratio is the median of pairs in one run, with the same durability.",
        "",
        "| Work | Measured | To reach |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
    sys.stdout.write("\n".join(text))
    if not quick and tuple(chosen) == NAMES:
        Path("docs/benchmarks.md").write_text("\n".join(text), "utf-8")


if __name__ == "__main__":
    main()
