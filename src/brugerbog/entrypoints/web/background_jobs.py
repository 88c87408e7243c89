"""Does what takes longer than a page may: in threads of this process, so that pages show how far it is."""

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

    Follow = Callable[[int, int], None]
    UnitOfWork = Callable[[Follow], "Outcome"]

AT_ONCE: Final = 3
"""So many things are done at once in a process: each is in memory whole."""

SHARE: Final = 2
"""And so many of them for one organisation."""

PATIENCE: Final = 1.5
"""Seconds that a page waits for what has just begun, so that small things need no page about progress."""

MOVES_EVERY: Final = 0.5
BEATS_EVERY: Final = 2.0
BREATH: Final = 0.02
"""Seconds that an import rests between two chunks, so that whoever waits for the store gets his turn."""


class CutOff(Exception):
    """The process is told to stop, or nobody waits any more for what would change nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What came of it: what the page is to tell, and what can be taken home."""

    state: State
    told: Mapping[str, Any]
    receipt: bytes | None = None


class BackgroundJobs:
    """Works on what was handed in, at most so much at once; what is cut off can be gone on with anywhere."""

    def __init__(self, uploads: StoredUploads) -> None:
        self._uploads = uploads
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="brugerbog-work")
        self._going: set[UUID] = set()
        self._working: Counter[UUID] = Counter()
        self._queued: dict[UUID, deque[Callable[[], None]]] = {}
        self._turn = Lock()
        self._closing = Event()
        self._pulse: Thread | None = None

    def start(self, session: Session, upload_id: UUID, deed: UnitOfWork, *, matters: bool) -> None:
        """Begin a deed, and wait a moment: it may be done by then.

        One that `matters` goes on when whoever asked for it has logged out. Its log lines carry the id of the
        request that it began with.
        """
        with self._turn:
            self._going.add(upload_id)
            if self._pulse is None:
                self._pulse = Thread(target=self._beat, name="brugerbog-pulse", daemon=True)
                self._pulse.start()
        done = Event()
        work = partial(copy_context().run, self._work, session, upload_id, deed, matters=matters)
        self._take_turn(session.organisation_id, partial(self._do_and_tell, work, done))
        done.wait(PATIENCE)

    def is_at(self, upload_id: UUID) -> bool:
        """Whether it is being worked on, or waits for it, here."""
        return upload_id in self._going

    def close(self) -> None:
        """Cut off what is under way, at the next moment at which that loses nothing."""
        self._closing.set()
        self._threads.shutdown(cancel_futures=True)
        with suppress(StoreFailure):
            for upload_id in list(self._going):
                self._uploads.release(upload_id)
        if self._pulse is not None:
            self._pulse.join()

    def _take_turn(self, organisation_id: UUID, work: Callable[[], None]) -> None:
        """Begin work, or keep it until less of its organisation's is under way."""
        with self._turn:
            if self._working[organisation_id] >= SHARE:
                self._queued.setdefault(organisation_id, deque()).append(work)
                return
            self._working[organisation_id] += 1
        self._threads.submit(self._work_off, organisation_id, work)

    def _work_off(self, organisation_id: UUID, work: Callable[[], None]) -> None:
        """Do work, and then begin what waits for it; others' come in between."""
        try:
            work()
        finally:
            with self._turn:
                self._working[organisation_id] -= 1
                queue = self._queued.get(organisation_id)
                following = queue.popleft() if queue else None
                if not queue:
                    self._queued.pop(organisation_id, None)
            if following is not None and not self._closing.is_set():
                self._take_turn(organisation_id, following)

    @staticmethod
    def _do_and_tell(work: Callable[[], None], done: Event) -> None:
        try:
            work()
        finally:
            done.set()

    def _work(self, session: Session, upload_id: UUID, deed: UnitOfWork, *, matters: bool) -> None:
        try:
            with as_workload(Workload.LONG):
                self._do(session, upload_id, deed, matters=matters)
        except CutOff:
            self._uploads.release(upload_id)
        except Exception as error:  # noqa: BLE001 - whatever happens, the page says that it was cut off
            logger("brugerbog.web").error("work_failed", upload=str(upload_id), failure=type(error).__name__)
            with suppress(StoreFailure):
                self._uploads.release(upload_id)
        finally:
            self._going.discard(upload_id)

    def _do(self, session: Session, upload_id: UUID, deed: UnitOfWork, *, matters: bool) -> None:
        try:
            outcome = deed(self._follow(upload_id, matters=matters))
        except Refusal as refusal:
            outcome = Outcome(State.REFUSED, {"refused": refusal.message})
        self._uploads.finish(session, upload_id, outcome.state, outcome.told, outcome.receipt)

    def _follow(self, upload_id: UUID, *, matters: bool) -> Follow:
        """Writes down how far it is, now and then."""
        moved = 0.0

        def follow(done: int, of: int) -> None:
            nonlocal moved
            if self._closing.is_set():
                raise CutOff
            now = time.monotonic()
            if now - moved >= MOVES_EVERY:
                moved = now
                if not self._uploads.record_progress(upload_id, done, of) and not matters:
                    raise CutOff
            time.sleep(BREATH)

        return follow

    def _beat(self) -> None:
        """Say again and again that what is under way here is not dead."""
        while not self._closing.wait(BEATS_EVERY):
            if going := list(self._going):
                with suppress(StoreFailure):
                    self._uploads.heartbeat(going)
