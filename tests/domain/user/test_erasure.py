"""The schedule erases the personal data of a deleted user once, after the retention period."""

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Means, SharedMeans
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    NOON,
    SHARED,
    Scenario,
    Step,
    a_user,
    activated,
    asking_for_anonymity,
    deleted,
    given_means,
    now,
    today,
)

LONG_AFTER = today("2027-01-01")


def erased(scenario: Scenario) -> None:
    scenario.execute(User.erase, scenario.aggregate.deletion_generation)


@pytest.mark.parametrize("instant", ["2026-04-19T00:00:00+02:00", "2027-01-01T12:00:00+01:00"])
def test_the_personal_data_of_a_deleted_user_is_erased_after_the_retention_period(
    instant: str, given: Given, when: When, then: Then
) -> None:
    user = given(a_user(cpr=CPR), deleted(retention_days=30), now(instant))
    assert when(User.erase, user.deletion_generation) is True
    erased_user = then(User.PersonalDataErased)
    assert (erased_user.cpr, erased_user.first_name, erased_user.erased) == (ERASED, ERASED, True)


def test_the_personal_data_of_a_deleted_user_is_kept_until_then(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), deleted(retention_days=30), now("2026-04-18T23:59:59.999999+02:00"))
    assert when(User.erase, user.deletion_generation) is False
    then_nothing_happened()


@pytest.mark.parametrize(
    "steps",
    [[], [deleted()], [deleted(retention_days=30), LONG_AFTER, erased]],
    ids=["alive", "gone at once", "gone already"],
)
def test_there_may_be_nothing_left_to_erase(
    steps: list[Step], given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), *steps, LONG_AFTER)
    assert when(User.erase, user.deletion_generation) is False
    then_nothing_happened()


@pytest.mark.parametrize("away", [-1, 1])
def test_erasure_happens_only_for_the_generation_it_was_planned_for(
    away: int, given: Given, when: When, then_nothing_happened: Then
) -> None:
    user = given(a_user(), deleted(retention_days=30), LONG_AFTER)
    assert when(User.erase, user.deletion_generation + away) is False
    then_nothing_happened()


def test_the_id_of_a_shared_means_and_an_administrator_s_words_go_too(given: Given, when: When) -> None:
    user = given(a_user(), activated, given_means(Means.SHARED), asking_for_anonymity)
    when(User.decline_anonymity, "Kommer ikke på tale")
    given(deleted(retention_days=30), LONG_AFTER, erased)
    assert user.shared_means == SharedMeans(SHARED.owner_cvr, ERASED)
    assert user.decline_reason is None


def test_erasure_changes_nothing_else(given: Given) -> None:
    user = given(a_user(means=(Means.APP,)), deleted(retention_days=30), LONG_AFTER, erased)
    assert (user.status_at(NOON), user.means) == (Status.DELETED, (Means.APP,))
