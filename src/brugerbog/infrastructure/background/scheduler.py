"""An alarm clock over the worker: it rings at intervals, and nothing that goes wrong stops it.

What is due is known from a read table and never from the clock's memory, so a ring that is missed, doubled or
late does no harm (docs/adr/0011).
"""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from brugerbog.application.background.worker import Worker, WorkerRun

EVERY_SECONDS: Final = 10


class WorkerScheduler:
    """Lets a worker take a turn now and every few seconds, and more while mails are left, in a thread."""

    def __init__(self, worker: Worker, seconds: float = EVERY_SECONDS) -> None:
        self._worker = worker
        self._seconds = seconds
        self._scheduler: Any = None
        self._stopping = Event()

    def start(self) -> None:
        """Begin; the first turn is taken at once."""
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - slow to load

        self._stopping.clear()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._ring,
            "interval",
            seconds=self._seconds,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Let the turn that is being taken come to its end, and take no more."""
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _turn(self) -> WorkerRun:
        turn = self._worker.run_once()
        if turn.alarm is not None:
            logger(__name__).critical("log_not_vouched_for", code=turn.alarm.code, reason=str(turn.alarm))
        return turn

    def _ring(self) -> None:
        try:
            while self._turn().has_more_mails and not self._stopping.is_set():
                pass
        except Exception as error:  # noqa: BLE001 - the next turn may do better; its heartbeat stays away
            logger(__name__).error("turn_failed", failure=type(error).__name__)
