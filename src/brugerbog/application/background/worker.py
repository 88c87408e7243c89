"""The background worker: catches up read tables, records due work, deletes old data, and sends mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from brugerbog.application.mail.dispatcher import DispatchResult
from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.background.due_work import DueWorkRunner
    from brugerbog.application.background.retention import Retention
    from brugerbog.application.mail.dispatcher import OutboxDispatcher
    from brugerbog.application.ports.clock import Clock, Ids
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.ports.read_store import Projector
    from brugerbog.application.ports.transparency_log import CheckpointSigner


MAILS_PER_RUN: Final = 100
"""The most mails sent in one run, so that due work and a stop of the worker don't wait long."""


CHECKPOINT_EVERY: Final = timedelta(hours=1)
"""How often a checkpoint is signed while events are recorded."""


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """The result of one run: the position that read tables reached, due items recorded, mails by outcome.

    `mail` is None where neither a mail server nor a folder is set: then mails wait. `alarm` is the refusal
    with which a checkpoint wasn't signed, as the log was found damaged; all other work is done nonetheless.
    """

    at: datetime
    position: int
    due: int
    mail: DispatchResult | None
    alarm: Refusal | None = None

    @property
    def has_more_mails(self) -> bool:
        """Whether more mails may be due that could be sent now."""
        return self.mail is not None and self.mail.handled >= MAILS_PER_RUN and not self.mail.unreached


class Heartbeat(Protocol):
    """Stores the times of workers' runs, by which others see that a worker runs."""

    def beat(self, run: WorkerRun) -> None:
        """Store the time of a finished run."""
        ...

    def last(self, now: datetime) -> datetime | None:
        """Return the time of the latest run of any worker, on any machine; None when there was none.

        Times in the future are ignored: a worker with a wrong clock may have stopped long ago.
        """
        ...

    def ahead(self, now: datetime) -> datetime | None:
        """Return the latest time in the future, as stored by a worker with a wrong clock, or None."""
        ...


class Worker:
    """Runs all background work. Any number of workers, on any number of machines, produce the same log."""

    def __init__(
        self,
        projector: Projector,
        due_work: DueWorkRunner,
        *,
        retention: Retention,
        checkpoint_signer: CheckpointSigner,
        dispatcher: Callable[[], OutboxDispatcher | None],
        heartbeat: Heartbeat,
        clock: Clock,
        ids: Ids,
        observer: Observer,
    ) -> None:
        self._projector = projector
        self._due_work = due_work
        self._retention = retention
        self._checkpoint_signer = checkpoint_signer
        self._dispatcher = dispatcher
        self._heartbeat = heartbeat
        self._clock = clock
        self._ids = ids
        self._observer = observer
        self._lock = Lock()

    def run_once(self) -> WorkerRun:
        """Catch up read tables, record due work, delete old data, send due mails, and sign a checkpoint.

        Concurrent calls run one after another. Raises: what the store raises.
        """
        with (
            self._lock,
            self._observer.observe(Operation(OperationKind.TURN, "turn", id=self._ids.random_id())),
        ):
            return self._run()

    def _run(self) -> WorkerRun:
        self._projector.catch_up()
        due = self._due_work.run_due()
        self._retention.run()
        mail, alarm = self._send_mails(), self._sign_checkpoint()
        run = WorkerRun(self._clock.now(), self._projector.catch_up(), due, mail, alarm)
        self._heartbeat.beat(run)
        return run

    def _sign_checkpoint(self) -> Refusal | None:
        try:
            self._checkpoint_signer.sign_if_due(CHECKPOINT_EVERY)
        except Refusal as alarm:
            return alarm
        return None

    def _send_mails(self) -> DispatchResult | None:
        dispatcher = self._dispatcher()
        return None if dispatcher is None else dispatcher.run(MAILS_PER_RUN)
