"""Checks of a store that no process is writing to, after processes were killed."""

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
    """Check that commands are complete, erased users are gone and projections are up to date.

    The store holds users that were created with means, renamed and deleted.
    """
    _assert_commands_are_complete(service)
    _assert_erased_users_are_gone(service)
    _assert_projections_are_up_to_date(service)
    assert_log_is_sound(service)


def _assert_commands_are_complete(service: Service) -> None:
    """Each command has its record; a creation is three events here, a renaming one, a deletion two."""
    events_of = {"user.created": 3, "user.name_corrected": 1, "user.deleted": 2, "organisation.registered": 1}
    stored = rows(service, events)
    sizes = Counter(event.command_id for event in stored)
    first = {event.command_id: event.topic for event in reversed(stored)}
    assert {command_id: events_of[topic] for command_id, topic in first.items()} == sizes
    assert {row.command_id for row in rows(service, commands)} >= sizes.keys()


def _assert_erased_users_are_gone(service: Service) -> None:
    erased = {event.stream_id for event in rows(service, events) if event.topic == "user.deleted"}
    created = {event.stream_id for event in rows(service, events) if event.topic == "user.created"}
    organisation = service.organisation_id()
    assert {row.stream_id for row in rows(service, ciphertexts)} == created - erased
    assert {row.recipient for row in rows(service, mail_intents)} == created - erased
    assert {row.holder for row in rows(service, reservations)} == (created - erased) | {organisation}
    assert erased.isdisjoint(row.user_id for row in rows(service, user_keys))
    assert rows(service, erasures) == []


def _assert_projections_are_up_to_date(service: Service) -> None:
    for status in service.runner.status():
        assert (status.lag, status.state) == (0, "ok")
        live, rebuilt = service.runner.digests(status.name)
        assert live == rebuilt
