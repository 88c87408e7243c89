"""A whole CPR number is shown on request, which is recorded."""

from brugerbog.domain.user.disclosure import CprNotKnown
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.user import User
from tests.domain.conftest import Given, Then, When
from tests.given import CPR, a_user, an_imported_user, deleted


def test_a_cpr_number_that_is_shown_is_recorded_as_shown(given: Given, when: When, then: Then) -> None:
    given(a_user(cpr=CPR))
    assert when(User.show_cpr) == CPR
    then(User.CprShown)


def test_it_is_recorded_each_time(given: Given, when: When, then: Then) -> None:
    given(an_imported_user(cpr=CPR))
    when(User.show_cpr)
    when(User.show_cpr)
    then(User.CprShown, User.CprShown)


def test_a_cpr_number_that_nobody_knows_cannot_be_shown(given: Given, when: When, then_refused: Then) -> None:
    given(a_user())
    when(User.show_cpr)
    then_refused(CprNotKnown)


def test_the_cpr_number_of_a_deleted_user_is_not_shown(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(cpr=CPR), deleted(retention_days=30))
    when(User.show_cpr)
    then_refused(AlreadyDeleted)
