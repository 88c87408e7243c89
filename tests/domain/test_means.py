import pytest

from brugerbog.domain.errors import AlreadyDeleted
from brugerbog.domain.means import DANISH_NAMES, DEDICATED, Ial, Means
from brugerbog.domain.settings import MeansNotOffered, Settings
from brugerbog.domain.user import User
from tests.domain.conftest import Given, Then, When
from tests.given import (
    OPEN_HANDED,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deleted,
)


@pytest.mark.parametrize("steps", [[a_user()], [an_imported_user()], [a_user(), activated]])
def test_a_living_user_is_given_means(steps: list[Step], given: Given, when: When, then: Then) -> None:
    given(*steps)
    assert when(User.assign_means, (Means.APP, Means.CHIP), OPEN_HANDED) == (Means.APP, Means.CHIP)
    assert then((User.MeansAssigned, {"means": (Means.APP, Means.CHIP)})).means == (Means.APP, Means.CHIP)


def test_means_are_added_to_those_he_has(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.APP,)))
    assert when(User.assign_means, (Means.APP, Means.CHIP), OPEN_HANDED) == (Means.CHIP,)
    assert then((User.MeansAssigned, {"means": (Means.CHIP,)})).means == (Means.APP, Means.CHIP)


def test_means_that_he_has_already_record_nothing(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(means=(Means.APP,)))
    assert when(User.assign_means, (Means.APP,), OPEN_HANDED) == ()
    then_nothing_happened()


def test_means_named_twice_are_assigned_once(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP, Means.APP), OPEN_HANDED)
    then((User.MeansAssigned, {"means": (Means.APP,)}))


def test_means_that_are_not_offered_are_refused_with_all_others(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.assign_means, (Means.APP, Means.PRIVATE), Settings())
    then_refused(MeansNotOffered, means=Means.PRIVATE)


def test_a_deleted_user_is_given_no_means(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), deleted())
    when(User.assign_means, (Means.APP,), OPEN_HANDED)
    then_refused(AlreadyDeleted, user_id=USER)


def test_every_kind_of_means_has_a_danish_name() -> None:
    assert set(DANISH_NAMES) == set(Means)


def test_all_means_but_the_private_and_the_shared_are_dedicated() -> None:
    assert frozenset(Means) - {Means.PRIVATE, Means.SHARED} == DEDICATED


def test_substantial_is_level_3_and_high_is_level_4() -> None:
    assert [Ial.of_level(level) for level in ("3", "4", "5", "")] == [Ial.SUBSTANTIAL, Ial.HIGH, None, None]
    assert [ial.level for ial in (Ial.SUBSTANTIAL, Ial.HIGH)] == [3, 4]
