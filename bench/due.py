"""Due work: expired links recorded per second, with all projections caught up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from tests.clock import FrozenClock

_LATER = timedelta(31)


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: due events recorded per second, and the time of a run without due work."""
    links = {"quick": 500, "usual": 5_000, "full": 50_000}[size]
    clock = FrozenClock()
    with (
        TemporaryDirectory() as folder,
        brugerbog.open(f"sqlite:///{folder}/store.db", clock=clock) as service,
    ):
        service.administration.register_organisation(
            operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
        )
        file = Path(folder) / "users.csv"
        write_file(file, links)
        service.administration.import_users(service.operator(), file)
        waiting = service.queries.sending(service.operator()).sending.sent
        service.administration.send_many_to_activation(service.operator(), waiting)
        clock.advance(_LATER)
        begun = perf_counter()
        recorded = service.run_due()
        taken = perf_counter() - begun
        assert recorded == links
        begun = perf_counter()
        for _ in range(100):
            assert service.run_due() == 0
        idle = (perf_counter() - begun) / 100
    return [
        (f"{links:,} links that expire at once, recorded, SQLite", f"{links / taken:,.0f}/s", "≥ 2 000/s"),
        ("… and a look when nothing is due", f"{1000 * idle:.2f} ms", "-"),
    ]
