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
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 0)
ON_ONESELF = {"request_anonymity", "withdraw_consent", "end_own_sessions"} | {
    *("myself", "menu", "anonymity_terms", "own_sessions")
}
"""Operations of users on themselves, which the operator doesn't have."""


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_an_unknown_user_is_refused_with_the_id(org: OrgDriver, command: str) -> None:
    unknown_id = uuid4()

    with pytest.raises(refusals.UserUnknown) as refusal:
        COMMANDS[command].call(org, unknown_id, None)

    assert refusal.value.user_id == unknown_id


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER)
def test_the_id_of_an_organisation_is_an_unknown_user(org: OrgDriver, command: str) -> None:
    with pytest.raises(refusals.UserUnknown):
        COMMANDS[command].call(org, org.id, None)


@pytest.mark.parametrize("command", COMMANDS_ON_A_USER)
def test_a_deleted_user_is_refused(org: OrgDriver, ida: UUID, command: str) -> None:
    org.delete(ida)
    before = event_count(org)

    with pytest.raises(refused.AlreadyDeleted):
        COMMANDS_ON_A_USER[command](org, ida, None)

    assert event_count(org) == before


@pytest.mark.parametrize("operation", COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER | QUESTIONS_ON_A_USER)
def test_a_user_of_another_organisation_is_unknown(
    org: OrgDriver, neighbours: OrgDriver, ida: UUID, operation: str
) -> None:
    before = event_count(org)

    with pytest.raises(refusals.UserUnknown):
        EVERYTHING[operation].call(neighbours, ida, None)

    assert event_count(org) == before


def test_users_of_another_organisation_are_not_sent_to_activation(
    org: OrgDriver, neighbours: OrgDriver, tmp_path: Path
) -> None:
    own, others = org.import_people(tmp_path, 1), neighbours.import_people(tmp_path, 1)

    with pytest.raises(refusals.UserUnknown):
        org.administration.send_many_to_activation(org.actor, own + others)
    assert org.show(own[0]).status is Status.IMPORTED


def test_lists_have_users_of_the_own_organisation_only(
    org: OrgDriver, neighbours: OrgDriver, ida: UUID
) -> None:
    ada = neighbours.create("Ada", p_number=P_NUMBER, email="ida@by.test")

    for asked in ({}, {"at": org.clock.now()}):
        assert org.ids(**asked) == [ida]
        assert org.ids(search=str(ada), **asked) == []
        assert org.ids(p_number=P_NUMBER, **asked) == []
        assert neighbours.ids(search="ida@by.test", **asked) == [ada]


def test_one_person_may_be_a_user_of_two_organisations(org: OrgDriver, neighbours: OrgDriver) -> None:
    assert org.create(cpr=CPR) != neighbours.create(cpr=CPR)


def test_each_organisation_has_its_own_settings(org: OrgDriver, neighbours: OrgDriver) -> None:
    neighbours.administration.change_settings(neighbours.actor, {"allow_anonymous": False})

    assert org.queries.organisation(org.actor).settings.allow_anonymous


@pytest.mark.parametrize("organisation_id", [None, UUID(int=1)])
@pytest.mark.parametrize("operation", sorted(EVERYTHING.keys() - {"register_organisation"} - ON_ONESELF))
def test_no_operation_works_without_a_registered_organisation(
    org: OrgDriver, operation: str, organisation_id: UUID | None
) -> None:
    elsewhere = OrgDriver(org.service, operator(organisation_id), org.clock)

    with pytest.raises(refusals.OrganisationUnknown):
        EVERYTHING[operation].call(elsewhere, uuid4(), None)


def test_an_unknown_actor_may_not_register_an_organisation(org: OrgDriver) -> None:
    with pytest.raises(refusals.NotAllowed):
        org.administration.register_organisation(Actor(uuid4(), None), cvr="99999999", name="By")


def test_a_repeat_by_an_actor_without_roles_is_refused(org: OrgDriver, ida: UUID) -> None:
    command_id = uuid4()
    COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)

    with pytest.raises(refusals.NotAllowed):
        COMMANDS_ON_A_USER["edit_user"](org.seen_by(ida), ida, command_id)
