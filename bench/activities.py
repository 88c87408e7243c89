"""Recording of activities by the thousand, the longest history, and the cost of loading its user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.application.commands.activity_report import ActivityReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from brugerbog.service import Service

_BATCH = 1000
_PEOPLE = 1000
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_REFERENCES = count()


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: activities per second, and latencies for a user with very many."""
    batches = {"quick": 10, "usual": 100, "full": 1_000}[size]
    with TemporaryDirectory() as folder:
        with brugerbog.open(f"sqlite:///{folder}/bare.db", projections=()) as service:
            bare = _rate(service, _people(service, Path(folder)), min(batches, 100))
        with brugerbog.open(f"sqlite:///{folder}/store.db") as service:
            people = _people(service, Path(folder))
            whole = _rate(service, people, min(batches, 100))
            busy, idle = people[0], people[3]  # both with means
            many = _rate(service, [busy], batches)
            history = _milliseconds(lambda: service.queries.history(service.operator(), busy), 200)
            beside = _times_as_long(lambda: service.log.user(busy), lambda: service.log.user(idle))
    taken, of_one = f"{min(batches, 100) * _BATCH:,} activities", f"{batches * _BATCH:,} activities"
    return [
        (f"{taken} of {_PEOPLE:,} users, batches of {_BATCH:,}, SQLite", f"{bare:,.0f}/s", "≥ 10 000/s"),
        ("… and read tables updated", f"{whole:,.0f}/s", "-"),
        (f"… {of_one} of one user", f"{many:,.0f}/s", "-"),
        (f"History of 200 for a user with {of_one}, SQLite, p95", f"{history:.1f} ms", "≤ 20 ms"),
        (
            f"Loading a user with {of_one}, compared with a user with {_BATCH // 10}",
            f"{beside:.2f} x",
            "≤ 1.0 x",
        ),
    ]


def _people(service: Service, folder: Path) -> list[UUID]:
    service.administration.register_organisation(
        operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
    )
    file = folder / "users.csv"
    write_file(file, _PEOPLE, 0)
    receipt = service.administration.import_users(service.operator(), file)
    return [one.id for one in receipt.outcomes if one.id]


def _rate(service: Service, people: Sequence[UUID], batches: int) -> float:
    """Return activities per second, without the time to make the reports."""
    chance, actor, taken = Random(1), service.operator(), 0.0
    for _ in range(batches):
        reports = [_report(chance, people) for _ in range(_BATCH)]
        begun = perf_counter()
        receipt = service.administration.record_activities(actor, "nemlogin", reports)
        taken += perf_counter() - begun
        assert receipt.count("recorded") == _BATCH
    return batches * _BATCH / taken


def _report(chance: Random, people: Sequence[UUID]) -> ActivityReport:
    return ActivityReport(
        user_id=chance.choice(people),
        occurred_at=_LONG_AGO + timedelta(seconds=chance.randrange(10**8)),
        transaction=chance.choice(["Log ind", "Underskrift", "Fuldmagt givet"]),
        service_provider=chance.choice(["Prøveborger", "Målt Kommune", "Ærø Bank"]),
        service_type=chance.choice(["public", "private"]),
        reference=f"{next(_REFERENCES):016}",
    )


def _milliseconds(question: Callable[[], object], times: int) -> float:
    """Return the 95th percentile."""
    taken = [_seconds(question) for _ in range(times)]
    return 1000 * quantiles(taken, n=20)[-1]


def _times_as_long(one: Callable[[], object], other: Callable[[], object]) -> float:
    """Return the median ratio of alternating measurements."""
    return median(_seconds(one) / _seconds(other) for _ in range(500))


def _seconds(deed: Callable[[], object]) -> float:
    begun = perf_counter()
    deed()
    return perf_counter() - begun
