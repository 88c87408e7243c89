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
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr


def align(org: OrgDriver, user_id: UUID, **said: Any) -> None:  # noqa: ANN401
    active = said.pop("active", None)
    org.administration.align_user(org.actor, user_id, UserEdits(**said), active=active)


def user(org: OrgDriver, user_id: UUID) -> UserView:
    return org.queries.user(org.actor, user_id)


def test_a_user_is_found_by_user_name_and_until_then_by_address(org: OrgDriver) -> None:
    ida = org.create("Ida", email="Ida@by.test")
    org.create("Bo", email="bo@by.test", user_name="Bø@Katalog", external_id="e-2")

    assert org.names(account="ida@BY.test") == ["Ida"]
    assert org.names(account="bØ@katalog") == org.names(external_id="e-2") == ["Bo"]
    assert org.names(account="bo@by.test") == org.names(external_id="E-2") == []

    org.edit(ida, user_name="ida@katalog")
    assert org.names(account="ida@by.test") == []
    org.edit(ida, user_name=None)
    assert org.names(account="ida@by.test") == ["Ida"]


def test_no_two_living_users_of_an_organisation_have_one_user_name(
    org: OrgDriver, neighbours: OrgDriver
) -> None:
    ida = org.create("Ida", user_name="ida@katalog")
    bo = org.create("Bo")
    neighbours.create("Ida", user_name="ida@katalog")

    with pytest.raises(UserNameInUse) as refused:
        org.edit(bo, user_name="IDA@katalog")
    assert refused.value.user_id == ida
    with pytest.raises(UserNameInUse):
        org.create("Eva", user_name="ida@katalog")

    org.edit(ida, user_name="ida2@katalog")
    org.edit(bo, user_name="ida@katalog")
    org.delete(bo)
    org.edit(ida, user_name="ida@katalog")


@pytest.mark.parametrize("text", ["x" * 257, "to\nlinjer"])
def test_a_user_name_of_the_directory_is_one_line_of_limited_length(org: OrgDriver, text: str) -> None:
    with pytest.raises((DirectoryAccountInvalid, ControlCharacter, Refusals)):
        org.create(user_name=text)


def test_editing_and_deactivating_are_one_command_with_all_or_no_effect(org: OrgDriver) -> None:
    active, pending = org.create_active("Ida"), org.create("Bo")

    align(org, active, phone="12345678", active=False)
    ida = user(org, active)
    assert (ida.phone, ida.status, ida.deactivated_to) == ("12345678", Status.DEACTIVATED, None)

    with pytest.raises(NeverActivated):
        align(org, pending, phone="12345678", active=False)
    assert user(org, pending).phone is None

    align(org, active, active=True)
    assert user(org, active).status is Status.ACTIVE


def test_equal_values_record_nothing(org: OrgDriver) -> None:
    user_id = org.create_active("Ida", user_name="ida@katalog", means=(Means.APP,))
    org.deactivate(user_id, org.clock.now().date(), org.clock.now().date() + timedelta(days=3))
    before = user(org, user_id)

    align(org, user_id, active=False, user_name="ida@katalog", email="ida@by.test")

    assert user(org, user_id) == before


def test_the_version_of_a_user_is_that_of_the_last_change_of_shown_data(org: OrgDriver) -> None:
    user_id = org.create("Ida", cpr=made_up_cpr(BORN, 0))
    org.clock.advance(ONE_SECOND)
    org.administration.show_cpr(org.actor, user_id)
    before = user(org, user_id)
    org.clock.advance(ONE_SECOND)
    org.edit(user_id, phone="12345678")

    after = user(org, user_id)
    assert after.version == org.service.log.last_versions([user_id])[user_id] == before.version + 2
    assert (before.changed_at, after.changed_at) == (before.created_at, org.clock.now())


def test_an_anonymous_user_takes_over_user_name_and_external_id(org: OrgDriver) -> None:
    user_id = org.create_active("Ida", user_name="ida@katalog", external_id="e-1")
    org.administration.request_anonymity(org.seen_by(user_id).actor, accepts_losing_rights=True)
    new = org.administration.approve_anonymity(org.actor, user_id).subject

    page = org.queries.users(org.actor, UserQuery(account="ida@katalog"))
    assert [(one.id, one.external_id, one.anonymous) for one in page.users] == [(new, "e-1", True)]


def test_users_are_counted_and_skipped_by_number(org: OrgDriver) -> None:
    for name in ("Ane", "Bo", "Eva"):
        org.create(name, email=f"{name}@by.test")

    assert org.queries.how_many(org.actor, UserQuery()) == 3
    assert org.queries.how_many(org.actor, UserQuery(search="bo")) == 1
    page = org.queries.users(org.actor, UserQuery(skip=1, limit=1))
    assert [user.first_name for user in page.users] == ["Bo"]
