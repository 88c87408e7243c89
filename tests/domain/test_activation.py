import pytest

from brugerbog.domain.errors import AlreadyDeleted, NotImported, NotPending
from brugerbog.domain.status import Status
from brugerbog.domain.user import User
from tests.domain.conftest import Given, Then, When
from tests.given import (
    NOON,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
)


def test_an_imported_user_who_is_sent_to_activation_is_pending(given: Given, when: When, then: Then) -> None:
    given(an_imported_user())
    when(User.send_to_activation)
    assert then(User.SentToActivation).status_at(NOON) is Status.PENDING


def test_a_pending_user_can_be_activated_on_the_operator_s_word(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.activate)
    user = then((User.Activated, {"identity_proof": "none"}))
    assert user.status_at(NOON) is Status.ACTIVE


def test_an_imported_user_is_activated_after_being_sent(given: Given, when: When, then: Then) -> None:
    given(an_imported_user(), lambda stage: stage.do(User.send_to_activation))
    when(User.activate)
    then(User.Activated)


def test_an_imported_user_cannot_skip_being_sent(given: Given, when: When, then_refused: Then) -> None:
    given(an_imported_user())
    when(User.activate)
    then_refused(NotPending, user_id=USER)


@pytest.mark.parametrize("steps", [[a_user()], [a_user(), activated]])
def test_only_an_imported_user_is_sent_to_activation(
    steps: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    given(*steps)
    when(User.send_to_activation)
    then_refused(NotImported, user_id=USER)


@pytest.mark.parametrize("steps", [[activated], [activated, deactivated("2026-03-20")]])
def test_nobody_is_activated_twice(steps: list[Step], given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), *steps)
    when(User.activate)
    then_refused(NotPending, user_id=USER)


@pytest.mark.parametrize("command", [User.activate, User.send_to_activation])
def test_a_deleted_user_is_not_activated(command: When, given: Given, when: When, then_refused: Then) -> None:
    given(an_imported_user(), deleted())
    when(command)
    then_refused(AlreadyDeleted, user_id=USER)
