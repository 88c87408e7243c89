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
## Notes

Two results depend on flushes to disk, not on computation. On SQLite, a new user's key is committed in its
own file before the events, so that a copy of the log can't restore an erased user. A create therefore
flushes twice, and the bare library flushes once. With the read tables, each command writes a second file,
or commits twice on PostgreSQL.

The bare library has less to do for a change: it decrypts and encrypts nothing, and stores no command, no
reservation and no tree head. In the profile, no single part is above a tenth, except SQLite's own statements
(a quarter).

A third of an import is SQLite's inserts, into 8 tables with 15 indexes. The rest is reading cells, deciding,
encryption, the digests by which users are found, and the user list's Danish sort and search keys.
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
        "Measured by `make bench`. Each ratio is the median of pairs in one run, with the same durability.",
        "",
        "| Operation | Measured | Target |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        NOTES,
    ]
    sys.stdout.write("\n".join(text))
    if size != "quick" and tuple(chosen) == NAMES:
        Path("docs/benchmarks.md").write_text("\n".join(text), "utf-8")


if __name__ == "__main__":
    main()
