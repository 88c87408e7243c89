"""The user list at a time in the past, after many later changes."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.queries.user_list import Sort, UserQuery
from brugerbog.domain.values.status import Status
from tests.clock import FrozenClock

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from brugerbog.service import Service

_CHANGED = 10
"""One in this many users is renamed afterwards; one in a multiple of it is deleted."""

_ASKED = {
    "first page by name": UserQuery(),
    "first page by status": UserQuery(sort=Sort.STATUS),
    "those of a status that nobody has": UserQuery(status=Status.DEACTIVATED),
    "search": UserQuery(search="øjvind bæk"),
}


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: the latency of lists of the past, by query."""
    users = {"quick": 10_000, "usual": 100_000, "full": 187_500}[size]
    clock = FrozenClock()
    with (
        TemporaryDirectory() as folder,
        brugerbog.open(f"sqlite:///{folder}/store.db", clock=clock) as service,
    ):
        service.administration.register_organisation(
            operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
        )
        file = Path(folder) / "users.csv"
        write_file(file, users)
        receipt = service.administration.import_users(service.operator(), file)
        then = clock.now()
        clock.advance(timedelta(1))
        _change(service, file, [one.id for one in receipt.outcomes if one.id])
        return [
            (
                f"{users:,} users as of the day before, {name}, SQLite",
                _taken(service, question, then),
                "≤ 1 s",
            )
            for name, question in _ASKED.items()
        ]


def _taken(service: Service, question: UserQuery, then: datetime) -> str:
    seconds = []
    for _ in range(20):
        begun = perf_counter()
        service.queries.users(service.operator(), replace(question, at=then))
        seconds.append(perf_counter() - begun)
    return f"p95 {1000 * quantiles(seconds, n=20)[-1]:,.0f} ms"


def _change(service: Service, file: Path, everybody: list[UUID]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="", delimiter=";")
        writer.writeheader()
        for at, user_id in enumerate(everybody[::_CHANGED]):
            deed = {"Aktion": "D"} if at % _CHANGED == 0 else {"Aktion": "U", "Efternavn": "Nygift"}
            writer.writerow({"UUID": str(user_id)} | deed)
    service.administration.import_users(service.operator(), file)
