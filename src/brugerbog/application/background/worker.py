"""One turn of the work that nobody asks for: read tables, what has fallen due, what is old, and mails."""

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
"""So many mails are sent in one turn, so that neither what is due nor whoever stops the worker waits long."""


CHECKPOINT_EVERY: Final = timedelta(hours=1)
"""So often, while anything happens, a checkpoint is signed."""


@dataclass(frozen=True, slots=True)
class WorkerRun:
    """What one turn came to: the log's position reached, things recorded as due, mails by outcome.

    `mail` is None where no mail server and no outbox is set: then mails wait. `alarm` says why nobody may
    vouch for the log, where it was found damaged; the rest is done all the same.
    """

    at: datetime
    position: int
    due: int
    mail: DispatchResult | None
    alarm: Refusal | None = None

    @property
    def has_more_mails(self) -> bool:
        """Whether more mails may wait that could be sent at once."""
        return self.mail is not None and self.mail.handled >= MAILS_PER_RUN and not self.mail.unreached


class Heartbeat(Protocol):
    """Shows others that somebody is at work."""

    def beat(self, turn: WorkerRun) -> None:
        """A turn has been done."""
        ...

    def last(self, now: datetime) -> datetime | None:
        """When anybody last did a turn, on any machine; None when nobody ever did.

        Turns of a time that hasn't come are passed over: a worker with a wrong clock may long have stopped.
        """
        ...

    def ahead(self, now: datetime) -> datetime | None:
        """The latest turn of a time that hasn't come, as a worker with a wrong clock leaves it."""
        ...


class Worker:
    """Any number of workers, on any number of machines, come to the same log."""

    def __init__(
        self,
        projector: Projector,
        schedule: DueWorkRunner,
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
        self._schedule = schedule
        self._retention = retention
        self._witness = checkpoint_signer
        self._dispatcher = dispatcher
        self._pulse = heartbeat
        self._clock = clock
        self._ids = ids
        self._observer = observer
        self._lock = Lock()

    def run_once(self) -> WorkerRun:
        """Bring the read tables up, record what is due, let go of what is old, send what waits, sign.

        Raises: what the store raises.

        Threads take their turns one after another.
        """
        with (
            self._lock,
            self._observer.observe(Operation(OperationKind.TURN, "turn", id=self._ids.random_id())),
        ):
            return self._take_turn()

    def _take_turn(self) -> WorkerRun:
        self._projector.catch_up()
        due = self._schedule.run_due()
        self._retention.run()
        mail, alarm = self._send(), self._sign()
        turn = WorkerRun(self._clock.now(), self._projector.catch_up(), due, mail, alarm)
        self._pulse.beat(turn)
        return turn

    def _sign(self) -> Refusal | None:
        try:
            self._witness.sign_if_due(CHECKPOINT_EVERY)
        except Refusal as alarm:
            return alarm
        return None

    def _send(self) -> DispatchResult | None:
        dispatcher = self._dispatcher()
        return None if dispatcher is None else dispatcher.run(MAILS_PER_RUN)
