"""The whole CPR number of a user is shown on request, recorded, and limited."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from brugerbog.application.mail.outbox import MailState
from brugerbog.application.ports.observation import CounterName
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.application.rate_limits import CprLimitMet
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.clients import CLIENT_ROLES
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.disclosure import CprNotKnown
from brugerbog.domain.user.user import User
from tests.given import CPR
from tests.org_driver import OrgDriver


def showings(org: OrgDriver) -> list[User.CprShown]:
    told = org.service.log.events_until(org.id, org.clock.now())
    return [event for _, event in told if isinstance(event, User.CprShown)]


def test_the_whole_number_is_shown_and_its_reader_recorded(org: OrgDriver) -> None:
    chief = org.create_active("Chef")
    org.administration.give_role(org.actor, chief, Role.USER_ADMINISTRATOR)
    ida = org.create(cpr=CPR)

    answer = org.administration.show_cpr(org.seen_by(chief).actor, ida)

    assert (answer.cpr, answer.subject) == (CPR, ida)
    assert [(one.originator_id, one.actor, one.role) for one in showings(org)] == [
        (ida, chief, Role.USER_ADMINISTRATOR)
    ]


def test_the_history_shows_it(org: OrgDriver) -> None:
    ida = org.create(cpr=CPR)
    org.administration.show_cpr(org.actor, ida)

    assert org.transactions(ida)[-1] == "CPR-nummer vist"


def test_an_answer_does_not_show_the_number_by_itself(org: OrgDriver) -> None:
    assert CPR not in repr(org.administration.show_cpr(org.actor, org.create(cpr=CPR)))


def test_a_repeat_shows_nothing_again_and_records_nothing(org: OrgDriver) -> None:
    ida, command_id = org.create(cpr=CPR), uuid4()
    first, second = (org.administration.show_cpr(org.actor, ida, command_id=command_id) for _ in range(2))

    assert (first.cpr, first.cpr_already_shown) == (CPR, False)
    assert (second.cpr, second.cpr_already_shown) == (None, True)
    assert len(showings(org)) == 1


def thirty_seen(org: OrgDriver, role: Role = Role.USER_ADMINISTRATOR) -> tuple[OrgDriver, UUID]:
    """Somebody who has just seen as many numbers as may be in a minute, and whose they were."""
    org.administration.give_role(org.actor, org.create_active("Ole"), Role.ORGANISATION_ADMINISTRATOR)
    chief, ida = org.create_active("Chef"), org.create(cpr=CPR)
    org.administration.give_role(org.actor, chief, role)
    theirs = org.seen_by(chief)
    for _ in range(30):
        theirs.administration.show_cpr(theirs.actor, ida)
    return theirs, ida


def test_numbers_are_shown_thirty_a_minute_to_one_and_five_hundred_a_day(org: OrgDriver) -> None:
    theirs, ida = thirty_seen(org)
    with pytest.raises(CprLimitMet) as met:
        theirs.administration.show_cpr(theirs.actor, ida)
    assert 1 <= met.value.retry_after <= 120
    assert len(showings(org)) == 30

    shown = 30
    for _ in range(40):
        org.clock.advance(timedelta(minutes=2))
        with suppress(CprLimitMet):
            for _ in range(30):
                theirs.administration.show_cpr(theirs.actor, ida)
                shown += 1
    assert shown == len(showings(org)) == 500


def test_the_limit_is_each_one_s_own_and_the_operator_has_none(org: OrgDriver) -> None:
    theirs, ida = thirty_seen(org)
    other = org.create_active("Else")
    org.administration.give_role(org.actor, other, Role.USER_ADMINISTRATOR)
    for actor in (org.seen_by(other).actor, *[org.actor] * 31):
        assert org.administration.show_cpr(actor, ida).cpr == CPR
    with pytest.raises(CprLimitMet):
        theirs.administration.show_cpr(theirs.actor, ida)


def test_a_mail_a_day_informs_organisation_administrators_of_the_limit(org: OrgDriver) -> None:
    theirs, ida = thirty_seen(org)
    for _ in range(3):
        with pytest.raises(CprLimitMet):
            theirs.administration.show_cpr(theirs.actor, ida)

    told = org.service.log.events_until(org.id, org.clock.now())
    met = [event for _, event in told if isinstance(event, Organisation.CprLimitMet)]
    assert [(one.actor, one.door) for one in met] == [(theirs.actor.id, theirs.actor.door)]
    mails = org.queries.mails(org.actor, MailState.WAITING)
    ole = org.queries.organisation(org.actor).holders_of(Role.ORGANISATION_ADMINISTRATOR)
    assert [one.recipient for one in mails if one.kind is MailKind.CPR_LIMIT_MET] == ole


def test_a_repeat_of_what_was_shown_counts_once(org: OrgDriver) -> None:
    theirs, ida = thirty_seen(org)
    org.clock.advance(timedelta(minutes=2))
    command_id = uuid4()
    answers = [theirs.administration.show_cpr(theirs.actor, ida, command_id=command_id) for _ in range(40)]
    assert answers[-1].cpr_already_shown


@pytest.mark.parametrize("role", CLIENT_ROLES)
def test_a_client_sees_a_number_only_if_it_was_given_just_that(org: OrgDriver, role: Role) -> None:
    ida = org.create(cpr=CPR)
    client = org.administration.create_client(org.actor, "Løn", [role]).subject
    assert client is not None
    if role is Role.CPR_READER:
        assert org.administration.show_cpr(org.seen_by(client).actor, ida).cpr == CPR
    else:
        with pytest.raises(NotAllowed):
            org.administration.show_cpr(org.seen_by(client).actor, ida)


def test_what_was_shown_is_counted_by_door_and_a_repeat_is_not(
    org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[CounterName, str, int]] = []
    monkeypatch.setattr(org.service.observer, "count", lambda *said: counted.append(said))
    ida, command_id = org.create(cpr=CPR), uuid4()
    for _ in range(2):
        org.administration.show_cpr(org.actor, ida, command_id=command_id)
    assert counted == [(CounterName.CPR_SHOWN, "embedded", 1)]


def test_without_a_number_and_without_the_right_there_is_nothing_to_see(org: OrgDriver) -> None:
    ida = org.create()
    with pytest.raises(CprNotKnown):
        org.administration.show_cpr(org.actor, ida)
    with pytest.raises(NotAllowed):
        org.administration.show_cpr(org.seen_by(org.create_active("Bo")).actor, ida)
    assert showings(org) == []
