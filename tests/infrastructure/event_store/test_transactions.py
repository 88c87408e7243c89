"""Several records that are one: all of them, or nothing."""

from concurrent.futures import ThreadPoolExecutor, wait
from uuid import uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.ports.event_log import AppendRequest, Conflict, IdentityTaken
from brugerbog.infrastructure.database.schema import events
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, decided_user, everything, rename, rows, somebody, user_of, without_cpr


def test_what_is_recorded_together_is_there_afterwards(service: Service, actor: Actor) -> None:
    one, two = uuid4(), uuid4()
    with service.log.transaction():
        service.log.record([decided_user(actor, one)], AppendRequest())
        service.log.record([decided_user(actor, two)], AppendRequest())

    assert [row.stream_id for row in rows(service, events)[1:]] == [one, two]
    assert assert_log_is_sound(service) == 3


def test_what_is_undone_leaves_nothing_in_the_log(service: Service, actor: Actor) -> None:
    before = everything(service)
    with service.log.transaction() as transaction:
        service.log.record([decided_user(actor, uuid4())], AppendRequest())
        transaction.rollback()

    after = everything(service)
    assert {name for name in before if before[name] != after[name]} <= {"user_keys"}


def test_an_actor_is_never_seen_as_in_an_undone_transaction(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))

    def call_him(first_name: str) -> str:
        user = user_of(service, user_id)
        service.log.record([user], rename(service, actor, user, first_name))
        person = service.log.acting_user(user_id)
        assert person is not None
        return str(person.first_name)

    with service.log.transaction() as transaction:
        assert call_him("Forkert") == "Forkert"
        transaction.rollback()

    assert call_him("Rigtig") == "Rigtig"


def test_an_error_on_the_way_leaves_nothing_in_the_log(service: Service, actor: Actor) -> None:
    def record_and_fail() -> None:
        with service.log.transaction():
            service.log.record([decided_user(actor, uuid4())], AppendRequest())
            raise ConnectionError

    with pytest.raises(ConnectionError):
        record_and_fail()

    assert assert_log_is_sound(service) == 1


def test_nobody_else_sees_it_before_the_end(service: Service, actor: Actor) -> None:
    """In memory whoever looks waits for the end; elsewhere he sees what was before."""
    user_id = uuid4()
    with ThreadPoolExecutor(1) as other:
        with service.log.transaction():
            service.log.record([decided_user(actor, user_id)], AppendRequest())
            looking = other.submit(service.log.user, user_id)
            wait([looking], timeout=0.3)
            seen_meanwhile = looking.result() if looking.done() else None
        looking.result(timeout=20)

    assert seen_meanwhile is None
    assert user_of(service, user_id)


def test_a_writer_reads_its_own_writes(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    with service.log.transaction():
        service.log.record([decided_user(actor, user_id)], AppendRequest())
        first_name = user_of(service, user_id).first_name

    assert first_name == "Bo"


def test_a_user_can_be_created_and_changed_together(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    with service.log.transaction():
        user = decided_user(actor, user_id)
        service.log.record([user], AppendRequest())
        service.log.record([user], rename(service, actor, user, "Eva"))

    assert user_of(service, user_id).first_name == "Eva"


def test_nobody_else_appends_from_its_beginning_on(service: Service, actor: Actor) -> None:
    """Also before its first record: what was looked at is still so when it is recorded."""
    with ThreadPoolExecutor(1) as other:
        with service.log.transaction():
            creating = other.submit(create, service, actor, somebody(0))
            with pytest.raises(TimeoutError):
                creating.result(timeout=0.5)
        assert creating.result(timeout=20)


def test_a_conflict_on_the_way_keeps_its_name(service: Service, actor: Actor) -> None:
    holder = create(service, actor, without_cpr(first_name="Eva"))
    user = user_of(service, create(service, actor, without_cpr()))
    before = everything(service)

    with pytest.raises(IdentityTaken) as taken, service.log.transaction():
        service.log.record([user], rename(service, actor, user, "Eva"))

    assert taken.value.holder == holder
    assert everything(service) == before


def test_of_a_record_that_met_a_conflict_nothing_stays_even_if_one_goes_on(
    service: Service, actor: Actor
) -> None:
    create(service, actor, without_cpr(first_name="Eva"))
    user = user_of(service, create(service, actor, without_cpr()))
    before = assert_log_is_sound(service)
    kept = uuid4()

    with service.log.transaction():
        with pytest.raises(Conflict):
            service.log.record([user], rename(service, actor, user, "Eva"))
        service.log.record([decided_user(actor, kept)], AppendRequest())

    assert user_of(service, user.id).first_name == "Ida"
    assert user_of(service, kept)
    assert assert_log_is_sound(service) == before + 1


def test_a_transaction_that_ends_in_another_thread_is_not_stored_and_holds_up_nobody(
    service: Service, actor: Actor
) -> None:
    before = len(rows(service, events))
    transaction = service.log.transaction()
    transaction.__enter__()
    service.log.record([decided_user(actor, uuid4())], AppendRequest())

    with ThreadPoolExecutor() as other, pytest.raises(RuntimeError, match="thread that began it"):
        other.submit(transaction.__exit__, None, None, None).result(timeout=30)

    assert len(rows(service, events)) == before
    assert not service.log.in_transaction
    create(service, actor, somebody(0))
    with ThreadPoolExecutor() as other:
        other.submit(create, service, actor, somebody(1)).result(timeout=30)
    assert_log_is_sound(service)


def test_a_transaction_is_not_stored_while_one_inside_it_is_open(service: Service, actor: Actor) -> None:
    before = len(rows(service, events))
    outer, inner = service.log.transaction(), service.log.transaction()
    outer.__enter__()
    inner.__enter__()
    service.log.record([decided_user(actor, uuid4())], AppendRequest())

    with pytest.raises(RuntimeError, match="still open"):
        outer.__exit__(None, None, None)

    assert len(rows(service, events)) == before
