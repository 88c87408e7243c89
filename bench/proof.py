"""Verification, export and check of a log of many events, against the hashing alone."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from brugerbog.infrastructure.transparency_log.export_writer import ExportWriter, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.service import Service

_ROWS_IN_A_FILE = 187_500
_LEAF = 420
"""The approximate size in bytes of an imported event as a leaf."""


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: events per second, and the export of all events."""
    people, runs = {"quick": (7_500, 2), "usual": (75_000, 5), "full": (750_000, 3)}[size]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        with brugerbog.open(f"sqlite:///{folder}/store.db", projections=()) as service:
            events = _fill(service, place / "users.csv", people)
            exporter = ExportWriter(service.checkpoint_signer, service.keys.signing)
            found: dict[str, list[float]] = {"floor": [], "verify": [], "export": [], "check": []}
            for run in range(runs):
                export = place / f"export{run}"
                scope = Scope(ExportKind.WHOLE, None, lambda _: True)
                found["floor"].append(_seconds(lambda: _hash(events)))
                found["verify"].append(_seconds(service.checkpoint_signer.verify))
                found["export"].append(_seconds(lambda: exporter.export(export, scope)))  # noqa: B023 - at once
                found["check"].append(_seconds(lambda: _check(export)))  # noqa: B023 - as above
    floor, verified, exported, checked = (median(found[name]) for name in found)
    return [
        (
            f"`audit verify`, {events:,} events, SQLite",
            f"{events / verified:,.0f} events/s; {verified / floor:.1f} x SHA-256 of as much",
            "≥ 50 000 events/s",
        ),
        (
            "`audit export` of all of them",
            f"{exported:.0f} s, {events / exported:,.0f} events/s",
            "1 000 000 in < 2 min",
        ),
        (
            "`brugerbog-verify` of that export, process start to answer",
            f"{events / checked:,.0f} events/s",
            "≥ 50 000 events/s",
        ),
    ]


def _fill(service: Service, file: Path, people: int) -> int:
    """Import `count` users in files of allowed size; return the number of events."""
    service.administration.register_organisation(
        operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
    )
    for first in range(0, people, _ROWS_IN_A_FILE):
        write_file(file, min(_ROWS_IN_A_FILE, people - first), first)
        service.administration.import_users(service.operator(), file)
    return service.log.recorder.max_notification_id() or 0


def _hash(events: int) -> None:
    leaf, node = bytes(_LEAF), bytes(65)
    for _ in range(events):
        sha256(leaf).digest()
        sha256(node).digest()


def _check(export: Path) -> None:
    subprocess.run([sys.executable, verify.__file__, export], check=True, capture_output=True)


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
