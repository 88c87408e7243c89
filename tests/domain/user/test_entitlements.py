"""Rights, signing and sealing are granted and revoked; no change records nothing."""

from dataclasses import replace

import pytest

from brugerbog.domain.settings import Settings
from brugerbog.domain.user.entitlements import ProfileNotActive, RightUnknown, SealingNotAllowed
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.user import User
from tests.domain.conftest import Given, Then, When
from tests.given import (
    ENTITLEMENT_SETTINGS,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deleted,
    granted,
    sealing_with,
    signing,
)

NARROW = Settings()


@pytest.mark.parametrize("steps", [[an_imported_user()], [a_user()], [a_user(), activated]])
def test_an_undeleted_user_can_be_granted_rights(
    steps: list[Step], given: Given, when: When, then: Then
) -> None:
    given(*steps)
    assert when(User.grant_rights, ["r1", "r2"], ENTITLEMENT_SETTINGS) == ("r1", "r2")
    assert then((User.RightsGranted, {"rights": ("r1", "r2")})).rights == ("r1", "r2")


@pytest.mark.parametrize("rights", [["r1", "r2"], ["r2", "r1", "r2"]])
def test_only_new_rights_are_recorded_and_once(
    rights: list[str], given: Given, when: When, then: Then
) -> None:
    given(a_user(), granted("r1"))
    assert when(User.grant_rights, rights, ENTITLEMENT_SETTINGS) == ("r2",)
    assert then((User.RightsGranted, {"rights": ("r2",)})).rights == ("r1", "r2")


@pytest.mark.parametrize("rights", [[], ["r1"], ["r1", "r1"]])
def test_rights_the_user_has_record_nothing(
    rights: list[str], given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), granted("r1"))
    assert when(User.grant_rights, rights, ENTITLEMENT_SETTINGS) == ()
    then_nothing_happened()


@pytest.mark.parametrize("rights", [["r3"], ["r1", "r3"], ["R1"]])
def test_only_rights_of_the_catalogue_are_given_all_or_none(
    rights: list[str], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.grant_rights, rights, ENTITLEMENT_SETTINGS)
    then_refused(RightUnknown)


def test_rights_are_taken(given: Given, when: When, then: Then) -> None:
    given(a_user(), granted("r1", "r2"))
    assert when(User.revoke_rights, ["r2", "r2"]) == ("r2",)
    assert then((User.RightsRevoked, {"rights": ("r2",)})).rights == ("r1",)


def test_rights_the_user_lacks_are_not_revoked(given: Given, when: When, then_nothing_happened: Then) -> None:
    given(a_user(), granted("r1"))
    assert when(User.revoke_rights, ["r2", "r3"]) == ()
    then_nothing_happened()


def test_a_revoked_right_can_be_granted_again(given: Given, when: When, then: Then) -> None:
    given(a_user(), granted("r1"), lambda scenario: scenario.execute(User.revoke_rights, ["r1"]))
    when(User.grant_rights, ["r1"], ENTITLEMENT_SETTINGS)
    then(User.RightsGranted)


# Signing


def test_a_user_may_sign(given: Given, when: When, then: Then) -> None:
    assert not given(a_user()).can_sign
    when(User.allow_signing)
    assert then(User.SigningAllowed).can_sign


def test_a_user_may_sign_no_more(given: Given, when: When, then: Then) -> None:
    given(a_user(), signing)
    when(User.withdraw_signing)
    assert not then(User.SigningWithdrawn).can_sign


@pytest.mark.parametrize(("steps", "command"), [([signing], User.allow_signing), ([], User.withdraw_signing)])
def test_signing_is_allowed_and_withdrawn_once(
    steps: list[Step], command: When, given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), *steps)
    when(command)
    then_nothing_happened()


# Sealing


def test_a_user_seals_with_the_profiles_of_the_organisation(given: Given, when: When, then: Then) -> None:
    given(a_user())
    when(User.assign_sealing_profiles, ["p1", "p2", "p1"], ENTITLEMENT_SETTINGS)
    assert then((User.SealingProfilesAssigned, {"profiles": ("p1", "p2")})).sealing_profiles == ("p1", "p2")


@pytest.mark.parametrize("profiles", [("p2",), ()])
def test_the_given_profiles_replace_earlier_ones(
    profiles: tuple[str, ...], given: Given, when: When, then: Then
) -> None:
    given(a_user(), sealing_with("p1"))
    when(User.assign_sealing_profiles, profiles, ENTITLEMENT_SETTINGS)
    assert then(User.SealingProfilesAssigned).sealing_profiles == profiles


@pytest.mark.parametrize("profiles", [["p1", "p2"], ["p2", "p1"]])
def test_the_same_profiles_in_any_order_record_nothing(
    profiles: list[str], given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(a_user(), sealing_with("p1", "p2"))
    when(User.assign_sealing_profiles, profiles, ENTITLEMENT_SETTINGS)
    then_nothing_happened()


def test_nobody_seals_where_the_organisation_does_not_allow_it(
    given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.assign_sealing_profiles, ["p1"], replace(ENTITLEMENT_SETTINGS, allow_sealing=False))
    then_refused(SealingNotAllowed)


@pytest.mark.parametrize("profiles", [["p3"], ["p1", "p3"]])
def test_nobody_seals_with_a_profile_that_is_not_active(
    profiles: list[str], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user())
    when(User.assign_sealing_profiles, profiles, ENTITLEMENT_SETTINGS)
    then_refused(ProfileNotActive)


@pytest.mark.parametrize("profiles", [("p1",), ()], ids=["fewer", "none"])
def test_assigned_profiles_are_kept_or_removed_whatever_the_settings_are(
    profiles: tuple[str, ...], given: Given, when: When, then: Then
) -> None:
    given(a_user(), sealing_with("p1", "p2"))
    when(User.assign_sealing_profiles, profiles, NARROW)
    then((User.SealingProfilesAssigned, {"profiles": profiles}))


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (User.grant_rights, (["r1"], ENTITLEMENT_SETTINGS)),
        (User.revoke_rights, (["r1"],)),
        (User.allow_signing, ()),
        (User.withdraw_signing, ()),
        (User.assign_sealing_profiles, (["p1"], ENTITLEMENT_SETTINGS)),
    ],
)
def test_a_deleted_user_is_given_and_loses_nothing(
    command: When, arguments: tuple[object, ...], given: Given, when: When, then_refused: Then
) -> None:
    given(a_user(), granted("r1"), signing, deleted(retention_days=30))
    when(command, *arguments)
    then_refused(AlreadyDeleted, user_id=USER)
