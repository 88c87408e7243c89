"""Due work: records expired links, ended deactivations and due erasures."""

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
"""The most items recorded in one transaction."""

_TRIES: Final = 20

_DECISIONS: Final[dict[str, Callable[[User, CommandContext, int], bool]]] = {
    LINK_EXPIRY: User.expire_link,
    PERIOD_END: User.end_period,
    ERASURE: User.erase,
}


@dataclass(frozen=True, slots=True)
class DueItem:
    """An item of due work; `generation` is the version of the event that made it due."""

    user_id: UUID
    kind: str
    organisation_id: UUID
    due_at: datetime
    generation: int


class DueWorkRunner:
    """Records due work with the schedule as actor. Any number may run at once; each item is recorded once.

    A user's status doesn't depend on these events: it is computed from dates.
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
        """Record all due work, a batch at a time; return the number of items recorded.

        Nothing is recorded while the read table `due` lags behind, has stopped or is being rebuilt.
        Raises: NotInTransaction.
        """
        refuse_in_transaction(self._log)
        recorded = 0
        while items := self._next_items():
            count = self._record(items)
            recorded += count
            if not count and not self._have_changed(items):
                break
        return recorded

    def _next_items(self) -> list[DueItem]:
        """Return the next due items, the longest due first."""
        position = self._projector.catch_up()
        if not self._projector.is_ready("due", position):
            return []
        is_due = due.c.due_at <= microseconds(self._clock.now())
        query = select(due).where(is_due).order_by(due.c.due_at, due.c.user_id).limit(BATCH)
        with self._read.connect() as connection:
            return [
                DueItem(row.user_id, row.kind, row.organisation_id, instant(row.due_at), row.generation)
                for row in connection.execute(query)
            ]

    def _have_changed(self, items: Sequence[DueItem]) -> bool:
        """Return whether other workers have recorded some of the items: then more may be due."""
        return self._next_items() != list(items)

    def _record(self, items: Sequence[DueItem]) -> int:
        """Record items in one transaction, except items that have been settled meanwhile."""
        for _ in range(_TRIES):
            users = self._log.users({item.user_id for item in items})
            done = [
                item
                for item in items
                if item.user_id in users
                and _DECISIONS[item.kind](users[item.user_id], self._context_of(item), item.generation)
            ]
            if not done:
                return 0
            try:
                self._log.record([users[item.user_id] for item in done], AppendRequest())
            except Conflict:
                continue
            self._projector.catch_up()
            finish_erasures(self._log, self._projector)
            for kind, many in Counter(item.kind for item in done).items():
                self._observer.count(CounterName.DUE, kind, many)
            return len(done)
        return 0

    def _context_of(self, item: DueItem) -> CommandContext:
        command_id = uuid5(item.user_id, f"{item.kind}:{item.generation}")
        return CommandContext(
            organisation_id=item.organisation_id,
            actor=SCHEDULE_ID,
            role=Role.SCHEDULE,
            door=Door.SCHEDULE,
            recorded_at=self._clock.now(),
            command_id=command_id,
            correlation_id=command_id,
            effective_at=item.due_at,
        )
