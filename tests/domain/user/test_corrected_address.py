"""A changed e-mail address voids the links mailed to the old one; the new address gets new links."""

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.details import Edits
from brugerbog.domain.user.identity_confirmation import IdentityNotConfirmed
from brugerbog.domain.user.links import LinkPurpose, LinkVoided
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Means
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    MITID,
    PERMISSIVE_SETTINGS,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    code_entered,
    confirmed,
    deactivated,
    given_means,
    link_expired,
    moment,
    proved_identity,
    sent,
    today,
    took,
)

RIGHT = Edits(email="anne@rigtig.test")
ANNE = a_user(cpr=CPR)
UNTIL = {"expires_at": moment("2026-04-19T12:00:00+02:00")}


@pytest.mark.parametrize("before", [(ANNE,), (an_imported_user(cpr=CPR), sent), (a_user(),)])
def test_a_pending_users_corrected_address_gets_a_mail_with_a_link_of_its_own(
    given: Given, when: When, then: Then, before: tuple[Step, ...]
) -> None:
    given(*before)
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    then(
        (User.ContactChanged, {"email": "anne@rigtig.test"}),
        (User.ActivationMailIssued, {"resent": True} | UNTIL),
    )


def test_the_link_that_went_to_the_wrong_address_is_void(
    given: Given, when: When, scenario: Scenario
) -> None:
    user = given(ANNE)
    astray = user.link.generation
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    when(User.confirm_identity, LinkPurpose.ACTIVATION, astray, proved_identity())
    assert isinstance(scenario.refusal, LinkVoided)
    assert user.check_link(LinkPurpose.ACTIVATION, user.link.generation, scenario.now)


def test_the_identity_proved_by_the_old_link_must_be_proved_again(
    given: Given, when: When, scenario: Scenario
) -> None:
    user = given(ANNE, confirmed)
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    when(
        User.complete_activation,
        user.link.generation,
        (Means.APP,),
        consent=True,
        new_id=lambda: MITID,
    )
    assert isinstance(scenario.refusal, IdentityNotConfirmed)


def test_a_code_that_was_handed_over_stays_good(given: Given, when: When, scenario: Scenario) -> None:
    user = given(a_user())
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    confirmed(scenario)
    code_entered(matches=True)(scenario)
    assert scenario.refusal is None
    assert not user.lacks_code(scenario.now)


def test_an_expired_link_is_replaced_by_a_valid_one(given: Given, when: When, then: Then) -> None:
    given(ANNE, link_expired)
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    then(User.ContactChanged, (User.ActivationMailIssued, {"resent": True}))


@pytest.mark.parametrize(
    "edits", [Edits(phone="12345678"), Edits(first_name="Anna"), Edits(email="anne@firma.test")]
)
def test_a_pending_user_whose_address_stays_keeps_the_link(given: Given, when: When, edits: Edits) -> None:
    user = given(ANNE)
    previous_link = user.link
    when(User.edit, edits, PERMISSIVE_SETTINGS)
    assert user.link is previous_link


@pytest.mark.parametrize("before", [(an_imported_user(),), (ANNE, activated)])
def test_a_user_without_an_open_link_gets_no_new_link(
    given: Given, when: When, then: Then, before: tuple[Step, ...]
) -> None:
    given(*before)
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    then(User.ContactChanged)


def test_an_active_users_corrected_address_gets_the_mail_about_open_means(
    given: Given, when: When, then: Then
) -> None:
    user = given(ANNE, activated, given_means(Means.APP))
    astray = user.means_link.generation
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    then(User.ContactChanged, (User.MeansMailIssued, UNTIL))
    with pytest.raises(LinkVoided):
        user.means_link.check(astray, moment("2026-03-20T13:00:00+01:00"))


def test_means_assigned_with_a_corrected_address_cause_one_mail(given: Given, when: When, then: Then) -> None:
    given(ANNE, activated, given_means(Means.APP))
    when(User.edit, Edits(email="anne@rigtig.test", means=(Means.CHIP,)), PERMISSIVE_SETTINGS)
    then(User.ContactChanged, User.MeansAssigned, User.MeansMailIssued)


@pytest.mark.parametrize("before", [(took(Means.APP),), (today("2026-06-01"),)])
def test_no_mail_about_means_is_sent_without_open_means_or_with_an_expired_link(
    given: Given, when: When, then: Then, before: tuple[Step, ...]
) -> None:
    given(ANNE, activated, given_means(Means.APP), *before)
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    then(User.ContactChanged)


def test_a_deactivated_users_link_about_means_is_void_too(given: Given, when: When) -> None:
    user = given(ANNE, activated, given_means(Means.APP), deactivated("2026-03-20", "2026-03-21"))
    astray = user.means_link.generation
    when(User.edit, RIGHT, PERMISSIVE_SETTINGS)
    with pytest.raises(Refusal):
        user.check_link(LinkPurpose.MEANS, astray, moment("2026-03-25T12:00:00+01:00"))
    assert user.check_link(LinkPurpose.MEANS, user.means_link.generation, moment("2026-03-25T12:00:00+01:00"))
