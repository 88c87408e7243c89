"""Background jobs in threads of this process, for work longer than a request; pages show their progress."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.database.deadlines import Workload, as_workload
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.web.uploads import State
from brugerbog.service import StoreFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from brugerbog.infrastructure.web.sessions import Session
    from brugerbog.infrastructure.web.uploads import StoredUploads

    ReportProgress = Callable[[int, int], None]
    Job = Callable[[ReportProgress], "JobOutcome"]

MAX_JOBS: Final = 3
"""The most jobs that run at once in a process: each holds its whole file in memory."""

MAX_JOBS_PER_ORGANISATION: Final = 2
"""The most of them for one organisation."""

START_WAIT_SECONDS: Final = 1.5
"""Seconds that a request waits for the job it started, so that short jobs need no progress page."""

PROGRESS_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 0.02
"""Seconds that a job pauses between two chunks, so that waiting requests get the store."""


class JobCancelled(Exception):
    """The process stops, or the session of a job that changes nothing has ended."""


@dataclass(frozen=True, slots=True, repr=False)
class JobOutcome:
    """The result of a job: values for its page, and a receipt to download."""

    state: State
    result: Mapping[str, Any]
    receipt: bytes | None = None


class BackgroundJobs:
    """Runs jobs on uploads, a limited number at once. Any process can resume a cancelled job."""

    def __init__(self, uploads: StoredUploads) -> None:
        self._uploads = uploads
        self._threads = ThreadPoolExecutor(MAX_JOBS, thread_name_prefix="brugerbog-work")
        self._job_ids: set[UUID] = set()
        self._running: Counter[UUID] = Counter()
        self._queued: dict[UUID, deque[Callable[[], None]]] = {}
        self._lock = Lock()
        self._closing = Event()
        self._heartbeat: Thread | None = None

    def start(self, session: Session, upload_id: UUID, job: Job, *, outlives_session: bool) -> None:
        """Start a job, and wait up to `START_WAIT_SECONDS` for its end.

        With `outlives_session` the job goes on after a logout. Its log lines carry the id of the request that
        started it.
        """
        with self._lock:
            self._job_ids.add(upload_id)
            if self._heartbeat is None:
                self._heartbeat = Thread(target=self._send_heartbeats, name="brugerbog-pulse", daemon=True)
                self._heartbeat.start()
        done = Event()
        work = partial(
            copy_context().run, self._run_job, session, upload_id, job, outlives_session=outlives_session
        )
        self._submit_or_queue(session.organisation_id, partial(self._run_and_signal, work, done))
        done.wait(START_WAIT_SECONDS)

    def is_running_here(self, upload_id: UUID) -> bool:
        """Whether the job of an upload runs or waits in this process."""
        return upload_id in self._job_ids

    def close(self) -> None:
        """Cancel running jobs at the next chunk, where nothing is lost."""
        self._closing.set()
        self._threads.shutdown(cancel_futures=True)
        with suppress(StoreFailure):
            for upload_id in list(self._job_ids):
                self._uploads.release(upload_id)
        if self._heartbeat is not None:
            self._heartbeat.join()

    def _submit_or_queue(self, organisation_id: UUID, work: Callable[[], None]) -> None:
        """Start work, or queue it while its organisation has the most jobs running."""
        with self._lock:
            if self._running[organisation_id] >= MAX_JOBS_PER_ORGANISATION:
                self._queued.setdefault(organisation_id, deque()).append(work)
                return
            self._running[organisation_id] += 1
        self._threads.submit(self._run_then_next, organisation_id, work)

    def _run_then_next(self, organisation_id: UUID, work: Callable[[], None]) -> None:
        """Run work, then start the organisation's next; jobs of other organisations come in between."""
        try:
            work()
        finally:
            with self._lock:
                self._running[organisation_id] -= 1
                queue = self._queued.get(organisation_id)
                following = queue.popleft() if queue else None
                if not queue:
                    self._queued.pop(organisation_id, None)
            if following is not None and not self._closing.is_set():
                self._submit_or_queue(organisation_id, following)

    @staticmethod
    def _run_and_signal(work: Callable[[], None], done: Event) -> None:
        try:
            work()
        finally:
            done.set()

    def _run_job(self, session: Session, upload_id: UUID, job: Job, *, outlives_session: bool) -> None:
        try:
            with as_workload(Workload.LONG):
                self._store_outcome(session, upload_id, job, outlives_session=outlives_session)
        except JobCancelled:
            self._uploads.release(upload_id)
        except Exception as error:  # noqa: BLE001 - after any error the page shows that the job has stopped
            logger("brugerbog.web").error("work_failed", upload=str(upload_id), failure=type(error).__name__)
            with suppress(StoreFailure):
                self._uploads.release(upload_id)
        finally:
            self._job_ids.discard(upload_id)

    def _store_outcome(self, session: Session, upload_id: UUID, job: Job, *, outlives_session: bool) -> None:
        try:
            outcome = job(self._progress_reporter(upload_id, outlives_session=outlives_session))
        except Refusal as refusal:
            outcome = JobOutcome(State.REFUSED, {"refused": refusal.message})
        self._uploads.finish(session, upload_id, outcome.state, outcome.result, outcome.receipt)

    def _progress_reporter(self, upload_id: UUID, *, outlives_session: bool) -> ReportProgress:
        """Return the function that stores a job's progress, at most every `PROGRESS_SECONDS`."""
        stored_at = 0.0

        def progress(done: int, of: int) -> None:
            nonlocal stored_at
            if self._closing.is_set():
                raise JobCancelled
            now = time.monotonic()
            if now - stored_at >= PROGRESS_SECONDS:
                stored_at = now
                if not self._uploads.record_progress(upload_id, done, of) and not outlives_session:
                    raise JobCancelled
            time.sleep(PAUSE_SECONDS)

        return progress

    def _send_heartbeats(self) -> None:
        """Store a heartbeat of the running jobs every `HEARTBEAT_SECONDS`."""
        while not self._closing.wait(HEARTBEAT_SECONDS):
            if job_ids := list(self._job_ids):
                with suppress(StoreFailure):
                    self._uploads.heartbeat(job_ids)
