"""Roles are given and taken, and an active organisation administrator always remains."""

from uuid import UUID

import pytest

from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.organisation import (
    AnonymousHoldsNoRole,
    CannotTakeOwnRole,
    LastOrganisationAdministrator,
    NotARole,
    Organisation,
)
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.refusals import AlreadyDeleted
from tests.domain.conftest import Given, Then, When
from tests.given import (
    NOON,
    USER,
    Scenario,
    Step,
    a_user,
    activated,
    an_imported_user,
    an_organisation,
    deactivated,
    deleted,
    user_after,
    with_role,
)

ADMINISTRATOR = Role.ORGANISATION_ADMINISTRATOR
OTHER = UUID(int=USER.int + 1)
ANNE = user_after(a_user(), activated)
BO = user_after(a_user(OTHER, first_name="Bo"), activated)
FIRMA = an_organisation(Settings())
NO_GIFT = sorted(set(Role) - set(ASSIGNABLE_ROLES))


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
@pytest.mark.parametrize("steps", [[a_user()], [an_imported_user()], [a_user(), activated]])
def test_an_undeleted_user_can_be_given_a_role(
    steps: list[Step], role: Role, given: Given, when: When, then: Then
) -> None:
    given(FIRMA)
    when(Organisation.give_role, user_after(*steps), role)
    organisation = then((Organisation.RoleGiven, {"user_id": USER, "role_given": role}))
    assert organisation.roles_of(USER) == {role}


def test_a_user_holds_several_roles(given: Given) -> None:
    organisation = given(FIRMA, *[with_role(ANNE, role) for role in ASSIGNABLE_ROLES])
    assert organisation.roles_of(USER) == set(ASSIGNABLE_ROLES)


def test_a_role_the_user_holds_is_not_given_again(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(FIRMA, with_role(ANNE, Role.TRUSTED_EMPLOYEE))
    when(Organisation.give_role, ANNE, Role.TRUSTED_EMPLOYEE)
    then_nothing_happened()


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_an_anonymous_user_holds_no_role(role: Role, given: Given, when: When, then_refused: Then) -> None:
    given(FIRMA)
    when(Organisation.give_role, user_after(a_user(anonymous=True), activated), role)
    then_refused(AnonymousHoldsNoRole, user_id=USER)


@pytest.mark.parametrize("retention_days", [0, 30])
def test_a_deleted_user_is_given_no_role(
    retention_days: int, given: Given, when: When, then_refused: Then
) -> None:
    given(FIRMA)
    when(Organisation.give_role, user_after(a_user(), deleted(retention_days=retention_days)), ADMINISTRATOR)
    then_refused(AlreadyDeleted, user_id=USER)


@pytest.mark.parametrize("role", NO_GIFT)
def test_a_role_that_organisations_cannot_give_is_neither_given_nor_taken(
    role: Role, given: Given, when: When, then_refused: Then
) -> None:
    given(FIRMA)
    when(Organisation.give_role, ANNE, role)
    then_refused(NotARole)
    when(Organisation.take_role, USER, role, [])
    then_refused(NotARole)


# Taking a role


@pytest.mark.parametrize("role", sorted(set(ASSIGNABLE_ROLES) - {ADMINISTRATOR}))
def test_any_other_role_can_be_taken_from_its_last_holder(
    role: Role, given: Given, when: When, then: Then
) -> None:
    given(FIRMA, with_role(ANNE, ADMINISTRATOR), with_role(ANNE, role))
    when(Organisation.take_role, USER, role, [])
    organisation = then((Organisation.RoleTaken, {"user_id": USER, "role_taken": role}))
    assert organisation.roles_of(USER) == {ADMINISTRATOR}


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_a_role_the_user_does_not_hold_is_not_taken(
    role: Role, given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(FIRMA)
    when(Organisation.take_role, USER, role, [])
    then_nothing_happened()


def test_a_taken_role_can_be_given_again(given: Given, when: When, then: Then) -> None:
    role = Role.TRUSTED_EMPLOYEE
    given(
        FIRMA,
        with_role(ANNE, role),
        lambda scenario: scenario.execute(Organisation.take_role, USER, role, []),
    )
    when(Organisation.give_role, ANNE, role)
    then(Organisation.RoleGiven)


def test_the_holders_of_a_role_are_listed(given: Given) -> None:
    both = (with_role(BO, ADMINISTRATOR), with_role(ANNE, ADMINISTRATOR))
    organisation = given(FIRMA, *both, with_role(ANNE, Role.TRUSTED_EMPLOYEE))
    assert organisation.holders_of(ADMINISTRATOR) == [OTHER, USER]
    assert organisation.holders_of(Role.TRUSTED_EMPLOYEE) == [USER]


# The last organisation administrator


@pytest.fixture
def two_administrators(given: Given) -> Organisation:
    organisation: Organisation = given(FIRMA, with_role(ANNE, ADMINISTRATOR), with_role(BO, ADMINISTRATOR))
    return organisation


@pytest.mark.usefixtures("two_administrators")
def test_one_of_two_organisation_administrators_can_lose_the_role(when: When, then: Then) -> None:
    when(Organisation.take_role, USER, ADMINISTRATOR, [BO])
    then(Organisation.RoleTaken)


def test_the_last_organisation_administrator_stays(given: Given, when: When, then_refused: Then) -> None:
    given(FIRMA, with_role(ANNE, ADMINISTRATOR))
    when(Organisation.take_role, USER, ADMINISTRATOR, [])
    then_refused(LastOrganisationAdministrator, user_id=USER)


@pytest.mark.usefixtures("two_administrators")
@pytest.mark.parametrize(
    "steps",
    [
        [an_imported_user()],
        [a_user()],
        [a_user(), activated, deactivated("2026-03-20")],
        [a_user(), activated, deactivated("2026-03-20", "2026-03-20")],
        [a_user(), activated, deleted(retention_days=30)],
    ],
    ids=["imported", "pending", "away", "away today", "deleted"],
)
def test_an_inactive_administrator_does_not_count_as_remaining(
    steps: list[Step], when: When, then_refused: Then
) -> None:
    when(Organisation.take_role, USER, ADMINISTRATOR, [user_after(*steps)])
    then_refused(LastOrganisationAdministrator, user_id=USER)


@pytest.mark.usefixtures("two_administrators")
@pytest.mark.parametrize("steps", [[deactivated("2026-03-21")]], ids=["away tomorrow"])
def test_an_administrator_active_today_counts_as_remaining(steps: list[Step], when: When, then: Then) -> None:
    when(Organisation.take_role, USER, ADMINISTRATOR, [user_after(a_user(), activated, *steps)])
    then(Organisation.RoleTaken)


@pytest.mark.usefixtures("two_administrators")
def test_one_active_administrator_among_several_is_enough(when: When, then: Then) -> None:
    when(Organisation.take_role, USER, ADMINISTRATOR, [user_after(a_user()), BO])
    then(Organisation.RoleTaken)


@pytest.mark.usefixtures("two_administrators")
def test_organisation_administrators_cannot_take_that_role_from_themselves(
    when: When, then_refused: Then, scenario: Scenario
) -> None:
    scenario.actor = USER
    when(Organisation.take_role, USER, ADMINISTRATOR, [BO])
    then_refused(CannotTakeOwnRole, user_id=USER)


def test_users_can_take_any_other_role_from_themselves(
    given: Given, when: When, then: Then, scenario: Scenario
) -> None:
    given(FIRMA, with_role(ANNE, Role.USER_ADMINISTRATOR))
    scenario.actor = USER
    when(Organisation.take_role, USER, Role.USER_ADMINISTRATOR, [])
    then(Organisation.RoleTaken)


# When a user is deleted


def test_a_holder_of_another_role_may_always_leave(given: Given) -> None:
    given(FIRMA, with_role(ANNE, Role.USER_ADMINISTRATOR)).must_keep_organisation_administrator(
        USER, [], NOON
    )


def test_the_last_organisation_administrator_may_not_leave(given: Given) -> None:
    organisation = given(FIRMA, with_role(ANNE, ADMINISTRATOR))
    with pytest.raises(LastOrganisationAdministrator):
        organisation.must_keep_organisation_administrator(USER, [], NOON)
    organisation.must_keep_organisation_administrator(USER, [BO], NOON)


def test_a_deleted_user_loses_all_roles(given: Given, when: When, then: Then) -> None:
    given(FIRMA, with_role(BO, ADMINISTRATOR), *[with_role(ANNE, role) for role in ASSIGNABLE_ROLES])
    when(Organisation.take_all_roles, USER)
    taken = [
        (Organisation.RoleTaken, {"user_id": USER, "role_taken": role}) for role in sorted(ASSIGNABLE_ROLES)
    ]
    organisation = then(*taken)
    assert (organisation.roles_of(USER), organisation.roles_of(OTHER)) == (frozenset(), {ADMINISTRATOR})


def test_a_deleted_user_without_roles_loses_none(
    given: Given, when: When, then_nothing_happened: Then
) -> None:
    given(FIRMA)
    when(Organisation.take_all_roles, USER)
    then_nothing_happened()
