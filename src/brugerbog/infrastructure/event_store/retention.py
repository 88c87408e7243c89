"""Deletes what has passed its retention period, in batches (port: `RetentionStore`)."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, tuple_

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.user.activity import ActivityReported
from brugerbog.infrastructure.database.schema import ciphertexts, events, link_tokens, mail_intents
from brugerbog.infrastructure.database.store_metadata import metadata_value, set_metadata
from brugerbog.projections.activity_history.table import activity_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Delete

    from brugerbog.infrastructure.database.backend import Backend

_BATCH_SIZE: Final = 1_000
_DAY: Final = "retention_day"
FORGOTTEN_UNTIL: Final = "activities_forgotten:"
"""The prefix of a key in the metadata, followed by an organisation's id.

The number is the position up to which the organisation's old activities are deleted.
"""


class StoredRetention:
    """The retention of one store's activities, mails and links."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def last_run_day(self) -> date | None:
        ordinal = metadata_value(self._backend, _DAY)
        return date.fromordinal(ordinal) if ordinal else None

    def record_run(self, day: date) -> None:
        set_metadata(self._backend, _DAY, day.toordinal())

    def delete_activities(self, organisation_id: UUID, before: datetime) -> int:
        forgotten_until = f"{FORGOTTEN_UNTIL}{organisation_id}"
        position, gone = metadata_value(self._backend, forgotten_until), 0
        # A table that is being rebuilt must not take in rows that are deleted meanwhile.
        with self._backend.rebuild_lock(wait=True):
            while old := self._old_activities(organisation_id, before, position):
                self._forget_rows(old)
                position = old[-1][0]
                with self._backend.write_transaction(self._backend.log) as connection:
                    places = [(stream_id, version) for _, stream_id, version in old]
                    connection.execute(
                        delete(ciphertexts).where(
                            tuple_(ciphertexts.c.stream_id, ciphertexts.c.version).in_(places)
                        )
                    )
                gone += len(old)
                set_metadata(self._backend, forgotten_until, position)
        return gone

    def _old_activities(
        self, organisation_id: UUID, before: datetime, after: int
    ) -> Sequence[tuple[int, UUID, int]]:
        """Return position, stream and version of the next old activities that still have a ciphertext."""
        query = (
            select(events.c.position, events.c.stream_id, events.c.version)
            .join(
                ciphertexts,
                (ciphertexts.c.stream_id == events.c.stream_id) & (ciphertexts.c.version == events.c.version),
            )
            .where(
                events.c.organisation_id == organisation_id,
                events.c.position > after,
                events.c.topic == ActivityReported.TOPIC,
                events.c.recorded_at < microseconds(before),
            )
            .order_by(events.c.position)
            .limit(_BATCH_SIZE)
        )
        with self._backend.log.connect() as connection:
            return [(row.position, row.stream_id, row.version) for row in connection.execute(query)]

    def _forget_rows(self, old: Sequence[tuple[int, UUID, int]]) -> None:
        """Delete the rows of the history. They go first: after an interruption, all is repeated."""
        by_user = sorted((owner_of(stream_id), position) for position, stream_id, _ in old)
        with self._backend.write_transaction(self._backend.read) as connection:
            for user_id, theirs in groupby(by_user, itemgetter(0)):
                connection.execute(
                    delete(activity_history).where(
                        activity_history.c.user_id == user_id,
                        activity_history.c.position.in_([position for _, position in theirs]),
                    )
                )

    def delete_mail_records(self, organisation_id: UUID, before: datetime) -> int:
        return self._delete(
            delete(mail_intents).where(
                mail_intents.c.organisation_id == organisation_id,
                mail_intents.c.settled_at < microseconds(before),
            )
        )

    def delete_link_digests(self, before: datetime) -> int:
        return self._delete(delete(link_tokens).where(link_tokens.c.made_at < microseconds(before)))

    def _delete(self, statement: Delete) -> int:
        with self._backend.write_transaction(self._backend.log) as connection:
            return connection.execute(statement).rowcount
