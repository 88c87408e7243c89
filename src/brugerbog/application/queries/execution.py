"""How every question is asked: by whom, and of which tables or, about another moment, of the log."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from brugerbog.application.commands.authorization import authorize
from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.application.queries.staleness import note_stale
from brugerbog.application.refusals.requests import OrganisationUnknown
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.projections.projection import RecordedEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Table

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.authorization import AuthorizedActor
    from brugerbog.application.mail.outbox import Outbox
    from brugerbog.application.ports.audit_reader import AuditReader
    from brugerbog.application.ports.clock import Clock, Ids
    from brugerbog.application.ports.cursors import Cursors
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.ports.read_store import Projector, ReadStore
    from brugerbog.application.ports.transparency_log import LogExports
    from brugerbog.application.queries.sessions import SessionStore
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.projections.projection import Fold, Row


Asked = TypeVar("Asked", bound="Callable[..., Any]")


def question(name: str, *tables: Table) -> Callable[[Asked], Asked]:
    """Make a method a query: authorize it by its `name` in `authorization.PERMISSIONS`, and observe refusals.

    `tables` are the read tables that it is answered from; of those that are stale a note is taken.
    """
    read = frozenset(table.name for table in tables)

    def decorate(method: Asked) -> Asked:
        @wraps(method)
        def ask(self: QueryExecution, actor: Actor, *said: Any, **named: Any) -> Any:  # noqa: ANN401 - the method's own
            with self._observer.observe(Operation(OperationKind.QUESTION, method.__name__, actor.door.value)):
                try:
                    answer = method(self, actor, *said, **named)
                except Refusal as refusal:
                    self._observer.refused(name, actor, refusal)
                    raise
                if read:
                    note_stale(self._stale(read))
                return answer

        return cast("Asked", ask)

    return decorate


class QueryExecution:
    """The way of a question; the questions are methods of those who build on this."""

    def __init__(
        self,
        log: EventLog,
        read: ReadStore,
        *,
        projector: Projector,
        clock: Clock,
        cursors: Cursors,
        outbox: Outbox,
        observer: Observer,
        trail: AuditReader,
        ids: Ids,
        exports: LogExports,
        sessions: SessionStore,
    ) -> None:
        self._log = log
        self._read = read
        self._projector = projector
        self._clock = clock
        self._cursors = cursors
        self._mailbox = outbox
        self._observer = observer
        self._trail = trail
        self._ids = ids
        self._exports = exports
        self._sessions = sessions

    def now(self) -> datetime:
        """The service's time (UTC)."""
        return self._clock.now()

    def _stale(self, tables: AbstractSet[str]) -> AbstractSet[str]:
        """Those of the read tables that don't show all that is recorded."""
        return self._projector.stale(self._clock.now()) & tables

    def _may(self, question: str, actor: Actor) -> Organisation:
        """The organisation in which somebody may ask this. Raises: NotAllowed, OrganisationUnknown."""
        return self._acting(question, actor).known_organisation

    def _acting(self, question: str, actor: Actor) -> AuthorizedActor:
        """The same, and who acts. Raises: NotAllowed, OrganisationUnknown."""
        if actor.organisation_id is None:
            raise OrganisationUnknown
        return authorize(question, actor, self._log, self._clock.now())

    def _lives(
        self, projection: Fold, scope: UUID, then: datetime, *, user_id: UUID | None = None
    ) -> dict[UUID, Row]:
        """What a projection of users says of each as he is after the events recorded up to an instant."""
        return self._followed(projection, scope, then, user_id=user_id)[0]

    def _followed(
        self, projection: Fold, scope: UUID, then: datetime, *, user_id: UUID | None = None
    ) -> tuple[dict[UUID, Row], dict[UUID, int]]:
        """The same, and the version of each.

        The deleted keep their last row. Should clocks have disagreed, a stream is followed to its first gap.
        """
        lives: dict[UUID, Row] = {}
        versions: dict[UUID, int] = {}
        for position, event in self._log.events_until(scope, then, user_id=user_id):
            stream_id = event.originator_id
            if event.originator_version != versions.get(stream_id, 0) + 1:
                continue
            versions[stream_id] = event.originator_version
            known = [lives[stream_id]] if stream_id in lives else []
            if isinstance(event, User.Deleted):
                lives[stream_id] |= {"phase": Status.DELETED}
            elif rows := projection.apply(known, RecordedEvent(position, event)):
                lives[stream_id] = rows[-1]
        return lives, versions
