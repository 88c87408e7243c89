"""A user opens the link, proves the identity, and becomes active."""

from datetime import date, timedelta

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation import MeansNotChosen
from brugerbog.domain.user.activation_code import CodeMissing
from brugerbog.domain.user.identity_confirmation import (
    AssuranceTooLow,
    IdentityDoesNotMatch,
    IdentityNotConfirmed,
)
from brugerbog.domain.user.links import LinkExpired, LinkPurpose, LinkUsed, LinkVoided
from brugerbog.domain.user.means_held import ConsentMissing, MeansNotAssigned, MeansNotYetOrdered
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    BORN,
    CPR,
    MITID,
    NOON,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    code_entered,
    confirmed,
    deactivated,
    deleted,
    edited,
    given_a_new_code,
    link_expired,
    moment,
    ordered,
    proved_identity,
    resent,
    sent,
    today,
)
from tests.people import made_up_cpr

ACTIVATION = LinkPurpose.ACTIVATION
ANNE = a_user(cpr=CPR)
UNTIL = moment("2026-04-19T12:00:00+02:00")
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)


def confirm(when: When, user: User, **claims: object) -> None:
    when(User.confirm_identity, ACTIVATION, user.link.generation, proved_identity(**claims))


def complete(when: When, user: User, *means: Means, consent: bool = True) -> None:
    when(User.complete_activation, user.link.generation, means, consent=consent, new_id=lambda: MITID)


# The link


def test_a_fresh_link_opens(given: Given) -> None:
    user = given(ANNE)
    assert user.check_link(ACTIVATION, user.link.generation, NOON) == user.link


def test_a_link_opens_up_to_its_last_microsecond(given: Given) -> None:
    user = given(ANNE)
    assert user.check_link(ACTIVATION, user.link.generation, UNTIL - MICROSECOND)
    with pytest.raises(LinkExpired) as refused:
        user.check_link(ACTIVATION, user.link.generation, UNTIL)
    assert refused.value.expires_at == UNTIL


@pytest.mark.parametrize("again", [resent, given_a_new_code])
def test_a_new_link_voids_the_earlier_one(again: Step, given: Given) -> None:
    first = given(a_user()).link.generation
    user = given(again)
    assert user.check_link(ACTIVATION, user.link.generation, NOON)
    with pytest.raises(LinkVoided):
        user.check_link(ACTIVATION, first, NOON)


def test_a_voided_link_is_voided_even_when_it_has_expired_too(given: Given) -> None:
    first = given(ANNE).link.generation
    user = given(resent)
    with pytest.raises(LinkVoided):
        user.check_link(ACTIVATION, first, UNTIL)


@pytest.mark.parametrize("away", [-1, 1])
def test_a_link_that_was_never_issued_is_not_good(away: int, given: Given) -> None:
    user = given(ANNE)
    with pytest.raises(LinkVoided):
        user.check_link(ACTIVATION, user.link.generation + away, NOON)


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([activated], LinkUsed),
        ([activated, deactivated("2026-03-20")], LinkUsed),
        ([activated, today("2026-06-01")], LinkUsed),
        ([deleted()], LinkVoided),
        ([deleted(retention_days=30)], LinkVoided),
        ([activated, deleted(retention_days=30)], LinkVoided),
    ],
)
def test_a_link_is_used_once_the_user_is_active(
    steps: list[Step], refusal: type[Refusal], given: Given
) -> None:
    user = given(ANNE, *steps)
    with pytest.raises(refusal):
        user.check_link(ACTIVATION, user.link.generation, NOON)


def test_a_user_without_a_mail_has_no_link(given: Given) -> None:
    with pytest.raises(LinkVoided):
        given(an_imported_user()).check_link(ACTIVATION, 1, NOON)


def test_an_activation_link_is_no_means_link(given: Given) -> None:
    user = given(ANNE)
    with pytest.raises(LinkVoided):
        user.check_link(LinkPurpose.MEANS, user.link.generation, NOON)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (lambda *args: User.confirm_identity(args[0], args[1], ACTIVATION, args[2], proved_identity()), {}),
        (User.enter_code, {"matches": True}),
        (lambda *args: User.complete_activation(*args, (), consent=True, new_id=lambda: MITID), {}),
    ],
    ids=["confirm", "enter code", "complete"],
)
@pytest.mark.parametrize(
    ("step", "refusal"), [(link_expired, LinkExpired), (resent, LinkVoided), (activated, LinkUsed)]
)
def test_nothing_is_done_through_a_link_that_is_not_good(  # noqa: PLR0917 - a table of cases
    command: When,
    arguments: dict[str, bool],
    step: Step,
    refusal: type[Refusal],
    given: Given,
    when: When,
    then_refused: Then,
) -> None:
    generation = given(a_user(), confirmed).link.generation
    given(step)
    when(command, generation, **arguments)
    then_refused(refusal)


# The identity


@pytest.mark.parametrize("ial", Ial)
def test_a_user_known_by_cpr_number_proves_it(ial: Ial, given: Given, when: When, then: Then) -> None:
    confirm(when, given(ANNE), ial=ial)
    then((User.IdentityConfirmed, {"by": "cpr", "ial": ial}))


@pytest.mark.parametrize("cpr", [None, CPR])
def test_a_user_known_by_birth_date_only_proves_that(
    cpr: str | None, given: Given, when: When, then: Then
) -> None:
    confirm(when, given(a_user()), cpr=cpr)
    then((User.IdentityConfirmed, {"by": "date_of_birth"}))


def test_a_cpr_number_added_later_must_be_proved(given: Given, when: When, then: Then) -> None:
    confirm(when, given(a_user(), edited(cpr=CPR)))
    then((User.IdentityConfirmed, {"by": "cpr"}))


@pytest.mark.parametrize(
    ("known", "claims"),
    [
        (CPR, {"cpr": made_up_cpr(BORN, 1)}),
        (CPR, {"cpr": None}),
        (None, {"date_of_birth": date(1961, 9, 8)}),
        (None, {"date_of_birth": date(1961, 9, 8), "cpr": None}),
    ],
    ids=["another CPR number", "a broker that tells none", "another birth date", "another date and no CPR"],
)
def test_nobody_else_opens_it(
    known: str | None, claims: dict[str, object], given: Given, when: When, then_refused: Then
) -> None:
    confirm(when, given(a_user(cpr=known)), **claims)
    then_refused(IdentityDoesNotMatch)


def test_a_proof_is_at_least_of_the_target_level(given: Given, when: When, then_refused: Then) -> None:
    confirm(when, given(a_user(cpr=CPR, target_ial=Ial.HIGH)), ial=Ial.SUBSTANTIAL)
    then_refused(AssuranceTooLow, ial=Ial.SUBSTANTIAL, target_ial=Ial.HIGH)


def test_the_target_level_at_the_time_of_the_proof_counts(
    given: Given, when: When, then_refused: Then
) -> None:
    confirm(when, given(ANNE, edited(target_ial=Ial.HIGH)), ial=Ial.SUBSTANTIAL)
    then_refused(AssuranceTooLow)


def test_a_wrong_person_with_a_low_level_is_refused_for_the_person_only(
    given: Given, when: When, then_refused: Then
) -> None:
    user = given(a_user(cpr=CPR, target_ial=Ial.HIGH))
    confirm(when, user, cpr=made_up_cpr(BORN, 1), ial=Ial.SUBSTANTIAL)
    then_refused(IdentityDoesNotMatch)


def test_a_proof_shows_nothing_personal() -> None:
    assert CPR not in repr(proved_identity())
    assert "1961" not in repr(proved_identity())


# Activation


def test_a_user_is_activated_by_link_and_identity(given: Given, when: When, then: Then) -> None:
    complete(when, given(ANNE, confirmed))
    user = then((User.Activated, {"identity_proof": "mitid"}))
    assert user.status_at(NOON) is Status.ACTIVE


def test_an_imported_user_is_activated_by_link_once_sent_to_activation(
    given: Given, when: When, then: Then
) -> None:
    complete(when, given(an_imported_user(cpr=CPR), sent, confirmed))
    then(User.Activated)


def test_nobody_becomes_active_unproved(given: Given, when: When, then_refused: Then) -> None:
    complete(when, given(ANNE))
    then_refused(IdentityNotConfirmed, user_id=USER)


def test_a_confirmation_is_valid_for_an_hour(
    given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    user = given(ANNE, confirmed)
    scenario.now += HOUR - MICROSECOND
    complete(when, user)
    then(User.Activated)


def test_after_an_hour_the_identity_must_be_confirmed_again(
    given: Given, when: When, then_refused: Then, scenario: Scenario
) -> None:
    user = given(ANNE, confirmed)
    scenario.now += HOUR
    complete(when, user)
    then_refused(IdentityNotConfirmed)


@pytest.mark.parametrize(
    "step",
    [resent, given_a_new_code, edited(cpr=CPR), edited(target_ial=Ial.HIGH)],
    ids=["a resent mail", "a new code", "a CPR number", "another level"],
)
def test_the_identity_must_be_confirmed_again_after(
    step: Step, given: Given, when: When, then_refused: Then
) -> None:
    complete(when, given(a_user(), confirmed, code_entered(matches=True), step))
    then_refused(IdentityNotConfirmed)


def test_other_edits_leave_a_confirmation_as_it_was(given: Given, when: When, then: Then) -> None:
    complete(when, given(ANNE, confirmed, edited(surname="Holm", phone="12345678", means=())))
    then(User.Activated)


def test_a_user_known_by_birth_date_only_needs_the_code(given: Given, when: When, then_refused: Then) -> None:
    complete(when, given(a_user(), confirmed))
    then_refused(CodeMissing)


def test_a_user_with_a_cpr_number_added_later_needs_no_code(given: Given, when: When, then: Then) -> None:
    complete(when, given(a_user(), edited(cpr=CPR), confirmed))
    then(User.Activated)


def test_a_code_is_no_identity(given: Given, when: When, then_refused: Then, scenario: Scenario) -> None:
    user = given(a_user(), confirmed, code_entered(matches=True))
    scenario.now += HOUR
    complete(when, user)
    then_refused(IdentityNotConfirmed)


# The chosen means


def test_the_chosen_means_are_activated_and_a_mail_offers_the_rest(
    given: Given, when: When, then: Then
) -> None:
    complete(when, given(a_user(cpr=CPR, means=(Means.APP, Means.CHIP)), confirmed), Means.APP)
    taken = (User.MeansActivated, {"means": Means.APP, "mitid_user_id": MITID})
    assert then(taken, User.Activated, User.MeansMailIssued).open_means == {Means.CHIP: 1}


def test_activating_all_means_sends_no_further_mail(given: Given, when: When, then: Then) -> None:
    complete(
        when, given(a_user(cpr=CPR, means=(Means.APP, Means.PRIVATE)), confirmed), Means.APP, Means.PRIVATE
    )
    then(User.MeansActivated, User.MeansActivated, User.Activated)


def test_at_least_one_assigned_means_must_be_chosen(given: Given, when: When, then_refused: Then) -> None:
    complete(when, given(a_user(cpr=CPR, means=(Means.APP,)), confirmed))
    then_refused(MeansNotChosen)


def test_a_user_waiting_for_a_device_need_not_choose_means(given: Given, when: When, then: Then) -> None:
    complete(when, given(a_user(cpr=CPR, means=(Means.CHIP,)), confirmed, ordered(Means.CHIP)))
    then(User.Activated, User.MeansMailIssued)


@pytest.mark.parametrize(
    ("means", "refusal"),
    [
        ([Means.APP, Means.AUDIO_CODE_READER], MeansNotAssigned),
        ([Means.APP, Means.APP], MeansNotAssigned),
        ([Means.APP, Means.CHIP], MeansNotYetOrdered),
        ([Means.APP, Means.PRIVATE], ConsentMissing),
    ],
)
def test_an_activation_is_done_whole_or_refused_whole(
    means: list[Means], refusal: type[Refusal], given: Given, when: When, then_refused: Then
) -> None:
    user = given(a_user(cpr=CPR, means=(Means.APP, Means.CHIP, Means.PRIVATE)), confirmed)
    complete(when, user, *means, consent=False)
    then_refused(refusal)
