"""Users are sent to activation by administrators, or activated by the operator."""

import pytest

from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.settings import MeansNotOffered, Settings
from brugerbog.domain.user.activation import OperatorsDoorOnly
from brugerbog.domain.user.activation_code import NoCodeNeeded
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.user.refusals import AlreadyDeleted, NotImported, NotPending
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    NOON,
    PERMISSIVE_SETTINGS,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    link_expired,
    moment,
    sent,
    today,
)

NARROW = Settings()
UNTIL = moment("2026-04-19T12:00:00+02:00")


def test_an_imported_user_who_is_sent_to_activation_is_pending(given: Given, when: When, then: Then) -> None:
    given(an_imported_user(cpr=CPR))
    when(User.send_to_activation, NARROW)
    user = then(User.SentToActivation, (User.ActivationMailIssued, {"expires_at": UNTIL, "resent": False}))
    assert user.status_at(NOON) is Status.PENDING


def test_a_user_known_by_birth_date_only_gets_a_code_when_sent_to_activation(
    given: Given, when: When, then: Then
) -> None:
    given(an_imported_user())
    when(User.send_to_activation, NARROW)
    then(User.SentToActivation, User.ActivationMailIssued, (User.ActivationCodeIssued, {"expires_at": UNTIL}))


def test_means_are_assigned_before_the_mail_about_activation(given: Given, when: When, then: Then) -> None:
    given(an_imported_user(cpr=CPR, means=(Means.APP,)))
    when(User.send_to_activation, PERMISSIVE_SETTINGS, (Means.APP, Means.APP, Means.CHIP))
    assigned = (User.MeansAssigned, {"means": (Means.APP, Means.CHIP)})
    then(assigned, User.SentToActivation, User.ActivationMailIssued)


@pytest.mark.parametrize(
    ("means", "settings", "refusal"),
    [(Means.CHIP, NARROW, MeansNotOffered), (Means.SHARED, PERMISSIVE_SETTINGS, SharedMeansNotNamed)],
)
def test_a_user_with_means_not_offered_is_not_sent_to_activation(  # noqa: PLR0917 - a table of cases
    means: Means, settings: Settings, refusal: type, given: Given, when: When, then_refused: Then
) -> None:
    given(an_imported_user())
    when(User.send_to_activation, settings, (Means.APP, means))
    then_refused(refusal)


@pytest.mark.parametrize("door", [Door.CLI, Door.EMBEDDED])
def test_a_pending_user_can_be_activated_on_the_operator_s_word(
    door: Door, given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    given(a_user())
    scenario.door = door
    when(User.activate)
    assert then((User.Activated, {"identity_proof": "none"})).status_at(NOON) is Status.ACTIVE


@pytest.mark.parametrize("door", sorted(set(Door) - {Door.CLI, Door.EMBEDDED}))
def test_the_operator_s_word_is_taken_at_no_other_door(
    door: Door, given: Given, when: When, then_refused: Then, scenario: Scenario
) -> None:
    given(a_user())
    scenario.door = door
    when(User.activate)
    then_refused(OperatorsDoorOnly)


def test_a_user_with_an_expired_link_can_be_activated_by_the_operator(
    given: Given, when: When, then: Then
) -> None:
    given(a_user(), link_expired)
    when(User.activate)
    then(User.Activated)


def test_an_imported_user_is_activated_after_being_sent(given: Given, when: When, then: Then) -> None:
    given(an_imported_user(), sent)
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
    when(User.send_to_activation, NARROW)
    then_refused(NotImported, user_id=USER)


@pytest.mark.parametrize("steps", [[activated], [activated, deactivated("2026-03-20")]])
def test_nobody_is_activated_twice(steps: list[Step], given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), *steps)
    when(User.activate)
    then_refused(NotPending, user_id=USER)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (User.activate, ()),
        (User.send_to_activation, (NARROW,)),
        (User.resend_activation_mail, ()),
        (User.issue_code, ()),
    ],
)
def test_a_deleted_user_is_neither_asked_nor_activated(
    command: When, arguments: tuple[object, ...], given: Given, when: When, then_refused: Then
) -> None:
    given(an_imported_user(), deleted())
    when(command, *arguments)
    then_refused(AlreadyDeleted, user_id=USER)


# Resent mails and new codes


@pytest.mark.parametrize("steps", [[today("2026-03-30")], [link_expired, today("2026-06-01")]])
def test_a_mail_is_resent_for_another_30_days(
    steps: list[Step], given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    given(a_user(cpr=CPR), *steps)
    when(User.resend_activation_mail)
    user = then((User.ActivationMailIssued, {"resent": True}))
    assert (user.link.expires_at - scenario.now).days == 30
    assert not user.link_has_expired


def test_a_new_code_comes_with_a_new_link(given: Given, when: When, then: Then) -> None:
    given(a_user(), today("2026-03-30"))
    when(User.issue_code)
    until = {"expires_at": moment("2026-04-29T13:00:00+02:00")}
    then((User.ActivationCodeIssued, until), (User.ActivationMailIssued, until | {"resent": True}))


def test_a_user_known_by_cpr_number_is_issued_no_code(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(cpr=CPR))
    when(User.issue_code)
    then_refused(NoCodeNeeded, user_id=USER)


@pytest.mark.parametrize("command", [User.resend_activation_mail, User.issue_code])
@pytest.mark.parametrize("steps", [[an_imported_user()], [a_user(), activated]], ids=["imported", "active"])
def test_only_a_pending_user_is_asked_once_more(
    steps: list[Step], command: When, given: Given, when: When, then_refused: Then
) -> None:
    given(*steps)
    when(command)
    then_refused(NotPending, user_id=USER)
