"""Retention: deletes old activities, records of old mails, and digests of old links.

Only the encrypted part of an activity is deleted. Its event stays, so the log and its proof don't change.
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
    """Stores the data that retention deletes."""

    def last_run_day(self) -> date | None:
        """Return the day of the last complete run of any worker."""
        ...

    def record_run(self, day: date) -> None:
        """Store that the run of a day is complete."""
        ...

    def delete_activities(self, organisation_id: UUID, before: datetime) -> int:
        """Delete activities reported before an instant; return their number.

        The next call completes an interrupted one, so read tables soon lack the deleted activities too.
        """
        ...

    def delete_mail_records(self, organisation_id: UUID, before: datetime) -> int:
        """Delete records of mails settled before an instant; return their number."""
        ...

    def delete_link_digests(self, before: datetime) -> int:
        """Delete the digests of links created before an instant; return their number."""
        ...


class Retention:
    """Runs once a day (Danish time), in the first worker that runs. A second run does no harm."""

    def __init__(self, log: EventLog, store: RetentionStore, clock: Clock) -> None:
        self._log = log
        self._store = store
        self._clock = clock

    def run(self) -> int:
        """Delete data older than its retention time, unless done today; return the number of items."""
        today = danish_day(self._clock.now())
        if self._store.last_run_day() == today:
            return 0
        deleted, longest = 0, 0
        for organisation_id in self._log.organisation_ids():
            try:
                organisation = self._log.organisation(organisation_id)
            except OrganisationForged:
                # This organisation is skipped; `brugerbog doctor` reports it.
                continue
            if organisation is None:
                continue
            settings = organisation.settings
            longest = max(longest, settings.mail_retention_months)
            deleted += self._store.delete_activities(
                organisation_id, first_moment(months_before(today, settings.activity_retention_months))
            )
            deleted += self._store.delete_mail_records(
                organisation_id, first_moment(months_before(today, settings.mail_retention_months))
            )
        if longest:
            deleted += self._store.delete_link_digests(first_moment(months_before(today, longest)))
        if deleted:
            self._log.purge_deleted()
        self._store.record_run(today)
        return deleted
