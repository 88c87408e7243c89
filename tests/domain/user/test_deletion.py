from datetime import date

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.refusals import AlreadyDeleted, CannotDeleteOneself
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    NOON,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    moment,
    now,
)

PERSONAL = ("first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text")
KINDS = [
    [an_imported_user()],
    [a_user()],
    [a_user(), activated],
    [a_user(), activated, deactivated("2026-03-20")],
]


@pytest.mark.parametrize("steps", KINDS, ids=["imported", "pending", "active", "deactivated"])
def test_any_user_can_be_deleted(steps: list[Step], given: Given, when: When, then: Then) -> None:
    given(*steps)
    when(User.delete, retention_days=0)
    user = then((User.Deleted, {"erase_on": None}), User.PersonalDataErased)
    assert user.status_at(NOON) is Status.DELETED


def test_without_retention_the_personal_data_is_erased_at_once(given: Given) -> None:
    user = given(a_user(cpr=CPR, phone="12345678", reference_text="Hold 4"), deleted())
    assert {name: getattr(user, name) for name in PERSONAL} == dict.fromkeys(PERSONAL, ERASED)


def test_with_retention_the_day_of_erasure_is_recorded(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.delete, retention_days=30)
    user = then((User.Deleted, {"erase_on": date(2026, 4, 19)}))
    assert user.first_name == "Anne"


def test_retention_is_counted_from_the_day_in_copenhagen(given: Given, when: When, then: Then) -> None:
    given(a_user(), now("2026-06-30T22:30:00+00:00"))
    when(User.delete, retention_days=1)
    then((User.Deleted, {"erase_on": date(2026, 7, 2)}))


@pytest.mark.parametrize("retention_days", [0, 30])
def test_a_deleted_user_s_cpr_number_is_free_again(retention_days: int, given: Given) -> None:
    assert given(a_user(cpr=CPR), deleted(retention_days=retention_days)).identity is None


@pytest.mark.parametrize("retention_days", [0, 30])
def test_deletion_is_final(retention_days: int, given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), deleted(retention_days=retention_days))
    when(User.delete, retention_days=0)
    then_refused(AlreadyDeleted, user_id=USER)


def test_a_deactivation_does_not_outlive_the_user(given: Given) -> None:
    user = given(a_user(), activated, deactivated("2026-03-20", "2026-03-22"), deleted())
    for instant in ("2026-03-21T12:00:00+01:00", "2026-03-23T12:00:00+01:00"):
        assert user.status_at(moment(instant)) is Status.DELETED


def test_users_cannot_delete_themselves(
    given: Given, when: When, then_refused: Then, scenario: Scenario
) -> None:
    given(a_user())
    scenario.actor = USER
    when(User.delete, retention_days=0)
    then_refused(CannotDeleteOneself, user_id=USER)
