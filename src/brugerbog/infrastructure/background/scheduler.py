"""The scheduler of the worker: starts a run at intervals; an error in a run doesn't stop it.

Due work is read from a table, never from the scheduler's memory, so a missed, doubled or late run does no
harm (docs/adr/0011).
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
    """Runs a worker in a thread: now, every few seconds, and again at once while more mails are due."""

    def __init__(self, worker: Worker, seconds: float = EVERY_SECONDS) -> None:
        self._worker = worker
        self._seconds = seconds
        self._scheduler: Any = None
        self._stopping = Event()

    def start(self) -> None:
        """Start the thread; the first run begins at once."""
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - slow to load

        self._stopping.clear()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._run_all,
            "interval",
            seconds=self._seconds,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Wait for the end of the current run, and start no more."""
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _run_once(self) -> WorkerRun:
        run = self._worker.run_once()
        if run.alarm is not None:
            logger("brugerbog.worker").critical(
                "log_not_vouched_for", code=run.alarm.code, reason=str(run.alarm)
            )
        return run

    def _run_all(self) -> None:
        try:
            while self._run_once().has_more_mails and not self._stopping.is_set():
                pass
        except Exception as error:  # noqa: BLE001 - the next run may succeed; this one stores no heartbeat
            logger("brugerbog.worker").error("turn_failed", failure=type(error).__name__)
