"""A repeated command returns its first result and records nothing."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from brugerbog.application.actors import operator
from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import user_keys
from tests.application.catalogue import (
    COMMANDS_ON_A_USER,
)
from tests.application.commands.helpers import event_count
from tests.org_driver import BORN, OrgDriver, write_file
from tests.people import made_up_cpr
from tests.stores import rows

CPR = made_up_cpr(BORN, 0)
NOT_ON_ACTIVE_USERS = {
    "send_to_activation",
    "resend_activation_mail",
    "issue_code",
    "activate_user",
    "approve_anonymity",
    "decline_anonymity",
}
"""Commands that are refused on an active user without requests."""

SHOWN_ONCE = {"show_cpr"}
"""Commands whose repeat does not show the result again."""


@pytest.mark.parametrize("command", sorted(COMMANDS_ON_A_USER.keys() - NOT_ON_ACTIVE_USERS - SHOWN_ONCE))
def test_a_repeated_command_id_returns_the_first_result_and_records_nothing(
    org: OrgDriver, ida: UUID, command: str
) -> None:
    if command == "reactivate_user":
        org.deactivate(ida)
    if command == "resend_means_mail":
        org.administration.assign_means(org.actor, ida, [Means.CHIP])
    command_id = uuid4()
    first = COMMANDS_ON_A_USER[command](org, ida, command_id)
    org.create("Ada")
    before = event_count(org)

    assert COMMANDS_ON_A_USER[command](org, ida, command_id) == first
    assert event_count(org) == before


def test_a_repeated_creation_creates_one_user(org: OrgDriver) -> None:
    new, command_id = NewUser(first_name="Ida", surname="P", email="i@by.test", cpr=CPR), uuid4()

    first = org.administration.create_user(org.actor, new, command_id=command_id)

    assert org.administration.create_user(org.actor, new, command_id=command_id) == first
    assert len(org.users()) == 1


def test_a_repeated_registration_registers_one_organisation(org: OrgDriver) -> None:
    def register(command_id: UUID = uuid4()) -> Any:  # noqa: ANN401, B008 - the same id both times
        return org.administration.register_organisation(
            operator(), cvr="98765431", name="Nabo", command_id=command_id
        )

    assert register() == register()


def test_settings_written_in_another_order_are_the_same_command(org: OrgDriver) -> None:
    command_id, wanted = uuid4(), {"allow_anonymous": False, "ial": "substantial"}
    first = org.administration.change_settings(org.actor, wanted, command_id=command_id)

    again = org.administration.change_settings(
        org.actor, dict(reversed(wanted.items())), command_id=command_id
    )

    assert again == first


def test_a_command_that_recorded_nothing_is_not_decided_again(org: OrgDriver, ida: UUID) -> None:
    command_id = uuid4()
    org.edit(ida, phone="12345678")
    first = COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)
    org.edit(ida, phone=None)

    assert COMMANDS_ON_A_USER["edit_user"](org, ida, command_id) == first
    assert org.show(ida).phone is None


@pytest.mark.parametrize("other", sorted(COMMANDS_ON_A_USER.keys() - {"edit_user"}))
def test_a_command_id_identifies_one_command(org: OrgDriver, ida: UUID, other: str) -> None:
    command_id = uuid4()
    COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)
    before = event_count(org)

    with pytest.raises(refusals.CommandIdReused) as refusal:
        COMMANDS_ON_A_USER[other](org, ida, command_id)

    assert (refusal.value.command_id, event_count(org)) == (command_id, before)


def test_a_command_id_identifies_the_arguments_too(org: OrgDriver, ida: UUID) -> None:
    command_id, ada = uuid4(), org.create("Ada")
    COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)

    with pytest.raises(refusals.CommandIdReused):
        COMMANDS_ON_A_USER["edit_user"](org, ada, command_id)
    with pytest.raises(refusals.CommandIdReused):
        org.administration.edit_user(org.actor, ida, UserEdits(phone="87654321"), command_id=command_id)


def test_a_command_id_is_not_reused_for_an_import(org: OrgDriver, ida: UUID, tmp_path: Path) -> None:
    command_id, file = uuid4(), tmp_path / "users.csv"
    COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)
    write_file(file, [{"Aktion": "D", "UUID": str(ida)}])

    with pytest.raises(refusals.CommandIdReused):
        org.administration.import_users(org.actor, file, command_id=command_id)


def test_two_organisations_may_use_the_same_command_id(
    org: OrgDriver, neighbours: OrgDriver, ida: UUID
) -> None:
    command_id, ada = uuid4(), neighbours.create("Ada")
    COMMANDS_ON_A_USER["edit_user"](org, ida, command_id)

    COMMANDS_ON_A_USER["edit_user"](neighbours, ada, command_id)

    assert neighbours.names() == ["Ada"]


def test_a_refused_command_is_decided_again(org: OrgDriver, ida: UUID) -> None:
    command_id = uuid4()
    with pytest.raises(refused.NotDeactivated):
        COMMANDS_ON_A_USER["reactivate_user"](org, ida, command_id)
    org.deactivate(ida)

    COMMANDS_ON_A_USER["reactivate_user"](org, ida, command_id)

    assert org.show(ida).status is Status.ACTIVE


@pytest.mark.parametrize("repeat", ["edit_user", "place_user", "assign_means", "deactivate_user"])
def test_a_change_to_the_same_values_records_nothing(org: OrgDriver, ida: UUID, repeat: str) -> None:
    COMMANDS_ON_A_USER[repeat](org, ida, None)
    before = event_count(org)

    COMMANDS_ON_A_USER[repeat](org, ida, None)

    assert event_count(org) == before


@pytest.mark.parametrize(
    ("repeat", "refusal"),
    [
        ("activate_user", refused.NotPending),
        ("reactivate_user", refused.NotDeactivated),
        ("delete_user", refused.AlreadyDeleted),
    ],
)
def test_a_command_that_works_once_is_refused_the_second_time(
    org: OrgDriver, repeat: str, refusal: type[Refusal]
) -> None:
    user_id = org.create()
    if repeat == "reactivate_user":
        org.administration.activate_user(org.actor, user_id)
        org.deactivate(user_id)
    COMMANDS_ON_A_USER[repeat](org, user_id, None)

    with pytest.raises(refusal):
        COMMANDS_ON_A_USER[repeat](org, user_id, None)


def test_a_repeated_deletion_succeeds_once_the_keys_are_destroyed(
    org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_id = uuid4()
    with monkeypatch.context() as patch:
        patch.setattr(type(org.service.log.keys), "destroy", _database_is_locked)
        with pytest.raises(OperationalError):
            COMMANDS_ON_A_USER["delete_user"](org, ida, command_id)

    COMMANDS_ON_A_USER["delete_user"](org, ida, command_id)

    assert ida not in {row.user_id for row in rows(org.service, user_keys)}


def _database_is_locked(*_: object) -> None:
    raise OperationalError("", {}, Exception("database is locked"))
