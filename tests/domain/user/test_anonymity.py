"""A user requests anonymity; an administrator replaces the user by an anonymous one, or declines."""

from dataclasses import replace
from uuid import UUID

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.settings import AnonymityNotAllowed, Settings
from brugerbog.domain.user.anonymity import (
    AlreadyAnonymous,
    LossOfRightsNotAccepted,
    NoAnonymityRequest,
    RoleHolderCannotBeAnonymous,
)
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.user import User, creation_facts
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.domain.conftest import Given, Then, When
from tests.given import (
    CPR,
    EAN,
    NOON,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    SHARED,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    asking_for_anonymity,
    deactivated,
    deleted,
    given_means,
    granted,
    sealing_with,
    signing,
    took,
    user_after,
)

NEW = UUID(int=USER.int + 1)
NARROW = Settings()


def ask(
    when: When,
    settings: Settings = PERMISSIVE_SETTINGS,
    roles: tuple[Role, ...] = (),
    *,
    accepts: bool = True,
) -> None:
    when(User.request_anonymity, settings, roles, accepts_losing_rights=accepts)


def declined(scenario: Scenario) -> None:
    scenario.execute(User.decline_anonymity, "Det kan ikke lade sig gøre")


def requesting_user(*steps: Step, **fields: object) -> User:
    """An active user with an open request for anonymity."""
    return user_after(a_user(**fields), activated, *steps, asking_for_anonymity)


# Requests


@pytest.mark.parametrize("steps", [[], [deactivated("2026-03-21")], [granted("r1")]])
def test_an_active_user_requests_anonymity(steps: list[Step], given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, *steps)
    ask(when)
    user = then(User.AnonymityRequested)
    assert (user.asks_for_anonymity, user.anonymous) == (True, False)


def test_a_repeated_request_records_nothing(given: Given, when: When, then_nothing_happened: Then) -> None:
    given(a_user(), activated, asking_for_anonymity)
    ask(when)
    then_nothing_happened()


def test_a_declined_user_can_request_anonymity_again(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, asking_for_anonymity, declined)
    ask(when)
    then(User.AnonymityRequested)


def test_the_loss_of_rights_must_be_accepted_first(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), activated)
    ask(when, accepts=False)
    then_refused(LossOfRightsNotAccepted)


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_a_role_holder_cannot_request_anonymity(
    role: Role, given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), activated)
    ask(when, roles=(role,))
    then_refused(RoleHolderCannotBeAnonymous, user_id=USER)


@pytest.mark.parametrize(
    ("steps", "settings", "refusal"),
    [
        ([a_user(), activated], NARROW, AnonymityNotAllowed),
        ([a_user(anonymous=True), activated], PERMISSIVE_SETTINGS, AlreadyAnonymous),
        ([a_user(anonymous=True), activated], NARROW, AlreadyAnonymous),
        ([a_user(), activated, deleted()], PERMISSIVE_SETTINGS, AlreadyDeleted),
    ],
)
def test_a_request_is_refused_by_the_settings_or_the_state_of_the_user(  # noqa: PLR0917 - a table of cases
    steps: list[Step],
    settings: Settings,
    refusal: type[Refusal],
    given: Given,
    when: When,
    then_refused: Then,
) -> None:
    given(*steps)
    ask(when, settings)
    then_refused(refusal)


# Declined requests


def test_a_request_is_declined_with_a_reason(given: Given, when: When, then: Then) -> None:
    given(a_user(), activated, asking_for_anonymity)
    when(User.decline_anonymity, "Vi mangler dit navn")
    user = then((User.AnonymityDeclined, {"reason": "Vi mangler dit navn"}))
    assert (user.asks_for_anonymity, user.decline_reason) == (False, "Vi mangler dit navn")


@pytest.mark.parametrize("steps", [[], [asking_for_anonymity, declined]], ids=["never asked", "declined"])
def test_without_an_open_request_answering_is_refused(
    steps: list[Step], given: Given, when: When, then_refused: Then
) -> None:
    old = given(a_user(), activated, *steps)
    when(User.decline_anonymity, "Nej")
    then_refused(NoAnonymityRequest, user_id=USER)
    with pytest.raises(NoAnonymityRequest):
        old.must_have_anonymity_request()


def test_a_deleted_user_cannot_request_anonymity(given: Given, when: When, then_refused: Then) -> None:
    given(a_user(), activated, asking_for_anonymity, deleted(retention_days=30))
    when(User.decline_anonymity, "Nej")
    then_refused(AlreadyDeleted, user_id=USER)


# Replacement by an anonymous user


def test_a_new_anonymous_user_replaces_the_old_one(when: When, then: Then) -> None:
    when(User.create_in_place_of, NEW, requesting_user(cpr=CPR), PERMISSIVE_SETTINGS)
    created, replaced = (User.Created, {"originator_id": NEW}), (User.ReplacedUser, {"replaced": USER})
    user = then(created, User.Anonymized, replaced, (User.ActivationMailIssued, {"resent": False}))
    assert (user.id, user.anonymous, user.replaced) == (NEW, True, USER)
    assert user.status_at(NOON) is Status.PENDING


def test_a_replaced_user_known_by_birth_date_only_gets_a_new_code(when: When, then: Then) -> None:
    when(User.create_in_place_of, NEW, requesting_user(), PERMISSIVE_SETTINGS)
    mail_and_code = (User.ActivationMailIssued, User.ActivationCodeIssued)
    then(User.Created, User.Anonymized, User.ReplacedUser, *mail_and_code)


def test_the_new_user_is_the_same_person(when: When) -> None:
    placed = {"ean": EAN, "p_number": P_NUMBER, "se_number": SE_NUMBER}
    old = requesting_user(cpr=CPR, phone="12345678", reference_text="Hold 4", **placed)
    new = when(User.create_in_place_of, NEW, old, PERMISSIVE_SETTINGS)
    assert creation_facts(new) == creation_facts(old)
    assert new.identity == old.identity == Identity.by_cpr(CPR)


def test_the_new_user_has_no_rights(when: When) -> None:
    old = requesting_user(granted("r1"), signing, sealing_with("p1"))
    new = when(User.create_in_place_of, NEW, old, PERMISSIVE_SETTINGS)
    assert (new.rights, new.can_sign, new.sealing_profiles) == ((), False, ())


def test_the_new_user_is_assigned_the_same_means_and_activates_them_again(when: When) -> None:
    old = requesting_user(given_means(Means.APP, Means.PRIVATE, Means.SHARED), took(Means.APP))
    new = when(User.create_in_place_of, NEW, old, PERMISSIVE_SETTINGS)
    assert (new.means, new.active_means) == ((Means.APP, Means.PRIVATE, Means.SHARED), ())
    assert new.shared_means == SHARED


@pytest.mark.parametrize(
    ("settings", "means"),
    [(replace(PERMISSIVE_SETTINGS, allow_shared_means=False), (Means.APP,)), (NARROW, (Means.APP,))],
    ids=["no shared ones", "few"],
)
def test_means_no_longer_offered_are_not_assigned_to_the_new_user(
    settings: Settings, means: tuple[Means, ...], when: When
) -> None:
    new = when(User.create_in_place_of, NEW, requesting_user(given_means(Means.APP, Means.SHARED)), settings)
    assert (new.means, new.shared_means) == (means, None)


def test_a_replacing_user_without_offered_means_is_assigned_none(when: When, then: Then) -> None:
    when(User.create_in_place_of, NEW, requesting_user(given_means(Means.CHIP), cpr=CPR), NARROW)
    then(User.Created, User.Anonymized, User.ReplacedUser, User.ActivationMailIssued)


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([], NoAnonymityRequest),
        ([asking_for_anonymity, declined], NoAnonymityRequest),
        ([asking_for_anonymity, deleted()], AlreadyDeleted),
    ],
    ids=["never asked", "declined", "deleted"],
)
def test_a_user_without_a_request_is_not_replaced(
    steps: list[Step], refusal: type[Refusal], when: When, then_refused: Then
) -> None:
    when(User.create_in_place_of, NEW, user_after(a_user(), activated, *steps), PERMISSIVE_SETTINGS)
    then_refused(refusal, user_id=USER)


def test_the_old_user_does_not_change(when: When) -> None:
    old = requesting_user()
    version = old.version
    when(User.create_in_place_of, NEW, old, PERMISSIVE_SETTINGS)
    assert (old.version, old.status_at(NOON)) == (version, Status.ACTIVE)


def test_the_id_of_the_replaced_user_is_erased_too(given: Given, when: When) -> None:
    new = when(User.create_in_place_of, NEW, requesting_user(cpr=CPR), PERMISSIVE_SETTINGS)
    given(deleted())
    assert (new.replaced, new.cpr) == (None, ERASED)
