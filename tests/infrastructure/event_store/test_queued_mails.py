"""A mail is asked for in the transaction of the event that calls for it, or not at all."""

from uuid import uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.reservations import reservation_for
from brugerbog.application.ports.event_log import AppendRequest, Conflict, IdentityReservation, IdentityTaken
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.infrastructure.database.schema import events, link_tokens, mail_intents
from brugerbog.service import Service
from tests.infrastructure.event_store.queued_mails import LEASE, ask_for, link_of, mailbox_of, message
from tests.stores import act_of, create, decided_user, rename, rows, somebody, user_of


def test_a_mail_is_stored_with_its_event(service: Service, actor: Actor) -> None:
    asked = ask_for(service, actor)

    (row,) = rows(service, mail_intents)
    assert (row.id, row.recipient, row.state) == (asked.id, asked.recipient, "waiting")
    assert row.next_at == row.created_at == rows(service, events)[-1].recorded_at


def test_several_mails_of_one_event_are_all_stored(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    asked = [message(actor, user_id, recipient=uuid4()) for _ in range(3)]
    service.log.record([decided_user(actor, user_id)], AppendRequest(mails=asked))

    assert {row.id for row in rows(service, mail_intents)} == {one.id for one in asked}


def test_a_row_holds_ids_only(service: Service, actor: Actor) -> None:
    ask_for(service, actor)

    (row,) = rows(service, mail_intents)
    assert not [value for value in row if "@" in str(value) or "Bo" in str(value)]


def test_an_append_that_met_a_conflict_asks_for_no_mail(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    service.log.record([decided_user(actor, user_id)], AppendRequest())

    with pytest.raises(Conflict):
        service.log.record([decided_user(actor, user_id)], AppendRequest(mails=[message(actor, user_id)]))

    assert rows(service, mail_intents) == []


def test_an_append_whose_claim_was_taken_asks_for_no_mail(service: Service, actor: Actor) -> None:
    holder = decided_user(actor, uuid4())
    service.log.record([holder], AppendRequest([reservation_for(holder, is_first=True)]))
    taken = holder.identity
    user_id = uuid4()
    claim = IdentityReservation(act_of(actor).organisation_id, user_id, taken)

    with pytest.raises(IdentityTaken):
        service.log.record(
            [decided_user(actor, user_id)], AppendRequest([claim], mails=[message(actor, user_id)])
        )

    assert rows(service, mail_intents) == []


def test_what_is_undone_asks_for_no_mail(service: Service, actor: Actor) -> None:
    with service.log.transaction() as transaction:
        ask_for(service, actor)
        transaction.rollback()

    assert rows(service, mail_intents) == []


def test_the_same_event_can_not_ask_for_the_same_mail_twice(service: Service, actor: Actor) -> None:
    user_id = uuid4()
    twice = [message(actor, user_id), message(actor, user_id)]
    service.log.record([decided_user(actor, user_id)], AppendRequest(mails=twice))

    assert len(rows(service, mail_intents)) == 1


@pytest.mark.parametrize(
    "other",
    [{"kind": MailKind.ROLE_GIVEN}, {"generation": 2}, {"detail": "role"}, {"recipient": uuid4()}],
    ids=["kind", "event", "detail", "recipient"],
)
def test_another_mail_has_another_id(actor: Actor, other: dict[str, object]) -> None:
    user_id = uuid4()

    assert message(actor, user_id).id == message(actor, user_id).id
    assert message(actor, user_id, **other).id != message(actor, user_id).id  # type: ignore[arg-type]


def test_reading_and_projecting_the_log_anew_asks_for_no_mail(service: Service, actor: Actor) -> None:
    asked = ask_for(service, actor)
    outbox = mailbox_of(service)
    now = service.queries.now()
    (mail,) = outbox.lease(now, 9, LEASE)
    outbox.mark_sent(mail, now)

    for status in service.runner.status():
        service.runner.rebuild(status.name)
    assert user_of(service, asked.recipient)

    assert outbox.lease(now + 2 * LEASE, 9, LEASE) == []
    assert [row.settled_at for row in rows(service, mail_intents)] == [microseconds(now)]


def test_erasing_somebody_takes_the_mails_to_and_about_them(service: Service, actor: Actor) -> None:
    user_id, other = (create(service, actor, somebody(serial)) for serial in range(2))
    to_him = message(actor, user_id, generation=7)
    about_him = message(actor, user_id, MailKind.ANONYMITY_REQUESTED, recipient=other)
    to_another = message(actor, other)
    user = user_of(service, other)
    service.log.record(
        [user],
        AppendRequest(
            rename(service, actor, user, "Eva").reservations, mails=[to_him, about_him, to_another]
        ),
    )

    service.administration.delete_user(actor, user_id)

    left = {row.id: row for row in rows(service, mail_intents)}
    assert to_another.id in left
    assert {row.recipient for row in left.values()} == {row.about for row in left.values()} == {other}


def test_erasing_somebody_takes_their_links(service: Service, actor: Actor) -> None:
    keep, erase = ask_for(service, actor), ask_for(service, actor)
    outbox = mailbox_of(service)
    for mail in outbox.lease(service.queries.now(), 9, LEASE):
        assert outbox.store_token(mail, mail.id.bytes * 2, link_of(mail), service.queries.now())

    service.administration.delete_user(actor, erase.recipient)

    assert [row.user_id for row in rows(service, link_tokens)] == [keep.recipient]
