"""A user's activities lie in a stream of their own under his key, and go with him."""

from uuid import UUID

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.ports.event_log import AppendRequest, Conflict
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.database.schema import ciphertexts, events, user_keys
from brugerbog.service import Service
from tests.infrastructure.event_store.test_ciphertexts import move_box
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import EVENTS_OF_ONE, act_of, create, rows, somebody, user_of


def report(
    service: Service, actor: Actor, user_id: UUID, first: int = 1, count: int = 3
) -> list[ActivityReported]:
    """Record so many activities of a user, from this version of their stream."""
    context = act_of(actor)
    facts = [
        ActivityReported(
            originator_id=activity_stream_id(user_id),
            originator_version=version,
            reporter="nemlogin",
            occurred_at=context.recorded_at,
            transaction="Underskrift",
            service_provider="Krabbeløs Kommune",
            service_type="public",
            **context.stamp(),
        )
        for version in range(first, first + count)
    ]
    service.log.record(facts, AppendRequest())
    return facts


def test_activities_are_sealed_under_their_user_s_key(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    keys = rows(service, user_keys)
    facts = report(service, actor, user_id)

    assert rows(service, user_keys) == keys
    assert list(service.log.events.get(activity_stream_id(user_id))) == facts
    assert "Krabbeløs".encode() not in b"".join(bytes(row.payload) for row in rows(service, events))
    assert assert_log_is_sound(service) == 1 + EVENTS_OF_ONE + 3


def test_of_two_who_continue_a_stream_one_meets_a_conflict(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    report(service, actor, user_id)

    with pytest.raises(Conflict):
        report(service, actor, user_id, first=3)


def test_an_erasure_takes_the_activities_boxes_too(service: Service, actor: Actor) -> None:
    gone, kept = create(service, actor, somebody(0)), create(service, actor, somebody(1))
    report(service, actor, gone)
    facts = report(service, actor, kept)
    service.administration.delete_user(actor, gone)

    assert {row.stream_id for row in rows(service, ciphertexts)} == {kept, activity_stream_id(kept)}
    assert list(service.log.events.get(activity_stream_id(kept))) == facts
    assert all(not event.transaction for event in service.log.events.get(activity_stream_id(gone)))


def test_nothing_can_be_sealed_for_anyone_who_is_erased(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    service.administration.delete_user(actor, user_id)

    with pytest.raises(Conflict):
        report(service, actor, user_id)


def test_an_activity_moved_to_another_user_does_not_open(service: Service, actor: Actor) -> None:
    one, other = create(service, actor, somebody(0)), create(service, actor, somebody(1))
    report(service, actor, one)
    report(service, actor, other)
    move_box(service, (activity_stream_id(one), 1), (activity_stream_id(other), 1))

    with pytest.raises(DecryptionFailed):
        list(service.log.events.get(activity_stream_id(other)))


def test_a_stream_of_activities_is_nobody(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    report(service, actor, user_id)
    stream_id = activity_stream_id(user_id)

    assert (service.log.user(stream_id), service.log.organisation(stream_id)) == (None, None)
    assert service.log.users([stream_id, user_id]).keys() == {user_id}
    assert user_of(service, user_id).version == EVENTS_OF_ONE


def test_questions_about_the_past_read_no_activity(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    report(service, actor, user_id)
    assert actor.organisation_id is not None

    told = list(service.log.events_until(actor.organisation_id, act_of(actor).recorded_at))

    assert [event.originator_id for _, event in told] == [actor.organisation_id, *[user_id] * EVENTS_OF_ONE]
