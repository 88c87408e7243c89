"""What every store promises of an append: SQLite in files and in memory, and PostgreSQL."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.administration import CommandResult
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.ports.event_log import (
    AppendRequest,
    CommandRecord,
    Conflict,
    DuplicateCommand,
    IdentityReservation,
    IdentityTaken,
)
from brugerbog.application.refusals.requests import CommandIdReused, CprInUse
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.refusals import NotPending
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.database.schema import commands, events, user_keys
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import (
    EVENTS_OF_ONE,
    act_of,
    at_once,
    create,
    decided_user,
    everything,
    register,
    rename,
    rows,
    somebody,
    user_of,
    without_cpr,
)

# Positions


def test_positions_count_from_one_without_a_gap(service: Service, actor: Actor) -> None:
    for serial in range(5):
        create(service, actor, somebody(serial, means=(Means.APP,)))

    assert [row.position for row in rows(service, events)] == list(range(1, 2 + 5 * (EVENTS_OF_ONE + 1)))


def test_a_refused_append_uses_up_no_position(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    with pytest.raises(CprInUse):
        create(service, actor, somebody(0))
    create(service, actor, somebody(1))

    assert [row.position for row in rows(service, events)] == [1, 2, 3, 4, 5]


def test_many_threads_at_once_leave_no_gap(service: Service, actor: Actor) -> None:
    def create_ten(thread: int) -> list[UUID]:
        return [create(service, actor, somebody(thread * 10 + one)) for one in range(10)]

    created = [user_id for made in at_once(8, create_ten) for user_id in made]

    assert assert_log_is_sound(service) == 1 + 80 * EVENTS_OF_ONE
    assert {row.stream_id for row in rows(service, events)[1:]} == set(created)


def test_positions_are_in_commit_order(service: Service, actor: Actor) -> None:
    seen: list[list[int]] = []

    def create_and_look(thread: int) -> None:
        for one in range(5):
            create(service, actor, somebody(thread * 5 + one))
            with service.log.backend.log.connect() as connection:
                seen.append(
                    list(connection.execute(select(events.c.position).order_by(events.c.position)).scalars())
                )

    at_once(6, create_and_look)

    assert all(positions == list(range(1, len(positions) + 1)) for positions in seen)


def test_more_threads_than_connections_share_a_service(service: Service, actor: Actor) -> None:
    made = at_once(60, lambda thread: create(service, actor, somebody(thread)))

    assert len(set(made)) == 60
    assert assert_log_is_sound(service) == 1 + 60 * EVENTS_OF_ONE


# One writer per stream


def test_anyone_who_saves_a_stale_user_gets_a_conflict(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, without_cpr())
    first, second = user_of(service, user_id), user_of(service, user_id)

    service.log.record([first], rename(service, actor, first, "Eva"))

    append_request = rename(service, actor, second, "Ane")
    with pytest.raises(Conflict):
        service.log.record([second], append_request)


def test_nothing_of_a_conflicting_append_is_stored(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, without_cpr())
    first, second = user_of(service, user_id), user_of(service, user_id)
    service.log.record([first], rename(service, actor, first, "Eva"))
    before = everything(service)

    append_request = rename(service, actor, second, "Ane")
    with pytest.raises(Conflict):
        service.log.record([second], append_request)

    assert everything(service) == before


def test_a_user_begun_twice_is_a_conflict(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    service.log.record([decided_user(actor, user_id)], AppendRequest())

    with pytest.raises(Conflict):
        service.log.record([decided_user(actor, user_id, "Eva")], AppendRequest())

    assert user_of(service, user_id).first_name == "Bo"


def test_a_new_user_that_met_a_conflict_can_be_saved_when_decided_again(
    service: Service, actor: Actor
) -> None:
    holder = create(service, actor, without_cpr())
    taken, user_id = user_of(service, holder).identity, uuid4()
    claim = IdentityReservation(act_of(actor).organisation_id, user_id, taken)
    with pytest.raises(IdentityTaken):
        service.log.record([decided_user(actor, user_id)], AppendRequest([claim]))

    service.log.record([decided_user(actor, user_id)], AppendRequest())

    assert user_of(service, user_id).first_name == "Bo"


def test_editing_anyone_who_was_erased_meanwhile_is_a_conflict(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    stale = user_of(service, user_id)
    append_request = rename(service, actor, stale, "Ane")
    service.administration.delete_user(actor, user_id)

    with pytest.raises(Conflict):
        service.log.record([stale], append_request)


def test_edits_of_one_user_from_many_threads_are_all_there(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))

    def edit(thread: int) -> None:
        service.administration.edit_user(actor, user_id, UserEdits(email=f"ida-{thread}@example.org"))

    at_once(8, edit)

    streams = [row.version for row in rows(service, events) if row.stream_id == user_id]
    # To correct the address of a pending user also records that the mail is sent anew.
    assert streams == list(range(1, 1 + EVENTS_OF_ONE + 2 * 8))
    assert service.log.identity_holders(actor.organisation_id or UUID(int=0), [_identities(service, user_id)])


def _identities(service: Service, user_id: UUID) -> Identity:
    identity = user_of(service, user_id).identity
    assert identity is not None
    return identity


# Several aggregates, one append


def test_several_aggregates_go_in_together(service: Service, actor: Actor) -> None:
    one, two = uuid4(), uuid4()
    service.log.record([decided_user(actor, one), decided_user(actor, two)], AppendRequest())

    assert [(row.position, row.stream_id) for row in rows(service, events)[1:]] == [(2, one), (3, two)]


def test_one_stale_aggregate_keeps_the_others_out(service: Service, actor: Actor) -> None:
    users = [create(service, actor, somebody(serial)) for serial in range(3)]
    stale = [user_of(service, user_id) for user_id in users]
    service.administration.activate_user(actor, users[2])
    before = everything(service)

    for user in stale:
        user.activate(act_of(actor))
    with pytest.raises(Conflict):
        service.log.record(stale, AppendRequest())

    assert everything(service) == before


# What a decision rests on


def test_an_append_rests_on_streams_it_does_not_continue(service: Service, actor: Actor) -> None:
    user_id, other = create(service, actor, somebody(0, means=(Means.APP,))), uuid4()

    service.log.record(
        [decided_user(actor, other)], AppendRequest(expected_versions={user_id: 3, uuid4(): 0})
    )

    assert user_of(service, other).first_name == "Bo"


@pytest.mark.parametrize("version", [0, 2, 4])
def test_an_append_that_rests_on_another_version_is_a_conflict(
    service: Service, actor: Actor, version: int
) -> None:
    users = [create(service, actor, somebody(serial, means=(Means.APP,))) for serial in range(3)]
    before = rows(service, events)

    expected_versions = dict.fromkeys(users, 3) | {users[1]: version}
    with pytest.raises(Conflict):
        service.log.record([decided_user(actor, uuid4())], AppendRequest(expected_versions=expected_versions))

    assert rows(service, events) == before


def test_an_append_may_rest_on_more_streams_than_one_question_holds(service: Service, actor: Actor) -> None:
    expected_versions = dict.fromkeys((uuid4() for _ in range(1_000)), 0)
    service.log.record([decided_user(actor, uuid4())], AppendRequest(expected_versions=expected_versions))

    begun = create(service, actor, somebody(1))
    with pytest.raises(Conflict):
        service.log.record(
            [decided_user(actor, uuid4())], AppendRequest(expected_versions=expected_versions | {begun: 0})
        )


def test_what_was_decided_while_its_ground_was_taken_away_is_never_stored(
    service: Service, actor: Actor
) -> None:
    """Whatever comes first, nobody is created on the ground that a deleted user lives."""
    ground = [create(service, actor, somebody(serial)) for serial in range(6)]

    def delete_or_rest(thread: int) -> UUID | None:
        if thread < len(ground):
            service.administration.delete_user(actor, ground[thread])
            return None
        made = uuid4()
        try:
            service.log.record(
                [decided_user(actor, made)],
                AppendRequest(expected_versions={ground[thread - len(ground)]: EVENTS_OF_ONE}),
            )
        except Conflict:
            return None
        return made

    stored = at_once(2 * len(ground), delete_or_rest)[len(ground) :]

    place = {row.stream_id: row.position for row in rows(service, events)}
    assert all(made is None or place[made] < place[user] for made, user in zip(stored, ground, strict=True))


def test_a_repeat_that_lost_its_ground_to_the_first_says_so(service: Service, actor: Actor) -> None:
    scope, command_id = actor.organisation_id or UUID(int=0), uuid4()
    user_id = create(service, actor, somebody(0))
    service.administration.activate_user(actor, user_id, command_id=command_id)
    remembered = CommandRecord(scope, command_id, b"", "activate_user", None)

    with pytest.raises(DuplicateCommand):
        service.log.record(
            [decided_user(actor, uuid4())],
            AppendRequest(command=remembered, expected_versions={user_id: EVENTS_OF_ONE}),
        )


# The head


def test_the_head_of_an_empty_log_follows_from_the_page(service: Service) -> None:
    assert assert_log_is_sound(service) == 0


def test_the_head_follows_from_the_stored_rows_after_every_append(service: Service, actor: Actor) -> None:
    for serial in range(8):
        create(service, actor, somebody(serial, first_name="Ærø", means=(Means.APP,)))
        assert assert_log_is_sound(service) == 1 + (EVENTS_OF_ONE + 1) * (serial + 1)


def test_the_head_stays_right_when_somebody_is_erased(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    service.administration.delete_user(actor, user_id)

    assert assert_log_is_sound(service) == 1 + EVENTS_OF_ONE + 2


# Command ids


def test_a_command_id_used_twice_gives_the_first_answer(service: Service, actor: Actor) -> None:
    command_id = uuid4()
    first = service.administration.create_user(actor, somebody(0), command_id=command_id)
    create(service, actor, somebody(1))

    assert service.administration.create_user(actor, somebody(0), command_id=command_id) == first
    assert assert_log_is_sound(service) == 1 + 2 * EVENTS_OF_ONE


def test_a_command_id_used_by_many_threads_makes_one_user(service: Service, actor: Actor) -> None:
    command_id = uuid4()

    answers = at_once(
        8, lambda _: service.administration.create_user(actor, somebody(0), command_id=command_id)
    )

    assert len(set(answers)) == 1
    assert assert_log_is_sound(service) == 1 + EVENTS_OF_ONE


def test_an_answer_names_the_position_of_its_own_last_event(
    service: Service, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another append that commits right after this one does not show in the answer."""
    insert_events = service.log.recorder.insert_events

    def then_somebody_else_appends(*given: object, **named: object) -> object:
        monkeypatch.undo()
        done = insert_events(*given, **named)  # type: ignore[arg-type]
        create(service, actor, somebody(1))
        return done

    monkeypatch.setattr(service.log.recorder, "insert_events", then_somebody_else_appends)
    command_id = uuid4()
    answer = service.administration.create_user(actor, somebody(0), command_id=command_id)

    assert answer.position == 1 + EVENTS_OF_ONE
    assert service.administration.create_user(actor, somebody(0), command_id=command_id) == answer


def test_a_command_id_stands_for_one_command_only(service: Service, actor: Actor) -> None:
    command_id = uuid4()
    service.administration.create_user(actor, somebody(0), command_id=command_id)

    with pytest.raises(CommandIdReused):
        service.administration.create_user(actor, somebody(1), command_id=command_id)
    assert assert_log_is_sound(service) == 1 + EVENTS_OF_ONE


def test_a_command_id_raced_by_two_different_commands_stands_for_one(service: Service, actor: Actor) -> None:
    command_id = uuid4()

    def ask(thread: int) -> bool:
        try:
            service.administration.create_user(actor, somebody(thread), command_id=command_id)
        except CommandIdReused:
            return False
        return True

    assert sorted(at_once(6, ask)) == [False] * 5 + [True]


def test_another_organisation_may_use_the_same_command_id(service: Service, actor: Actor) -> None:
    command_id, other = uuid4(), register(service, "90000002")
    first = service.administration.create_user(actor, somebody(0), command_id=command_id)
    second = service.administration.create_user(other, somebody(0), command_id=command_id)

    assert first.subject != second.subject


def test_an_organisation_is_registered_once_per_command_id(service: Service) -> None:
    command_id = uuid4()
    answers = [
        service.administration.register_organisation(
            operator(), cvr="90000003", name="Prøve", command_id=command_id
        )
        for _ in range(2)
    ]

    assert answers[0] == answers[1]


def test_a_command_that_recorded_nothing_is_remembered(service: Service, actor: Actor) -> None:
    user_id, command_id = create(service, actor, somebody(0, means=(Means.APP,))), uuid4()
    first = service.administration.assign_means(actor, user_id, [Means.APP], command_id=command_id)
    service.administration.delete_user(actor, user_id)

    again = service.administration.assign_means(actor, user_id, [Means.APP], command_id=command_id)

    assert again == first == CommandResult(4, user_id)


def test_a_refusal_is_decided_again(service: Service, actor: Actor) -> None:
    user_id, command_id = create(service, actor, somebody(0)), uuid4()
    with pytest.raises(CprInUse):
        service.administration.create_user(actor, somebody(0), command_id=command_id)
    service.administration.delete_user(actor, user_id)

    assert service.administration.create_user(actor, somebody(0), command_id=command_id).subject


def test_what_is_remembered_of_a_command_holds_nothing_personal(service: Service, actor: Actor) -> None:
    service.administration.create_user(actor, somebody(0), command_id=uuid4())

    last = max(rows(service, commands), key=lambda row: row.position)
    assert last.outcome == "create_user"
    assert len(last.fingerprint) == 32


def test_an_append_that_lost_to_its_own_repeat_says_so(service: Service, actor: Actor) -> None:
    scope, command_id = actor.organisation_id or UUID(int=0), uuid4()
    service.administration.create_user(actor, somebody(0), command_id=command_id)
    remembered = CommandRecord(scope, command_id, b"", "create_user", None)

    with pytest.raises(DuplicateCommand):
        service.log.record([decided_user(actor, uuid4())], AppendRequest(command=remembered))


def test_a_repeated_deletion_is_answered_only_when_the_key_is_gone(
    service: Service, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id, command_id = create(service, actor, somebody(0)), uuid4()
    with monkeypatch.context() as broken:
        broken.setattr(UserKeyRing, "destroy", _fails)
        with pytest.raises(ConnectionError):
            service.administration.delete_user(actor, user_id, command_id=command_id)

    service.administration.delete_user(actor, user_id, command_id=command_id)

    assert rows(service, user_keys) == []


def test_a_decision_on_a_stale_user_is_taken_again(service: Service, actor: Actor) -> None:
    """Of several who activate one user, one does and the others are refused by name."""
    user_id = create(service, actor, somebody(0))

    def activate(_: int) -> bool:
        try:
            service.administration.activate_user(actor, user_id)
        except NotPending:
            return False
        return True

    assert sorted(at_once(6, activate)) == [False] * 5 + [True]


def _fails(*_: object) -> None:
    raise ConnectionError
