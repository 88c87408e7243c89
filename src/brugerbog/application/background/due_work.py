"""Records what time has brought: links that expired, absences that are over, data kept long enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid5

from sqlalchemy import select

from brugerbog.application.actors import SCHEDULE_ID
from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.ports.event_log import AppendRequest, Conflict
from brugerbog.application.ports.observation import CounterName
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.user import User
from brugerbog.projections.due.table import ERASURE, LINK_EXPIRY, PERIOD_END, due

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.ports.read_store import Projector, ReadStore

BATCH: Final = 500
"""So much is recorded in one transaction: what has piled up while nobody worked is caught up in steps."""

_TRIES: Final = 20

_DECIDES: Final[dict[str, Callable[[User, CommandContext, int], bool]]] = {
    LINK_EXPIRY: User.expire_link,
    PERIOD_END: User.end_period,
    ERASURE: User.erase,
}


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that was planned; `generation` is the version of the event that planned it."""

    user_id: UUID
    kind: str
    organisation_id: UUID
    due_at: datetime
    generation: int


class DueWorkRunner:
    """The clock as an actor. Any number of them at once record the same: each thing once.

    Truth doesn't wait for it: what a user is at an instant is computed from dates. It records that it is so.
    """

    def __init__(
        self, log: EventLog, read: ReadStore, projector: Projector, clock: Clock, observer: Observer
    ) -> None:
        self._log = log
        self._read = read
        self._projector = projector
        self._clock = clock
        self._observer = observer

    def run_due(self) -> int:
        """Record everything that has fallen due, in steps; returns how many things that were.

        Nothing is done while the table of what is due is behind, has stopped or is being built anew.
        Raises: NotInTransaction.
        """
        refuse_in_transaction(self._log)
        recorded = 0
        while works := self._next():
            done = self._record(works)
            recorded += done
            if not done and not self._has_moved(works):
                break
        return recorded

    def _next(self) -> list[DueItem]:
        """The next things due, the longest due first."""
        position = self._projector.catch_up()
        if not self._projector.is_ready("due", position):
            return []
        fallen_due = due.c.due_at <= microseconds(self._clock.now())
        query = select(due).where(fallen_due).order_by(due.c.due_at, due.c.user_id).limit(BATCH)
        with self._read.connect() as connection:
            return [
                DueItem(row.user_id, row.kind, row.organisation_id, instant(row.due_at), row.generation)
                for row in connection.execute(query)
            ]

    def _has_moved(self, works: Sequence[DueItem]) -> bool:
        """Whether others have recorded it: then the rows are gone, and there may be more to do."""
        return self._next() != list(works)

    def _record(self, works: Sequence[DueItem]) -> int:
        """Record some due things in one transaction, leaving out those that others have settled meanwhile."""
        for _ in range(_TRIES):
            users = self._log.users({work.user_id for work in works})
            done = [
                work
                for work in works
                if work.user_id in users
                and _DECIDES[work.kind](users[work.user_id], self._act(work), work.generation)
            ]
            if not done:
                return 0
            try:
                self._log.record([users[work.user_id] for work in done], AppendRequest())
            except Conflict:
                continue
            self._projector.catch_up()
            finish_erasures(self._log, self._projector)
            for kind, many in Counter(work.kind for work in done).items():
                self._observer.count(CounterName.DUE, kind, many)
            return len(done)
        return 0

    def _act(self, work: DueItem) -> CommandContext:
        command_id = uuid5(work.user_id, f"{work.kind}:{work.generation}")
        return CommandContext(
            organisation_id=work.organisation_id,
            actor=SCHEDULE_ID,
            role=Role.SCHEDULE,
            door=Door.SCHEDULE,
            recorded_at=self._clock.now(),
            command_id=command_id,
            correlation_id=command_id,
            effective_at=work.due_at,
        )
