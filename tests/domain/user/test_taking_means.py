"""A user orders devices, activates assigned means, and may withdraw consent."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.settings import MeansNotOffered, Prices, Settings
from brugerbog.domain.user.links import LinkExpired, LinkPurpose, LinkUsed, LinkVoided
from brugerbog.domain.user.means_held import (
    ConsentMissing,
    MeansNotAssigned,
    MeansNotYetOrdered,
    NoConsentGiven,
    NoMeansToActivate,
    NothingToOrder,
)
from brugerbog.domain.user.refusals import AlreadyDeleted, NotActive
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import HARDWARE, Means
from tests.domain.conftest import Given, Then, When
from tests.given import (
    EAN,
    MITID,
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
    given_means,
    moment,
    ordered,
    proved_identity,
    reactivated,
    resent,
    today,
    took,
)

OTHER_MITID = UUID(int=MITID.int + 1)
MICROSECOND = timedelta(microseconds=1)


def take(when: When, *means: Means, consent: bool = True) -> None:
    numbers = count(MITID.int)
    when(User.take_means, means, consent=consent, new_id=lambda: UUID(int=next(numbers)))


def means_mail_resent(scenario: Scenario) -> None:
    scenario.execute(User.resend_means_mail)


# Orders


@pytest.mark.parametrize("means", sorted(HARDWARE))
def test_a_device_that_was_assigned_is_ordered_at_its_price(
    means: Means, given: Given, when: When, then: Then
) -> None:
    given(a_user(means=(means,)))
    prices = Prices(code_display=1, audio_code_reader=2, chip=3)
    when(User.order_means, means, MITID, replace(PERMISSIVE_SETTINGS, prices=prices))
    then((User.MeansOrdered, {"means": means, "mitid_user_id": MITID, "price": getattr(prices, means)}))


@pytest.mark.parametrize("ean", [EAN, None])
def test_a_device_is_invoiced_as_the_user_is(ean: str | None, given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.CHIP,), ean=ean))
    when(User.order_means, Means.CHIP, MITID, PERMISSIVE_SETTINGS)
    then((User.MeansOrdered, {"ean": ean}))


@pytest.mark.parametrize("means", sorted(set(Means) - HARDWARE))
def test_only_devices_are_ordered(means: Means, given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), given_means(means))
    when(User.order_means, means, MITID, PERMISSIVE_SETTINGS)
    then_refused(NothingToOrder, means=means)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [given_means(Means.CODE_DISPLAY)],
        [given_means(Means.CHIP), ordered(Means.CHIP)],
        [given_means(Means.CHIP), ordered(Means.CHIP), took(Means.CHIP)],
    ],
    ids=["nothing assigned", "another device assigned", "ordered already", "in use already"],
)
def test_no_more_devices_are_ordered_than_were_assigned(
    steps: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), *steps)
    when(User.order_means, Means.CHIP, OTHER_MITID, PERMISSIVE_SETTINGS)
    then_refused(MeansNotAssigned, means=Means.CHIP)


def test_of_two_assigned_devices_both_are_ordered(given: Given, when: When, then: Then) -> None:
    given(a_user(), given_means(Means.CHIP, Means.CHIP), ordered(Means.CHIP))
    when(User.order_means, Means.CHIP, OTHER_MITID, PERMISSIVE_SETTINGS)
    assert then(User.MeansOrdered).ordered_means == {MITID: Means.CHIP, OTHER_MITID: Means.CHIP}


def test_means_no_longer_offered_are_not_ordered(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(means=(Means.CHIP,)))
    when(User.order_means, Means.CHIP, MITID, Settings())
    then_refused(MeansNotOffered, means=Means.CHIP)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(User.order_means, (Means.CHIP, MITID, PERMISSIVE_SETTINGS)), (User.withdraw_consent, ())],
)
def test_for_a_deleted_user_nothing_is_ordered_or_withdrawn(
    command: When, arguments: tuple[object, ...], given: Given, when: When, then_refused: Then
) -> None:
    means = given_means(Means.CHIP, Means.PRIVATE)
    given(a_user(), means, took(Means.PRIVATE), deleted(retention_days=30))
    when(command, *arguments)
    then_refused(AlreadyDeleted, user_id=USER)


# Activation of means


@pytest.mark.parametrize(
    ("means", "mitid"), [(Means.PRIVATE, None), (Means.SHARED, None), (Means.APP, MITID)], ids=str
)
def test_only_a_dedicated_means_has_an_id_of_its_own(
    means: Means, mitid: UUID | None, given: Given, when: When, then: Then
) -> None:
    given(a_user(), given_means(means))
    take(when, means)
    assert then((User.MeansActivated, {"means": means, "mitid_user_id": mitid})).active_means == (means,)


def test_each_app_has_an_id_of_its_own(given: Given, when: When, then: Then) -> None:
    given(a_user(), given_means(Means.APP, Means.APP))
    take(when, Means.APP, Means.APP)
    then(*[(User.MeansActivated, {"mitid_user_id": mitid}) for mitid in (MITID, OTHER_MITID)])


def test_devices_keep_the_ids_they_were_ordered_with(given: Given, when: When, then: Then) -> None:
    both = (ordered(Means.CHIP, OTHER_MITID), ordered(Means.CHIP, USER))
    given(a_user(), given_means(Means.CHIP, Means.CHIP), *both)
    take(when, Means.CHIP, Means.CHIP)
    user = then(*[(User.MeansActivated, {"mitid_user_id": mitid}) for mitid in (OTHER_MITID, USER)])
    assert user.ordered_means == {}


def test_a_device_is_taken_once_it_has_been_ordered(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), given_means(Means.CHIP, Means.CODE_DISPLAY), ordered(Means.CODE_DISPLAY))
    take(when, Means.CHIP)
    then_refused(MeansNotYetOrdered, means=Means.CHIP)


def test_private_means_take_the_users_consent(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(means=(Means.PRIVATE,)))
    take(when, Means.PRIVATE, consent=False)
    then_refused(ConsentMissing)


def test_other_means_take_no_consent(given: Given, when: When, then: Then) -> None:
    given(a_user(means=(Means.APP,)))
    take(when, Means.APP, consent=False)
    then(User.MeansActivated)


@pytest.mark.parametrize(
    ("means", "refusal"),
    [
        ([Means.APP, Means.AUDIO_CODE_READER], MeansNotAssigned),
        ([Means.APP, Means.APP], MeansNotAssigned),
        ([Means.PRIVATE, Means.PRIVATE], MeansNotAssigned),
        ([Means.APP, Means.CHIP, Means.CHIP], MeansNotYetOrdered),
        ([Means.APP, Means.PRIVATE], ConsentMissing),
    ],
)
def test_means_are_all_taken_or_none(
    means: list[Means], refusal: type[Refusal], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), given_means(Means.APP, Means.CHIP, Means.CHIP, Means.PRIVATE), ordered(Means.CHIP))
    take(when, *means, consent=False)
    then_refused(refusal)


def test_active_means_are_not_activated_again(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(means=(Means.APP,)), took(Means.APP))
    take(when, Means.APP)
    then_refused(MeansNotAssigned, means=Means.APP)


# Consent


def test_a_user_withdraws_consent(given: Given, when: When, then: Then) -> None:
    given(a_user(), given_means(Means.APP, Means.PRIVATE), took(Means.APP, Means.PRIVATE))
    when(User.withdraw_consent)
    user = then(User.ConsentWithdrawn)
    assert (user.active_means, user.open_means) == ((Means.APP,), {Means.PRIVATE: 1})


def test_withdrawn_consent_can_be_given_again(given: Given, when: When, then: Then) -> None:
    given(
        a_user(means=(Means.PRIVATE,)),
        took(Means.PRIVATE),
        lambda scenario: scenario.execute(User.withdraw_consent),
    )
    take(when, Means.PRIVATE)
    then(User.MeansActivated)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [given_means(Means.PRIVATE)],
        [
            given_means(Means.PRIVATE),
            took(Means.PRIVATE),
            lambda scenario: scenario.execute(User.withdraw_consent),
        ],
    ],
    ids=["nothing assigned", "not taken", "withdrawn"],
)
def test_consent_that_was_not_given_is_not_withdrawn(
    steps: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), *steps)
    when(User.withdraw_consent)
    then_refused(NoConsentGiven, user_id=USER)


# The mail about new means, and its link


def test_the_mail_is_resent_for_another_30_days(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, given_means(Means.APP), today("2026-03-30"))
    when(User.resend_means_mail)
    then((User.MeansMailIssued, {"expires_at": moment("2026-04-29T13:00:00+02:00")}))


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([a_user(means=(Means.APP,))], NotActive),
        ([an_imported_user(means=(Means.APP,))], NotActive),
        ([a_user(), activated], NoMeansToActivate),
        ([a_user(), activated, given_means(Means.APP), took(Means.APP)], NoMeansToActivate),
        ([a_user(means=(Means.APP,)), activated, deleted()], AlreadyDeleted),
    ],
    ids=["pending", "imported", "nothing assigned", "all in use", "deleted"],
)
def test_there_may_be_nothing_to_write_about(
    steps: list[Step], refusal: type[Refusal], given: Given, when: When, then_refused: Then
) -> None:
    given(*steps)
    when(User.resend_means_mail)
    then_refused(refusal, user_id=USER)


def opens(user: User, generation: int | None = None) -> bool:
    wanted = generation or user.means_link.generation
    return user.check_link(LinkPurpose.MEANS, wanted, NOON) == user.means_link


@pytest.mark.parametrize("steps", [[], [deactivated("2026-03-21")]], ids=["active", "away tomorrow"])
def test_a_link_to_new_means_opens(steps: list[Step], given: Given) -> None:
    assert opens(given(a_user(), activated, given_means(Means.APP), *steps))


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([took(Means.APP)], LinkUsed),
        ([deactivated("2026-03-20")], LinkVoided),
        ([deleted(retention_days=30)], LinkVoided),
    ],
    ids=["all in use", "deactivated", "deleted"],
)
def test_a_link_to_new_means_is_used_once_they_are_active(
    steps: list[Step], refusal: type[Refusal], given: Given
) -> None:
    user = given(a_user(), activated, given_means(Means.APP), *steps)
    with pytest.raises(refusal):
        opens(user)


def test_a_link_to_new_means_is_good_again_with_the_user(given: Given) -> None:
    assert opens(given(a_user(), activated, given_means(Means.APP), deactivated("2026-03-20"), reactivated))


@pytest.mark.parametrize("again", [means_mail_resent, given_means(Means.CHIP)], ids=["resent", "more means"])
def test_a_later_mail_about_means_voids_the_earlier_link(again: Step, given: Given) -> None:
    first = given(a_user(), activated, given_means(Means.APP)).means_link.generation
    user = given(again)
    assert opens(user)
    with pytest.raises(LinkVoided):
        opens(user, first)


def test_a_link_to_new_means_expires(given: Given) -> None:
    user = given(a_user(), activated, given_means(Means.APP))
    generation, until = user.means_link.generation, moment("2026-04-19T12:00:00+02:00")
    assert user.check_link(LinkPurpose.MEANS, generation, until - MICROSECOND)
    with pytest.raises(LinkExpired):
        user.check_link(LinkPurpose.MEANS, generation, until)


@pytest.mark.parametrize("steps", [[resent], [resent, activated]], ids=["pending", "active with nothing new"])
def test_a_user_without_a_mail_about_means_has_no_link_to_them(steps: list[Step], given: Given) -> None:
    user = given(a_user(), *steps)
    with pytest.raises(LinkVoided):
        opens(user, user.link.generation)


@pytest.mark.parametrize("step", [means_mail_resent, given_means(Means.CHIP)], ids=["resent", "more means"])
def test_a_new_link_to_means_requires_a_new_proof_of_identity(step: Step, given: Given, when: When) -> None:
    user = given(a_user(), activated, given_means(Means.APP))
    when(User.confirm_identity, LinkPurpose.MEANS, user.means_link.generation, proved_identity())
    assert user.is_confirmed_at(NOON)
    assert not given(step).is_confirmed_at(NOON)


def test_identity_is_proved_for_new_means_too(given: Given, when: When, then: Then) -> None:
    user = given(a_user(), activated, given_means(Means.APP))
    when(User.confirm_identity, LinkPurpose.MEANS, user.means_link.generation, proved_identity())
    then((User.IdentityConfirmed, {"by": "date_of_birth"}))
