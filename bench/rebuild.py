"""Building every read table anew from the log."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator


def measure(*, quick: bool) -> list[tuple[str, str, str]]:
    """Rows of the table: events a second through one projection, the user list."""
    rows = 10_000 if quick else 100_000
    with TemporaryDirectory() as folder:
        file = Path(folder) / "users.csv"
        write_file(file, rows)
        with brugerbog.open(f"sqlite:///{folder}/store.db") as service:
            service.administration.register_organisation(
                operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
            )
            service.administration.import_users(service.operator(), file)
            events = service.runner.status()[0].position
            taken = []
            for _ in range(3):
                begun = time.perf_counter()
                service.runner.rebuild("user_list")
                taken.append(time.perf_counter() - begun)
    rate = events / sorted(taken)[1]
    return [
        (f"Rebuild of user_list, {events:,} events, SQLite", f"{rate:,.0f} events/s", "≥ 20 000 events/s")
    ]
