"""Users are synchronised with the organisation's directory, by user name and external id."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.queries.user_list import UserQuery, UserView
from brugerbog.application.refusals.requests import UserNameInUse
from brugerbog.domain.kernel.refusals import Refusals
from brugerbog.domain.user.directory_account import DirectoryAccountInvalid
from brugerbog.domain.user.refusals import NeverActivated
from brugerbog.domain.values.characters import ControlCharacter
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.clock import ONE_SECOND
from tests.org_driver import BORN, Town
from tests.people import made_up_cpr


def align(town: Town, user_id: UUID, **said: Any) -> None:  # noqa: ANN401
    active = said.pop("active", None)
    town.administration.align_user(town.actor, user_id, UserEdits(**said), active=active)


def user(town: Town, user_id: UUID) -> UserView:
    return town.queries.user(town.actor, user_id)


def test_a_user_is_found_by_user_name_and_until_then_by_address(town: Town) -> None:
    ida = town.create("Ida", email="Ida@by.test")
    town.create("Bo", email="bo@by.test", user_name="Bø@Katalog", external_id="e-2")

    assert town.names(account="ida@BY.test") == ["Ida"]
    assert town.names(account="bØ@katalog") == town.names(external_id="e-2") == ["Bo"]
    assert town.names(account="bo@by.test") == town.names(external_id="E-2") == []

    town.edit(ida, user_name="ida@katalog")
    assert town.names(account="ida@by.test") == []
    town.edit(ida, user_name=None)
    assert town.names(account="ida@by.test") == ["Ida"]


def test_no_two_living_users_of_an_organisation_have_one_user_name(town: Town, neighbours: Town) -> None:
    ida = town.create("Ida", user_name="ida@katalog")
    bo = town.create("Bo")
    neighbours.create("Ida", user_name="ida@katalog")

    with pytest.raises(UserNameInUse) as refused:
        town.edit(bo, user_name="IDA@katalog")
    assert refused.value.user_id == ida
    with pytest.raises(UserNameInUse):
        town.create("Eva", user_name="ida@katalog")

    town.edit(ida, user_name="ida2@katalog")
    town.edit(bo, user_name="ida@katalog")
    town.delete(bo)
    town.edit(ida, user_name="ida@katalog")


@pytest.mark.parametrize("text", ["x" * 257, "to\nlinjer"])
def test_a_user_name_of_the_directory_is_one_line_of_limited_length(town: Town, text: str) -> None:
    with pytest.raises((DirectoryAccountInvalid, ControlCharacter, Refusals)):
        town.create(user_name=text)


def test_editing_and_deactivating_are_one_command_with_all_or_no_effect(town: Town) -> None:
    active, pending = town.create_active("Ida"), town.create("Bo")

    align(town, active, phone="12345678", active=False)
    ida = user(town, active)
    assert (ida.phone, ida.status, ida.deactivated_to) == ("12345678", Status.DEACTIVATED, None)

    with pytest.raises(NeverActivated):
        align(town, pending, phone="12345678", active=False)
    assert user(town, pending).phone is None

    align(town, active, active=True)
    assert user(town, active).status is Status.ACTIVE


def test_equal_values_record_nothing(town: Town) -> None:
    user_id = town.create_active("Ida", user_name="ida@katalog", means=(Means.APP,))
    town.deactivate(user_id, town.clock.now().date(), town.clock.now().date() + timedelta(days=3))
    before = user(town, user_id)

    align(town, user_id, active=False, user_name="ida@katalog", email="ida@by.test")

    assert user(town, user_id) == before


def test_the_version_of_a_user_is_that_of_the_last_change_of_shown_data(town: Town) -> None:
    user_id = town.create("Ida", cpr=made_up_cpr(BORN, 0))
    town.clock.advance(ONE_SECOND)
    town.administration.show_cpr(town.actor, user_id)
    before = user(town, user_id)
    town.clock.advance(ONE_SECOND)
    town.edit(user_id, phone="12345678")

    after = user(town, user_id)
    assert after.version == town.service.log.last_versions([user_id])[user_id] == before.version + 2
    assert (before.changed_at, after.changed_at) == (before.created_at, town.clock.now())


def test_an_anonymous_user_takes_over_user_name_and_external_id(town: Town) -> None:
    user_id = town.create_active("Ida", user_name="ida@katalog", external_id="e-1")
    town.administration.request_anonymity(town.seen_by(user_id).actor, accepts_losing_rights=True)
    new = town.administration.approve_anonymity(town.actor, user_id).subject

    page = town.queries.users(town.actor, UserQuery(account="ida@katalog"))
    assert [(one.id, one.external_id, one.anonymous) for one in page.users] == [(new, "e-1", True)]


def test_users_are_counted_and_skipped_by_number(town: Town) -> None:
    for name in ("Ane", "Bo", "Eva"):
        town.create(name, email=f"{name}@by.test")

    assert town.queries.how_many(town.actor, UserQuery()) == 3
    assert town.queries.how_many(town.actor, UserQuery(search="bo")) == 1
    page = town.queries.users(town.actor, UserQuery(skip=1, limit=1))
    assert [user.first_name for user in page.users] == ["Bo"]
