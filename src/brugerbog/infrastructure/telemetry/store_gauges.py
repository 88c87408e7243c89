"""Gauges of the store, read when Prometheus scrapes, and never for long."""

from __future__ import annotations

import time
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from brugerbog.domain.kernel.instants import is_reached
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.positions import FAILED, OK, REBUILDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from brugerbog.infrastructure.telemetry.store_statistics import StoreStatistics

CACHE_SECONDS: Final = 5.0
"""How long values that were read are returned again, to any number of scrapes."""

SCRAPE_TIMEOUT_SECONDS: Final = 2.0
"""How long a scrape waits for the store."""


class StoreGauges(Collector):
    """Gauges that all processes share. While the store doesn't answer, the only gauge is that it is down."""

    def __init__(self, read: Callable[[], StoreStatistics]) -> None:
        self._read = read
        self._lock = Lock()
        self._reading: Thread | None = None
        self._found: StoreStatistics | None = None
        self._found_at = float("-inf")

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registration reads no store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        store_statistics = self._read_cached()
        yield _gauge("store_up", "1 if the store answers, else 0.", float(store_statistics is not None))
        if store_statistics is not None:
            yield from _gauges(store_statistics)

    def _read_cached(self) -> StoreStatistics | None:
        """The cached values, or new ones; a read that hangs is never joined by a second one."""
        with self._lock:
            if time.monotonic() - self._found_at <= CACHE_SECONDS:
                return self._found
            if self._reading is None or not self._reading.is_alive():
                self._reading = Thread(target=self._read_into_cache, name="brugerbog-vitals", daemon=True)
                self._reading.start()
            self._reading.join(SCRAPE_TIMEOUT_SECONDS)
            return None if self._reading.is_alive() else self._found

    def _read_into_cache(self) -> None:
        try:
            self._found = self._read()
        except Exception as error:  # noqa: BLE001 - whatever keeps the store from answering, it is away
            logger("brugerbog.metrics").warning("store_away", failure=type(error).__name__)
            self._found = None
        self._found_at = time.monotonic()


def _gauges(store_statistics: StoreStatistics) -> Iterator[GaugeMetricFamily]:
    now = store_statistics.at
    yield _gauge("log_events", "Events in the log.", store_statistics.events)
    yield _age("checkpoint_age", "How old the last checkpoint is.", store_statistics.last_checkpoint, now)
    yield _age("worker_heartbeat_age", "How long ago a worker took a turn.", store_statistics.last_turn, now)
    yield _gauge("due_overdue", "Things that have fallen due and aren't recorded.", store_statistics.overdue)
    yield _age("due_overdue_age", "How long the oldest has been due.", store_statistics.overdue_since, now)
    yield _gauge("mails_waiting", "Mails that wait to be sent.", store_statistics.mails_waiting)
    yield _age(
        "mails_waiting_age", "How long the oldest has waited.", store_statistics.mails_waiting_since, now
    )
    lag = GaugeMetricFamily(
        "brugerbog_projection_lag_events", "Events not yet in a read table.", labels=["projection"]
    )
    state = GaugeMetricFamily(
        "brugerbog_projection_state",
        "1 for the state a read table is in.",
        labels=["projection", "state"],
    )
    for one in store_statistics.projections:
        lag.add_metric([one.name], one.lag)
        for known in (OK, REBUILDING, FAILED):
            state.add_metric([one.name, known], float(one.state == known))
    yield lag
    yield state


def _gauge(name: str, description: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"brugerbog_{name}", description, value=value)


def _age(name: str, description: str, since: datetime | None, now: datetime) -> GaugeMetricFamily:
    """An age in seconds; without a value where there is no such instant, or it lies in the future."""
    gauge = GaugeMetricFamily(f"brugerbog_{name}_seconds", description)
    if since is not None and is_reached(since, now):
        gauge.add_metric([], max(0.0, (now - since).total_seconds()))
    return gauge
