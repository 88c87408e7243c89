"""Every mail that is asked for is taken up by one worker at a time, until it is settled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.mail.outbox import MailState
from brugerbog.infrastructure.database.schema import link_tokens
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.service import Service
from tests.infrastructure.event_store.queued_mails import LEASE, ask_for, lease_one, link_of, mailbox_of
from tests.stores import at_once, register, rows

LATER = timedelta(days=1)


@pytest.fixture
def outbox(service: Service) -> StoredOutbox:
    return mailbox_of(service)


@pytest.fixture
def now() -> datetime:
    """Shortly after all that the test asks for; whole microseconds."""
    return datetime.now(UTC) + timedelta(hours=1)


def the_only(outbox: StoredOutbox, actor: Actor) -> tuple[MailState, int, int | None]:
    """State, attempts and code of the organisation's only mail."""
    assert actor.organisation_id is not None
    found = [one for state in MailState for one in outbox.mails(actor.organisation_id, state)]
    (status,) = found
    return status.state, status.attempts, status.code


# Claiming


def test_anyone_who_claims_gets_the_mail_as_it_was_asked_for(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = ask_for(service, actor)

    mail = lease_one(outbox, now)

    assert (mail.message, mail.attempt, mail.until) == (asked, 1, now + LEASE)
    assert the_only(outbox, actor) == (MailState.CLAIMED, 1, None)


def test_the_mail_that_is_due_longest_comes_first(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = [ask_for(service, actor).id for _ in range(3)]

    assert [lease_one(outbox, now).id for _ in range(3)] == asked


def test_nobody_else_gets_a_mail_while_it_is_leased(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    lease_one(outbox, now)

    assert outbox.lease(now + LEASE - timedelta(microseconds=1), 9, LEASE) == []


def test_a_mail_whose_lease_ran_out_is_claimed_again(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    first = lease_one(outbox, now)

    again = lease_one(outbox, now + LEASE)

    assert (again.id, again.attempt) == (first.id, 2)


def test_workers_at_once_never_get_the_same_mail(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = {ask_for(service, actor).id for _ in range(24)}

    def claim_till_none_is_left(_: int) -> list[UUID]:
        got: list[UUID] = []
        while some := outbox.lease(now, 2, LEASE):
            got += [mail.id for mail in some]
        return got

    claimed = [mail_id for got in at_once(4, claim_till_none_is_left) for mail_id in got]

    assert sorted(claimed) == sorted(asked)


def test_a_mail_is_not_due_before_its_time(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    outbox.delay(lease_one(outbox, now), now + LATER, 451)

    assert outbox.next_due() == now + LATER
    assert outbox.lease(now + LATER - timedelta(microseconds=1), 9, LEASE) == []
    assert lease_one(outbox, now + LATER).attempt == 2


# Settling


def test_a_mail_that_was_sent_is_never_claimed_again(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    outbox.mark_sent(lease_one(outbox, now), now)

    assert the_only(outbox, actor) == (MailState.SENT, 1, None)
    assert outbox.lease(now + LATER, 9, LEASE) == []
    assert outbox.next_due() is None


def test_a_mail_that_was_given_up_stays_to_be_seen_with_its_code(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    outbox.give_up(lease_one(outbox, now), now, 550)

    assert the_only(outbox, actor) == (MailState.DEAD, 1, 550)
    assert outbox.lease(now + LATER, 9, LEASE) == []


def test_a_mail_that_was_dropped_is_gone(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    outbox.drop(lease_one(outbox, now))

    assert set(outbox.counts().values()) == {0}


def test_anyone_who_lost_their_claim_can_not_delay_or_end_it(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    lost = lease_one(outbox, now)
    lease_one(outbox, now + LEASE)

    outbox.delay(lost, now + LATER, None)
    outbox.give_up(lost, now, 550)
    outbox.drop(lost)

    assert the_only(outbox, actor) == (MailState.CLAIMED, 2, None)


def test_a_sent_mail_stays_sent_after_the_lease_is_lost(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    lost = lease_one(outbox, now)
    lease_one(outbox, now + LEASE)

    outbox.mark_sent(lost, now)

    assert the_only(outbox, actor)[0] == MailState.SENT


# Trying again by hand


def test_a_dead_mail_begins_anew_when_somebody_says_so(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = ask_for(service, actor)
    outbox.give_up(lease_one(outbox, now), now, 550)

    assert outbox.retry(asked.organisation_id, asked.id, now)

    assert lease_one(outbox, now).attempt == 1


def test_a_mail_that_was_sent_can_not_begin_anew(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = ask_for(service, actor)
    outbox.mark_sent(lease_one(outbox, now), now)

    assert not outbox.retry(asked.organisation_id, asked.id, now)


def test_an_organisation_sees_and_retries_only_its_own(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = ask_for(service, actor)
    outbox.give_up(lease_one(outbox, now), now, 550)
    other = register(service, "90000002").organisation_id
    assert other is not None

    assert outbox.mails(other, MailState.DEAD) == []
    assert outbox.counts(other)[MailState.DEAD] == 0
    assert not outbox.retry(other, asked.id, now)
    assert outbox.counts()[MailState.DEAD] == 1


# Links


def test_a_link_is_found_by_its_digest(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    mail = lease_one(outbox, now)

    assert outbox.store_token(mail, b"1" * 32, link_of(mail), now)
    assert outbox.store_token(mail, b"2" * 32, link_of(mail), now)

    assert outbox.find_token(b"1" * 32) == outbox.find_token(b"2" * 32) == link_of(mail)
    assert outbox.find_token(b"3" * 32) is None


def test_anyone_who_lost_their_claim_makes_no_link(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    ask_for(service, actor)
    lost = lease_one(outbox, now)
    lease_one(outbox, now + LEASE)

    assert not outbox.store_token(lost, b"1" * 32, link_of(lost), now)
    assert rows(service, link_tokens) == []


def test_no_link_is_made_for_anyone_who_was_erased_meanwhile(
    service: Service, actor: Actor, outbox: StoredOutbox, now: datetime
) -> None:
    asked = ask_for(service, actor)
    mail = lease_one(outbox, now)
    service.administration.delete_user(actor, asked.recipient)

    assert not outbox.store_token(mail, b"1" * 32, link_of(mail), now)
    assert rows(service, link_tokens) == []


def test_a_mail_nobody_asked_for_is_nowhere(outbox: StoredOutbox, now: datetime) -> None:
    assert outbox.lease(now, 9, LEASE) == []
    assert outbox.next_due() is None
    assert not outbox.retry(uuid4(), uuid4(), now)
