"""`python -m bench [NAME] [--quick|--full]`: measure, print one table, and write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pysqlite3.dbapi2 as driver

NOTES = """
Two figures hang on flushes and not on work. On SQLite a new user's key is committed in its own file
before the events, so that an erased person can't come back with a copy of the log: creating flushes
twice where the bare library flushes once. And with the read tables, each command writes a second file,
or on PostgreSQL commits twice. Of a change the bare library has the smaller part to do: it opens and
seals nothing, remembers no command, keeps no claim and no tree head; the profile has no single part
above a tenth, SQLite's own statements apart (a quarter). Of an import a third is SQLite's inserts, into
8 tables with 15 indexes; the rest is spread over reading cells, deciding, sealing, the digests by which
people are found, and the list's Danish sort and search keys.
"""
NAMES = (
    "import_file",
    "rebuild",
    "one_command",
    "proof_cost",
    "proof",
    "activities",
    "due",
    "as_of",
    "pages",
    "load",
)


def main() -> None:
    size = next((size for size in ("quick", "full") if f"--{size}" in sys.argv), "usual")
    chosen = [name for name in NAMES if name in sys.argv] or NAMES
    rows = [row for name in chosen for row in import_module(f"bench.{name}").measure(size)]
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
        NOTES,
    ]
    sys.stdout.write("\n".join(text))
    if size != "quick" and tuple(chosen) == NAMES:
        Path("docs/benchmarks.md").write_text("\n".join(text), "utf-8")


if __name__ == "__main__":
    main()
