"""The event of a reading of the log, in a derived stream, so that the organisation's own stays short."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.streams import derived_stream_id


class LogReadingKind(StrEnum):
    """The kind of reading.

    `LOG` is a page of entries, `STATE` the state at an instant, `DIFFERENCE` that between two instants. The
    others are exports: of an organisation's events, of one person's events, and of all users.
    """

    LOG = "log"
    STATE = "state"
    DIFFERENCE = "difference"
    EXPORT = "export"
    PERSON = "person"
    PERSON_WITH_PERSONAL_DATA = "person_with_personal_data"
    USERS = "users"


DANISH_LOG_READINGS: Final[dict[str, str]] = {
    LogReadingKind.LOG: "loggen",
    LogReadingKind.STATE: "organisationen på et tidspunkt",
    LogReadingKind.DIFFERENCE: "forskellen mellem to tidspunkter",
    LogReadingKind.EXPORT: "udtræk af loggen",
    LogReadingKind.PERSON: "udtræk om en bruger",
    LogReadingKind.PERSON_WITH_PERSONAL_DATA: "udtræk om en bruger med personoplysninger",
    LogReadingKind.USERS: "udtræk af alle brugere",
}


class LogRead(Event):
    """The actor read the log, or exported the log or users; the filters are stored, without search words.

    `what` is a `LogReadingKind`. The filters are the user concerned (`about`), the actor (`by`), the topic
    (`kind`) and the correlation id (`correlated_by`); `by_words` is whether words were searched for. `since`
    and `until` are the period, or the two instants of a difference; a state and the users have `until` only.
    """

    TOPIC = "log.read"
    what: str
    about: UUID | None
    by: UUID | None
    kind: str | None
    since: datetime | None
    until: datetime | None
    correlated_by: UUID | None
    by_words: bool


register_topic(LogRead.TOPIC, LogRead)


def log_reading_stream_id(organisation_id: UUID) -> UUID:
    """Return the id of the stream of readings of an organisation's log."""
    return derived_stream_id(organisation_id)
