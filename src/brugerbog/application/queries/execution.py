"""The execution of a query: authorization, observation, and reading from tables or from the log."""

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


QueryMethod = TypeVar("QueryMethod", bound="Callable[..., Any]")


def question(name: str, *tables: Table) -> Callable[[QueryMethod], QueryMethod]:
    """Make a method a query, observed and with its refusals reported under `name`.

    The method authorizes the actor itself, by the same name in `authorization.PERMISSIONS`.
    `tables` are the read tables that the query reads; stale tables among them are noted.
    """
    read = frozenset(table.name for table in tables)

    def decorate(method: QueryMethod) -> QueryMethod:
        @wraps(method)
        def ask(self: QueryExecution, actor: Actor, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the method's own
            with self._observer.observe(Operation(OperationKind.QUESTION, method.__name__, actor.door.value)):
                try:
                    answer = method(self, actor, *args, **kwargs)
                except Refusal as refusal:
                    self._observer.refused(name, actor, refusal)
                    raise
                if read:
                    note_stale(self._stale(read))
                return answer

        return cast("QueryMethod", ask)

    return decorate


class QueryExecution:
    """Base of all classes of queries: their dependencies, authorization, and rows computed from the log."""

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
        audit_reader: AuditReader,
        ids: Ids,
        exports: LogExports,
        sessions: SessionStore,
    ) -> None:
        self._log = log
        self._read = read
        self._projector = projector
        self._clock = clock
        self._cursors = cursors
        self._outbox = outbox
        self._observer = observer
        self._audit_reader = audit_reader
        self._ids = ids
        self._exports = exports
        self._sessions = sessions

    def now(self) -> datetime:
        """Return the service's time (UTC)."""
        return self._clock.now()

    def _stale(self, tables: AbstractSet[str]) -> AbstractSet[str]:
        """Return those of the read tables that lack recorded events."""
        return self._projector.stale(self._clock.now()) & tables

    def _authorized_organisation(self, question: str, actor: Actor) -> Organisation:
        """Return the actor's organisation if the actor may ask this.

        Raises: NotAllowed, OrganisationUnknown.
        """
        return self._authorized_actor(question, actor).known_organisation

    def _authorized_actor(self, question: str, actor: Actor) -> AuthorizedActor:
        """Return the actor with the organisation and role. Raises: NotAllowed, OrganisationUnknown."""
        if actor.organisation_id is None:
            raise OrganisationUnknown
        return authorize(question, actor, self._log, self._clock.now())

    def _user_rows(
        self, projection: Fold, scope: UUID, then: datetime, *, user_id: UUID | None = None
    ) -> dict[UUID, Row]:
        """Return each user's last row, computed from the events recorded up to an instant."""
        return self._user_rows_and_versions(projection, scope, then, user_id=user_id)[0]

    def _user_rows_and_versions(
        self, projection: Fold, scope: UUID, then: datetime, *, user_id: UUID | None = None
    ) -> tuple[dict[UUID, Row], dict[UUID, int]]:
        """Return the last row and the version of each user.

        A deleted user keeps the last row. If clocks have disagreed, a stream is read up to its first gap.
        """
        rows: dict[UUID, Row] = {}
        versions: dict[UUID, int] = {}
        for position, event in self._log.events_until(scope, then, user_id=user_id):
            stream_id = event.originator_id
            if event.originator_version != versions.get(stream_id, 0) + 1:
                continue
            versions[stream_id] = event.originator_version
            before = [rows[stream_id]] if stream_id in rows else []
            if isinstance(event, User.Deleted):
                rows[stream_id] |= {"phase": Status.DELETED}
            elif after := projection.apply(before, RecordedEvent(position, event)):
                rows[stream_id] = after[-1]
        return rows, versions
