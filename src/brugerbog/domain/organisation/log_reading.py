"""Who has read the log, and what of it: in a stream beside the organisation's own, which stays short."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eventsourcing.utils import register_topic

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.streams import derived_stream_id


class LogReadingKind(StrEnum):
    """What was read: entries of the log, how all stood at an instant, or what is different at another.

    Or it was taken away: an organisation's events, all that is known of one person, with personal data or
    without, or all users at one go.
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
    """Somebody has read the log, or taken all users: what of it, and by which filters; never which words.

    `about` is the user and `by` the actor whose deeds were asked for. `since` and `until` are the period: of
    a state only `until`, of a difference the two instants.
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
    """The stream in which the readings of an organisation's log are recorded."""
    return derived_stream_id(organisation_id)
