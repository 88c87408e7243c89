"""Converts events to stored events and back, with their personal fields encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from eventsourcing.domain import AggregateCreated
from eventsourcing.persistence import Mapper
from pydantic_core import from_json, to_json

from brugerbog.application.refusals.log import EventUnknown
from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.instants import instant, microseconds
from brugerbog.domain.kernel.privacy import ERASED, PERSONAL
from brugerbog.domain.organisation import log_reading, organisation
from brugerbog.domain.user import activity, user
from brugerbog.infrastructure.crypto.vault import event_associated_data
from brugerbog.infrastructure.database.event_row import StoredEvent

if TYPE_CHECKING:
    from brugerbog.infrastructure.crypto.vault import Vault

_PACKAGE: Final = __name__.partition(".")[0]
_HAVE_EVENTS: Final = (activity, log_reading, organisation, user)
"""The modules that define all event classes, imported for that reason."""

COLUMNS: Final = frozenset(
    {
        "originator_id",
        "originator_version",
        "originator_topic",
        "timestamp",
        "organisation_id",
        "actor",
        "command_id",
    }
)
"""Fields that are columns of their own, outside the payload; the event's topic gives the aggregate's."""


class KeyGone(Exception):
    """An event of a user can't be encrypted, as the user's key is destroyed."""


class SealingMapper(Mapper[UUID]):
    """A mapper that encrypts the fields marked as `Personal`, with the key it is given."""

    def __init__(self, vault: Vault) -> None:
        """Take the vault. Events are plain JSON, so the library's transcoder isn't used."""
        self.vault = vault

    def seal_event(self, event: Event, key: bytes | None) -> StoredEvent:
        """Return the stored form of an event. Raises: KeyGone without a key for personal fields."""
        schema = event_schema(type(event))
        state = vars(event)
        ciphertext, commitment = None, b""
        if schema.personal:
            if key is None:
                raise KeyGone
            personal = to_json({name: state[name] for name in schema.personal})
            place = event_associated_data(
                event.organisation_id.bytes, event.originator_id.bytes, event.originator_version
            )
            ciphertext, commitment = self.vault.seal(key, place, personal)
        return StoredEvent(
            0,
            event.organisation_id,
            event.originator_id,
            event.originator_version,
            schema.topic,
            schema.schema_version,
            microseconds(event.timestamp),
            event.actor,
            event.command_id,
            to_json({name: state[name] for name in schema.public}),
            commitment,
            ciphertext,
        )

    def open_event(self, stored: StoredEvent, key: bytes | None) -> Event:
        """Return the event of a stored event; personal fields are `ERASED` without ciphertext or key.

        Raises: EventUnknown; DecryptionFailed when the ciphertext was changed or is another event's.
        """
        event_class = class_of(stored.topic)
        schema = event_schema(event_class)
        if not 1 <= stored.schema_version <= schema.schema_version:
            raise EventUnknown
        state: dict[str, Any] = from_json(stored.payload)
        erased = schema.personal
        if schema.personal and stored.ciphertext is not None and key is not None:
            place = event_associated_data(
                stored.organisation_id.bytes, stored.stream_id.bytes, stored.version
            )
            state |= from_json(self.vault.open(key, place, stored.ciphertext, stored.commitment))
            erased = ()
        for version in range(stored.schema_version, schema.schema_version):
            getattr(event_class, f"upcast_v{version}_v{version + 1}")(state)
        for name, convert in schema.converters:
            value = state.get(name)
            if value is not None:
                state[name] = convert(value)
        for name in erased:
            state[name] = ERASED
        state |= {
            "originator_id": stored.stream_id,
            "originator_version": stored.version,
            "timestamp": instant(stored.recorded_at),
            "organisation_id": stored.organisation_id,
            "actor": stored.actor,
            "command_id": stored.command_id,
        }
        if schema.aggregate_topic:
            state["originator_topic"] = schema.aggregate_topic
        event: Event = object.__new__(event_class)
        object.__setattr__(event, "__dict__", state)
        return event


@dataclass(frozen=True, slots=True)
class EventSchema:
    """The stored form of one event class, derived once from its annotations."""

    topic: str
    schema_version: int
    aggregate_topic: str | None
    public: tuple[str, ...]
    personal: tuple[str, ...]
    converters: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def event_schema(event_class: type[Event]) -> EventSchema:
    """Return the stored form of an event class."""
    hints = get_type_hints(event_class, include_extras=True)
    names = [field.name for field in fields(event_class) if field.name not in COLUMNS]
    topic: str = event_class.TOPIC  # type: ignore[attr-defined]
    return EventSchema(
        topic=topic,
        schema_version=getattr(event_class, "class_version", 1),
        aggregate_topic=topic.partition(".")[0] if issubclass(event_class, AggregateCreated) else None,
        public=tuple(name for name in names if not _is_personal(hints[name])),
        personal=tuple(name for name in names if _is_personal(hints[name])),
        converters=tuple((name, convert) for name in names if (convert := _converter(hints[name]))),
    )


def has_personal_part(event: Event) -> bool:
    """Return whether the event has personal fields, which need a key."""
    return bool(event_schema(type(event)).personal)


def class_of(topic: str) -> type[Event]:
    """Return this package's event class of a stored topic. Raises: EventUnknown.

    The library's `resolve_topic` imports any module that a topic names, so a row written into the database by
    hand could run code.
    """
    found = _own_events().get(topic)
    if found is None:
        raise EventUnknown
    return found


def is_known(stored: StoredEvent) -> bool:
    """Return whether this version of Brugerbog has the event's class in the stored schema version."""
    found = _own_events().get(stored.topic)
    return found is not None and 1 <= stored.schema_version <= event_schema(found).schema_version


@cache
def _own_events() -> dict[str, type[Event]]:
    """Return the package's event classes by topic, without those of an embedding application."""
    own = [one for one in _subclasses(Event) if one.__module__.partition(".")[0] == _PACKAGE]
    return {vars(one)["TOPIC"]: one for one in own if "TOPIC" in vars(one)}


def _subclasses(of: type[Event]) -> Iterator[type[Event]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)


def _is_personal(hint: object) -> bool:
    return get_origin(hint) is Annotated and PERSONAL in get_args(hint)[1:]


_CONVERTERS: Final[dict[object, Callable[[Any], Any]]] = {
    UUID: lru_cache(UUID),
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    tuple: tuple,
}


def _converter(hint: object) -> Callable[[Any], Any] | None:
    """Return the conversion of a JSON value to this type; None when none is needed."""
    for part in (hint, *get_args(hint)):
        for kind in (part, get_origin(part), *get_args(part)):
            if kind in _CONVERTERS:
                return _CONVERTERS[kind]
    return None
