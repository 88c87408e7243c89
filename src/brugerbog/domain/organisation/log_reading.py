"""Events about readings of the log, in a stream derived from the organisation's, which stays short."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.streams import derived_stream_id


class LogReadingKind(StrEnum):
    """The kind of reading: entries of the log, the state at an instant, or the difference of two instants.

    Or an export: an organisation's events, all data about one person, with or without personal data, or all
    users.
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
    """The actor read the log, or exported users: the kind and the filters, never the words searched for.

    `about` is the user, and `by` the actor, filtered by. `since` and `until` are the period; a state has
    `until` only, a difference has its two instants.
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
