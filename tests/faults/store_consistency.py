"""What is true of every store at rest, whatever happened to those who worked on it."""

from collections import Counter

from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    commands,
    erasures,
    events,
    mail_intents,
    reservations,
    user_keys,
)
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import rows


def assert_store_is_consistent(service: Service) -> None:
    """Of users created with means, renamed and deleted: no half command, no trace of the erased."""
    _no_command_is_half_done(service)
    _nothing_is_left_of_the_erased(service)
    _every_question_is_up_to_date(service)
    assert_log_is_sound(service)


def _no_command_is_half_done(service: Service) -> None:
    """A creation is three events here, a renaming one, a deletion two; each has one remembered command."""
    events_of = {"user.created": 3, "user.name_corrected": 1, "user.deleted": 2, "organisation.registered": 1}
    stored = rows(service, events)
    sizes = Counter(event.command_id for event in stored)
    first = {event.command_id: event.topic for event in reversed(stored)}
    assert {command_id: events_of[topic] for command_id, topic in first.items()} == sizes
    assert {row.command_id for row in rows(service, commands)} >= sizes.keys()


def _nothing_is_left_of_the_erased(service: Service) -> None:
    erased = {event.stream_id for event in rows(service, events) if event.topic == "user.deleted"}
    created = {event.stream_id for event in rows(service, events) if event.topic == "user.created"}
    organisation = service.organisation_id()
    assert {row.stream_id for row in rows(service, ciphertexts)} == created - erased
    assert {row.recipient for row in rows(service, mail_intents)} == created - erased
    assert {row.holder for row in rows(service, reservations)} == (created - erased) | {organisation}
    assert erased.isdisjoint(row.user_id for row in rows(service, user_keys))
    assert rows(service, erasures) == []


def _every_question_is_up_to_date(service: Service) -> None:
    for status in service.runner.status():
        assert (status.lag, status.state) == (0, "ok")
        live, rebuilt = service.runner.digests(status.name)
        assert live == rebuilt
