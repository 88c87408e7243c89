"""The whole CPR number of a user: for who asks for it, and not without a trace."""

from uuid import uuid4

import pytest

from brugerbog.application.errors import NotAllowed
from brugerbog.domain.act import Role
from brugerbog.domain.disclosure import CprNotKnown
from brugerbog.domain.user import User
from tests.given import CPR
from tests.journeys.town import Town


def showings(town: Town) -> list[User.CprShown]:
    told = town.service.log.events_until(town.id, town.clock.now())
    return [event for _, event in told if isinstance(event, User.CprShown)]


def test_who_asks_sees_the_whole_number_and_his_name_stays_with_it(town: Town) -> None:
    chief = town.create_active("Chef")
    town.administration.give_role(town.actor, chief, Role.USER_ADMINISTRATOR)
    ida = town.create(cpr=CPR)

    answer = town.administration.show_cpr(town.seen_by(chief).actor, ida)

    assert (answer.cpr, answer.subject) == (CPR, ida)
    assert [(one.originator_id, one.actor, one.role) for one in showings(town)] == [
        (ida, chief, Role.USER_ADMINISTRATOR)
    ]


def test_the_history_tells_of_it(town: Town) -> None:
    ida = town.create(cpr=CPR)
    town.administration.show_cpr(town.actor, ida)

    assert town.transactions(ida)[-1] == "CPR-nummer vist"


def test_an_answer_does_not_show_the_number_by_itself(town: Town) -> None:
    assert CPR not in repr(town.administration.show_cpr(town.actor, town.create(cpr=CPR)))


def test_a_repeat_shows_nothing_again_and_records_nothing(town: Town) -> None:
    ida, command_id = town.create(cpr=CPR), uuid4()
    first, second = (town.administration.show_cpr(town.actor, ida, command_id=command_id) for _ in range(2))

    assert (first.cpr, first.cpr_already_shown) == (CPR, False)
    assert (second.cpr, second.cpr_already_shown) == (None, True)
    assert len(showings(town)) == 1


def test_without_a_number_and_without_the_right_there_is_nothing_to_see(town: Town) -> None:
    ida = town.create()
    with pytest.raises(CprNotKnown):
        town.administration.show_cpr(town.actor, ida)
    with pytest.raises(NotAllowed):
        town.administration.show_cpr(town.seen_by(town.create_active("Bo")).actor, ida)
    assert showings(town) == []
