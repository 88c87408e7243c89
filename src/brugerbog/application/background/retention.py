"""Lets go of what has been kept long enough: what users did at services, and that mails were sent.

Of an activity goes the sealed part only. Its event stays, so the log and its proof are as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from brugerbog.application.refusals.log import OrganisationForged
from brugerbog.domain.kernel.days import danish_day, first_moment, months_before

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog


class RetentionStore(Protocol):
    """What lies beside the log and may go."""

    def last_run_day(self) -> date | None:
        """The day on which somebody last let go of everything that was old enough."""
        ...

    def record_run(self, day: date) -> None:
        """Everything that was old enough on that day is gone."""
        ...

    def delete_activities(self, organisation_id: UUID, before: datetime) -> int:
        """Drop what users did that was reported before an instant; returns how many activities that were.

        Cut off anywhere, it is taken up again: read tables never show what the log no longer holds for long.
        """
        ...

    def delete_mail_records(self, organisation_id: UUID, before: datetime) -> int:
        """Drop what is known of mails settled before an instant; returns how many."""
        ...

    def delete_link_digests(self, before: datetime) -> int:
        """Drop the digests of links made before an instant; returns how many."""
        ...


class Retention:
    """Once a Danish day, whoever works first. Doing it twice does no harm."""

    def __init__(self, log: EventLog, kept: RetentionStore, clock: Clock) -> None:
        self._log = log
        self._store = kept
        self._clock = clock

    def run(self) -> int:
        """Let go of what is old enough, unless that was done today; returns how many things went."""
        today = danish_day(self._clock.now())
        if self._store.last_run_day() == today:
            return 0
        gone, longest = 0, 0
        for organisation_id in self._log.organisation_ids():
            try:
                organisation = self._log.organisation(organisation_id)
            except OrganisationForged:
                # Nothing is done in that one, and the others' work goes on; the doctor names it.
                continue
            if organisation is None:
                continue
            settings = organisation.settings
            longest = max(longest, settings.mail_retention_months)
            gone += self._store.delete_activities(
                organisation_id, first_moment(months_before(today, settings.activity_retention_months))
            )
            gone += self._store.delete_mail_records(
                organisation_id, first_moment(months_before(today, settings.mail_retention_months))
            )
        if longest:
            gone += self._store.delete_link_digests(first_moment(months_before(today, longest)))
        if gone:
            self._log.purge_deleted()
        self._store.record_run(today)
        return gone
