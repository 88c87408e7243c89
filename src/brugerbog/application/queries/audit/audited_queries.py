"""Audited queries: each reading of the log is recorded as an event before a result is returned."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.commands.execution import MAX_ATTEMPTS
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.ports.event_log import AppendRequest, Conflict
from brugerbog.application.queries.execution import QueryExecution
from brugerbog.application.refusals.requests import TooBusy
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.instants import clamp_to_calendar
from brugerbog.domain.organisation.log_reading import LogRead, LogReadingKind, log_reading_stream_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.domain.organisation.organisation import Organisation

READ_LOG: Final = "read_log"
"""The query's name in the table of permissions."""

_READ: Final[Any] = LogRead
"""The event class; the library makes it a dataclass, which type checkers can't see."""


class AuditedQueries(QueryExecution):
    """Base of queries that read the log."""

    def _record_reading(
        self,
        actor: Actor,
        what: LogReadingKind,
        *,
        about: UUID | None = None,
        by: UUID | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        correlated_by: UUID | None = None,
        by_words: bool = False,
        question: str = READ_LOG,
    ) -> Organisation:
        """Authorize the query, record the reading with its filters, and return the organisation.

        Raises: NotAllowed, OrganisationUnknown, TooBusy, NotInTransaction.
        """
        refuse_in_transaction(self._log)
        for _ in range(MAX_ATTEMPTS):
            who = self._authorized_actor(question, actor)
            organisation = who.known_organisation
            now, command_id = self._clock.now(), self._ids.random_id()
            context = CommandContext(
                organisation_id=organisation.id,
                actor=actor.id,
                role=who.role,
                door=actor.door,
                recorded_at=now,
                command_id=command_id,
                correlation_id=command_id,
            )
            stream_id = log_reading_stream_id(organisation.id)
            fact = _READ(
                originator_id=stream_id,
                originator_version=self._log.last_versions([stream_id])[stream_id] + 1,
                what=what.value,
                about=about,
                by=by,
                kind=kind,
                since=since and clamp_to_calendar(since).astimezone(UTC),
                until=until and clamp_to_calendar(until).astimezone(UTC),
                correlated_by=correlated_by,
                by_words=by_words,
                **context.stamp(),
            )
            grounds = [organisation] if who.user is None else [organisation, who.user]
            try:
                self._log.record(
                    [fact], AppendRequest(expected_versions={one.id: one.version for one in grounds})
                )
            except Conflict:
                continue
            return organisation
        raise TooBusy
