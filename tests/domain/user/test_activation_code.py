"""The temporary code of a user known by birth date only: shown once, three tries, used once."""

from datetime import timedelta

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation_code import CodeMissing, CodeVoid, CodeWrong, NoCodeNeeded
from brugerbog.domain.user.identity_confirmation import IdentityNotConfirmed
from brugerbog.domain.user.links import LinkVoided
from brugerbog.domain.user.user import User
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    NOON,
    Scenario,
    Step,
    a_user,
    an_imported_user,
    code_entered,
    confirmed,
    context,
    given_a_new_code,
    moment,
    now,
    resent,
    sent,
    today,
)

UNTIL = moment("2026-04-19T12:00:00+02:00")
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)
MISTYPED = code_entered(matches=False)
ACCEPTED = code_entered(matches=True)


def enter(when: When, user: User, *, matches: bool) -> Refusal | None:
    answer: Refusal | None = when(User.enter_code, user.link.generation, matches=matches)
    return answer


def test_the_right_code_is_accepted(given: Given, when: When, then: Then) -> None:
    assert enter(when, given(a_user(), confirmed), matches=True) is None
    then(User.ActivationCodeAccepted)


def test_an_imported_user_gets_a_code_when_sent_to_activation(given: Given, when: When, then: Then) -> None:
    enter(when, given(an_imported_user(), sent, confirmed), matches=True)
    then(User.ActivationCodeAccepted)


def test_a_wrong_code_is_recorded_and_leaves_two_tries(given: Given, when: When, then: Then) -> None:
    answer = enter(when, given(a_user(), confirmed), matches=False)
    assert (type(answer), answer.tries_left) == (CodeWrong, 2)
    then(User.ActivationCodeMistyped)


def test_the_second_wrong_code_leaves_one_try(given: Given, when: When) -> None:
    assert enter(when, given(a_user(), confirmed, MISTYPED), matches=False).tries_left == 1


def test_the_third_wrong_code_voids_it(given: Given, when: When, then: Then) -> None:
    answer = enter(when, given(a_user(), confirmed, MISTYPED, MISTYPED), matches=False)
    assert type(answer) is CodeVoid
    then(User.ActivationCodeMistyped, User.ActivationCodeVoided)


def test_the_right_code_helps_at_the_third_try(given: Given, when: When, then: Then) -> None:
    enter(when, given(a_user(), confirmed, MISTYPED, MISTYPED), matches=True)
    then(User.ActivationCodeAccepted)


@pytest.mark.parametrize("again", [[], [resent]], ids=["with the same link", "with a resent link"])
def test_a_voided_code_is_right_no_more(
    again: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    enter(when, given(a_user(), confirmed, MISTYPED, MISTYPED, MISTYPED, *again, confirmed), matches=True)
    then_refused(CodeVoid)


def test_a_resent_mail_gives_no_further_tries(given: Given, when: When) -> None:
    user = given(a_user(), confirmed, MISTYPED, MISTYPED, resent, confirmed)
    assert type(enter(when, user, matches=False)) is CodeVoid


@pytest.mark.parametrize(
    "before",
    [[], [MISTYPED, MISTYPED], [MISTYPED, MISTYPED, MISTYPED], [ACCEPTED]],
    ids=["fresh", "mistyped", "voided", "used"],
)
def test_a_new_code_has_three_tries_of_its_own(before: list[Step], given: Given, when: When) -> None:
    user = given(a_user(), confirmed, *before, given_a_new_code, confirmed)
    assert enter(when, user, matches=False).tries_left == 2


def test_a_new_code_goes_with_a_new_link_only(given: Given, when: When, then_refused: Then) -> None:
    first = given(a_user(), confirmed).link.generation
    given(given_a_new_code)
    when(User.enter_code, first, matches=True)
    then_refused(LinkVoided)


def test_a_code_is_used_once(given: Given, when: When, then_refused: Then) -> None:
    enter(when, given(a_user(), confirmed, ACCEPTED), matches=True)
    then_refused(CodeVoid)


@pytest.mark.parametrize("matches", [True, False])
def test_a_code_is_good_as_long_as_the_link_it_came_with_and_no_longer(
    matches: bool,  # noqa: FBT001 - either code
    given: Given,
    when: When,
    then_refused: Then,
    scenario: Scenario,
) -> None:
    user = given(a_user(), today("2026-04-01"), resent, now("2026-04-19T12:00:00+02:00"), confirmed)
    assert user.code_expires_at == scenario.now < user.link.expires_at
    enter(when, user, matches=matches)
    then_refused(CodeVoid)


def test_a_code_is_good_to_its_last_microsecond(
    given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    user = given(a_user(), today("2026-04-01"), resent)
    scenario.now = UNTIL - MICROSECOND
    given(confirmed)
    enter(when, user, matches=True)
    then(User.ActivationCodeAccepted)


@pytest.mark.parametrize("steps", [[], [resent], [today("2026-03-30"), given_a_new_code]])
def test_a_code_never_outlives_the_link(steps: list[Step], given: Given) -> None:
    user = given(a_user(), *steps)
    assert user.code_expires_at <= user.link.expires_at


def test_an_unproved_person_has_no_tries(given: Given, when: When, then_refused: Then) -> None:
    enter(when, given(a_user()), matches=True)
    then_refused(IdentityNotConfirmed)


def test_a_user_known_by_cpr_number_has_no_code_to_enter(
    given: Given, when: When, then_refused: Then
) -> None:
    enter(when, given(a_user(cpr=CPR), confirmed), matches=True)
    then_refused(NoCodeNeeded)


@pytest.mark.parametrize("steps", [[], [resent]], ids=["by the same link", "by a resent one"])
def test_an_accepted_code_leads_to_activation(
    steps: list[Step], given: Given, when: When, then: Then
) -> None:
    user = given(a_user(), confirmed, ACCEPTED, *steps, confirmed)
    when(User.complete_activation, user.link.generation, (), consent=False, new_id=lambda: None)
    then((User.Activated, {"identity_proof": "mitid"}))


@pytest.mark.parametrize(("late", "refused"), [(-MICROSECOND, None), (timedelta(), CodeMissing)])
def test_an_accepted_code_is_valid_for_an_hour(
    late: timedelta, refused: type[Refusal] | None, given: Given
) -> None:
    user = given(a_user(), confirmed, ACCEPTED, now("2026-03-20T12:30:00+01:00"), confirmed)
    command_context = context(NOON + HOUR + late)
    choices = {"consent": False, "new_id": lambda: None}
    if refused is None:
        user.complete_activation(command_context, user.link.generation, (), **choices)
    else:
        with pytest.raises(refused):
            user.complete_activation(command_context, user.link.generation, (), **choices)


def test_a_new_code_replaces_an_accepted_one(given: Given, when: When, then_refused: Then) -> None:
    user = given(a_user(), confirmed, ACCEPTED, given_a_new_code, confirmed)
    when(User.complete_activation, user.link.generation, (), consent=False, new_id=lambda: None)
    then_refused(CodeMissing)
