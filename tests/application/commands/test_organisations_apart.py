"""Commands and queries concern users of the actor's organisation only."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import Actor, operator
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values.status import Status
from tests.application.catalogue import (
    COMMANDS,
    COMMANDS_ON_A_USER,
    EVERYTHING,
    LENIENT_COMMANDS_ON_A_USER,
    QUESTIONS_ON_A_USER,
)
from tests.application.commands.helpers import event_count
from tests.given import P_NUMBER
from tests.org_driver import BORN, Town
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 0)
ON_ONESELF = {"request_anonymity", "withdraw_consent", "end_own_sessions"} | {
    *("myself", "menu", "anonymity_terms", "own_sessions")
}
"""Operations of users on themselves, which the operator doesn't have."""


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_an_unknown_user_is_refused_with_the_id(town: Town, command: str) -> None:
    unknown_id = uuid4()

    with pytest.raises(refusals.UserUnknown) as refusal:
        COMMANDS[command].call(town, unknown_id, None)

    assert refusal.value.user_id == unknown_id


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_the_id_of_an_organisation_is_an_unknown_user(town: Town, command: str) -> None:
    with pytest.raises(refusals.UserUnknown):
        COMMANDS[command].call(town, town.id, None)


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER)
def test_a_deleted_user_is_refused(town: Town, ida: UUID, command: str) -> None:
    town.delete(ida)
    before = event_count(town)

    with pytest.raises(refused.AlreadyDeleted):
        COMMANDS_ON_A_USER[command](town, ida, None)

    assert event_count(town) == before


@pytest.mark.parametrize("operation", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER | QUESTIONS_ON_A_USER)
def test_a_user_of_another_organisation_is_unknown(
    town: Town, neighbours: Town, ida: UUID, operation: str
) -> None:
    before = event_count(town)

    with pytest.raises(refusals.UserUnknown):
        EVERYTHING[operation].call(neighbours, ida, None)

    assert event_count(town) == before


def test_users_of_another_organisation_are_not_sent_to_activation(
    town: Town, neighbours: Town, tmp_path: Path
) -> None:
    own, others = town.import_people(tmp_path, 1), neighbours.import_people(tmp_path, 1)

    with pytest.raises(refusals.UserUnknown):
        town.administration.send_many_to_activation(town.actor, own + others)
    assert town.show(own[0]).status is Status.IMPORTED


def test_lists_have_users_of_the_own_organisation_only(town: Town, neighbours: Town, ida: UUID) -> None:
    ada = neighbours.create("Ada", p_number=P_NUMBER, email="ida@by.test")

    for asked in ({}, {"at": town.clock.now()}):
        assert town.ids(**asked) == [ida]
        assert town.ids(search=str(ada), **asked) == []
        assert town.ids(p_number=P_NUMBER, **asked) == []
        assert neighbours.ids(search="ida@by.test", **asked) == [ada]


def test_one_person_may_be_a_user_of_two_organisations(town: Town, neighbours: Town) -> None:
    assert town.create(cpr=CPR) != neighbours.create(cpr=CPR)


def test_each_organisation_has_its_own_settings(town: Town, neighbours: Town) -> None:
    neighbours.administration.change_settings(neighbours.actor, {"allow_anonymous": False})

    assert town.queries.organisation(town.actor).settings.allow_anonymous


@pytest.mark.parametrize("organisation_id", [None, UUID(int=1)])
@pytest.mark.parametrize("operation", sorted(EVERYTHING.keys() - {"register_organisation"} - ON_ONESELF))
def test_no_operation_works_without_a_registered_organisation(
    town: Town, operation: str, organisation_id: UUID | None
) -> None:
    elsewhere = Town(town.service, operator(organisation_id), town.clock)

    with pytest.raises(refusals.OrganisationUnknown):
        EVERYTHING[operation].call(elsewhere, uuid4(), None)


def test_an_unknown_actor_may_not_register_an_organisation(town: Town) -> None:
    with pytest.raises(refusals.NotAllowed):
        town.administration.register_organisation(Actor(uuid4(), None), cvr="99999999", name="By")


def test_a_repeat_by_an_actor_without_roles_is_refused(town: Town, ida: UUID) -> None:
    command_id = uuid4()
    COMMANDS_ON_A_USER["edit_user"](town, ida, command_id)

    with pytest.raises(refusals.NotAllowed):
        COMMANDS_ON_A_USER["edit_user"](town.seen_by(ida), ida, command_id)
