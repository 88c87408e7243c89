from dataclasses import replace

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.settings import MeansNotOffered, Settings
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import DANISH_MEANS, DEDICATED, Ial, Means, SharedMeans
from tests.domain.conftest import Given, Then, When
from tests.given import (
    PERMISSIVE_SETTINGS,
    SHARED,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    given_means,
    moment,
    took,
)


@pytest.mark.parametrize("steps", [[a_user()], [an_imported_user()]])
def test_an_undeleted_user_can_be_assigned_means(
    steps: list[Step], given: Given, when: When, then: Then
) -> None:
    given(*steps)
    assert when(User.assign_means, (Means.APP, Means.CHIP), PERMISSIVE_SETTINGS) == (Means.APP, Means.CHIP)
    assert then((User.MeansAssigned, {"means": (Means.APP, Means.CHIP)})).means == (Means.APP, Means.CHIP)


@pytest.mark.parametrize("steps", [[], [deactivated("2026-03-20")]], ids=["active", "deactivated"])
def test_an_active_user_gets_a_mail_about_new_means(
    steps: list[Step], given: Given, when: When, then: Then
) -> None:
    given(a_user(), activated, *steps)
    when(User.assign_means, (Means.APP,), PERMISSIVE_SETTINGS)
    until = moment("2026-04-19T12:00:00+02:00")
    then(User.MeansAssigned, (User.MeansMailIssued, {"expires_at": until}))


def test_means_are_added_to_earlier_ones(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.APP,)))
    assert when(User.assign_means, (Means.APP, Means.CHIP), PERMISSIVE_SETTINGS) == (Means.CHIP,)
    assert then((User.MeansAssigned, {"means": (Means.CHIP,)})).means == (Means.APP, Means.CHIP)


@pytest.mark.parametrize("steps", [[], [activated]])
def test_open_means_assigned_again_record_nothing(
    steps: list[Step], given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(means=(Means.APP,)), *steps)
    assert when(User.assign_means, (Means.APP,), PERMISSIVE_SETTINGS) == ()
    then_nothing_happened()


def test_a_second_means_of_an_active_kind_is_assigned(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.APP,)), activated, took(Means.APP))
    assert when(User.assign_means, (Means.APP,), PERMISSIVE_SETTINGS) == (Means.APP,)
    then((User.MeansAssigned, {"means": (Means.APP,)}), User.MeansMailIssued)


def test_a_kind_named_twice_means_two_of_it(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP, Means.APP), PERMISSIVE_SETTINGS)
    then((User.MeansAssigned, {"means": (Means.APP, Means.APP)}))


def test_two_of_a_kind_add_one_to_a_user_who_has_one(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.CHIP,)))
    assert when(User.assign_means, (Means.CHIP, Means.CHIP), PERMISSIVE_SETTINGS) == (Means.CHIP,)
    then((User.MeansAssigned, {"means": (Means.CHIP,)}))


@pytest.mark.parametrize("means", [Means.PRIVATE, Means.SHARED])
def test_a_user_has_at_most_one_private_and_one_shared_means(means: Means, given: Given, when: When) -> None:
    user = given(a_user())
    assert when(User.assign_means, (means, means), PERMISSIVE_SETTINGS, SHARED) == user.means == (means,)


@pytest.mark.parametrize("means", [Means.PRIVATE, Means.SHARED])
def test_there_is_no_second_private_or_shared_means_once_it_is_in_use(
    means: Means, given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), given_means(means), activated, took(means))
    assert when(User.assign_means, (means,), PERMISSIVE_SETTINGS) == ()
    then_nothing_happened()


def test_means_that_are_not_offered_are_refused_with_all_others(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP, Means.PRIVATE), Settings())
    then_refused(MeansNotOffered, means=Means.PRIVATE)


def test_a_deleted_user_is_given_no_means(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), deleted())
    when(User.assign_means, (Means.APP,), PERMISSIVE_SETTINGS)
    then_refused(AlreadyDeleted, user_id=USER)


# Shared means


def test_a_shared_means_is_some_organisation_s(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.assign_means, (Means.SHARED,), PERMISSIVE_SETTINGS, SHARED)
    named = {"owner_cvr": SHARED.owner_cvr, "identifier": SHARED.identifier}
    assert then(User.MeansAssigned, (User.SharedMeansLinked, named)).shared_means == SHARED


def test_a_shared_means_must_be_named(given: Given, when: When, then_refused: Then) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP, Means.SHARED), PERMISSIVE_SETTINGS)
    then_refused(SharedMeansNotNamed)


def test_another_shared_means_takes_the_place_of_the_first(given: Given, when: When, then: Then) -> None:
    given(a_user(), given_means(Means.SHARED))
    other = SharedMeans("90000003", "delt-0002")
    when(User.assign_means, (Means.SHARED,), PERMISSIVE_SETTINGS, other)
    assert then(User.SharedMeansLinked).shared_means == other


def test_the_same_shared_means_again_records_nothing(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), given_means(Means.SHARED))
    when(User.assign_means, (Means.SHARED,), PERMISSIVE_SETTINGS, replace(SHARED))
    then_nothing_happened()


def test_no_shared_means_is_linked_that_is_not_assigned(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP,), PERMISSIVE_SETTINGS, SHARED)
    assert then(User.MeansAssigned).shared_means is None


def test_the_id_of_a_shared_means_is_erased_with_the_personal_data(given: Given) -> None:
    user = given(a_user(), given_means(Means.SHARED), deleted())
    assert user.shared_means == SharedMeans(SHARED.owner_cvr, ERASED)


def test_a_shared_means_shows_nothing_personal() -> None:
    assert SHARED.identifier not in repr(SHARED)


def test_every_kind_of_means_has_a_danish_name() -> None:
    assert set(DANISH_MEANS) == set(Means)


def test_all_means_but_the_private_and_the_shared_are_dedicated() -> None:
    assert frozenset(Means) - {Means.PRIVATE, Means.SHARED} == DEDICATED


def test_substantial_is_level_3_and_high_is_level_4() -> None:
    assert [Ial.of_level(level) for level in ("3", "4", "5", "")] == [Ial.SUBSTANTIAL, Ial.HIGH, None, None]
    assert [ial.level for ial in (Ial.SUBSTANTIAL, Ial.HIGH)] == [3, 4]
