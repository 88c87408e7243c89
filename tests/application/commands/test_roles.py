"""Roles are given and taken with a mail, end with their holder, and one administrator always remains."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.application.rate_limits import CHANGES_MAILED_TO_USER, TooManyTries
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.organisation import (
    AnonymousHoldsNoRole,
    CannotTakeOwnRole,
    LastOrganisationAdministrator,
    NotARole,
    Organisation,
)
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import mail_intents
from tests.clock import NOON
from tests.org_driver import OrgDriver, write_file
from tests.stores import rows

CHIEF, CLERK, RIGHTS = Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR
A_DAY = timedelta(1)
TODAY = NOON.date()


def give(org: OrgDriver, user_id: UUID, *roles: Role) -> UUID:
    for role in roles:
        org.administration.give_role(org.actor, user_id, role)
    return user_id


def take(org: OrgDriver, user_id: UUID, role: Role = CHIEF) -> None:
    org.administration.take_role(org.actor, user_id, role)


def somebody(org: OrgDriver, name: str, *roles: Role) -> UUID:
    """Somebody active, with roles."""
    return give(org, org.create_active(name, email=f"{name}@by.test"), *roles)


def mails(org: OrgDriver, user_id: UUID) -> list[tuple[str, str]]:
    """The mails about roles that somebody is to get."""
    about_roles = {MailKind.ROLE_GIVEN, MailKind.ROLE_TAKEN}
    asked = [one for one in rows(org.service, mail_intents) if one.recipient == user_id]
    return sorted((one.kind, one.detail) for one in asked if one.kind in about_roles)


def facts(org: OrgDriver) -> list[object]:
    return [event for _, event in org.service.log.events_until(org.id, org.clock.now())]


def let_go(org: OrgDriver, how: str, user_id: UUID, folder: Path) -> str | None:
    """Let somebody go in one of four ways; the code of the refusal, if it is refused."""
    try:
        if how == "delete":
            org.delete(user_id)
        elif how == "deactivate":
            org.deactivate(user_id)
        elif how == "take his role":
            take(org, user_id)
        else:
            return delete_by_file(org, folder, user_id)[0]
    except Refusal as refusal:
        return refusal.code
    return None


def delete_by_file(org: OrgDriver, folder: Path, *user_ids: UUID) -> list[str | None]:
    """The codes of the refusals of each row."""
    write_file(folder / "d.csv", [{"Aktion": "D", "UUID": str(user_id)} for user_id in user_ids])
    receipt = org.administration.import_users(org.actor, folder / "d.csv")
    return [one.errors[0].code if one.errors else None for one in receipt.outcomes]


WAYS = ["delete", "deactivate", "take his role", "delete by file"]
FOR_GOOD = ["delete", "delete by file"]


# Given and taken


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_a_role_is_given_with_a_mail_and_taken_with_another(org: OrgDriver, role: Role) -> None:
    ida = somebody(org, "ida", role)
    held = org.queries.roles(org.actor)
    somebody(org, "bo", CHIEF)
    take(org, ida, role)

    assert held == [(ida, role)]
    assert ida not in dict(org.queries.roles(org.actor))
    assert mails(org, ida) == [(MailKind.ROLE_GIVEN, role), (MailKind.ROLE_TAKEN, role)]


def test_a_held_role_is_not_given_again_nor_a_missing_one_taken(org: OrgDriver) -> None:
    ida = somebody(org, "ida", CLERK)
    before = len(facts(org))

    give(org, ida, CLERK)
    take(org, ida, RIGHTS)

    assert len(facts(org)) == before
    assert mails(org, ida) == [(MailKind.ROLE_GIVEN, CLERK)]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SCHEDULE, Role.USER])
def test_only_the_organisations_own_roles_are_given_and_taken(org: OrgDriver, role: Role) -> None:
    ida = somebody(org, "ida")

    with pytest.raises(NotARole):
        give(org, ida, role)
    with pytest.raises(NotARole):
        take(org, ida, role)


def test_no_role_is_given_to_the_anonymous_and_the_deleted(org: OrgDriver) -> None:
    gone = somebody(org, "ida")
    org.delete(gone)

    with pytest.raises(AnonymousHoldsNoRole):
        give(org, org.create("Bo", anonymous=True), CLERK)
    with pytest.raises(AlreadyDeleted):
        give(org, gone, CLERK)


def test_users_see_their_own_roles(org: OrgDriver) -> None:
    ida = somebody(org, "ida", RIGHTS, CLERK)

    assert org.queries.myself(org.seen_by(ida).actor).roles == sorted([RIGHTS, CLERK])


def test_an_organisation_administrator_gives_roles_and_can_not_take_the_own_one(org: OrgDriver) -> None:
    chief = org.seen_by(somebody(org, "ida", CHIEF))
    bo = give(chief, somebody(org, "bo"), CLERK, CHIEF)

    with pytest.raises(CannotTakeOwnRole):
        take(chief, chief.actor.id)
    take(org.seen_by(bo), chief.actor.id)

    assert set(org.queries.roles(org.actor)) == {(bo, CHIEF), (bo, CLERK)}


# Acting in a role


def test_a_command_is_recorded_in_the_role_that_allows_it(org: OrgDriver) -> None:
    ida = org.seen_by(somebody(org, "ida", CLERK, RIGHTS))
    whom = ida.create("Bo")
    org.administration.grant_rights(ida.actor, whom, ["r1"])

    told = {type(one): (one.actor, one.role) for one in facts(org) if one.originator_id == whom}  # type: ignore[attr-defined]
    assert told[User.Created] == (ida.actor.id, CLERK)
    assert told[User.RightsGranted] == (ida.actor.id, RIGHTS)


def test_a_role_counts_only_while_its_holder_is_active(org: OrgDriver) -> None:
    pending = give(org, org.create(), CLERK)
    ida = org.seen_by(pending)
    with pytest.raises(NotAllowed):
        ida.users()
    org.administration.activate_user(org.actor, pending)
    org.deactivate(pending, TODAY + A_DAY, TODAY + A_DAY)

    assert len(ida.users()) == 1
    org.clock.set_to(TODAY + A_DAY)
    with pytest.raises(NotAllowed):
        ida.users()
    org.clock.set_to(TODAY + 2 * A_DAY)
    assert len(ida.users()) == 1


# Going


@pytest.mark.parametrize("how", FOR_GOOD)
def test_all_roles_go_with_their_holder_in_one_command_and_without_a_mail(
    org: OrgDriver, tmp_path: Path, how: str
) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": 10})
    somebody(org, "bo", CHIEF)
    ida = somebody(org, "ida", *ASSIGNABLE_ROLES)

    assert let_go(org, how, ida, tmp_path) is None

    (deleted,) = [one for one in facts(org) if isinstance(one, User.Deleted)]
    taken = [one for one in facts(org) if isinstance(one, Organisation.RoleTaken)]
    assert {one.role_taken for one in taken} == set(ASSIGNABLE_ROLES)
    assert {one.command_id for one in taken} == {deleted.command_id}
    assert ida not in dict(org.queries.roles(org.actor))
    assert {kind for kind, _ in mails(org, ida)} == {MailKind.ROLE_GIVEN}


def test_a_deactivated_user_keeps_the_roles(org: OrgDriver) -> None:
    ida = somebody(org, "ida", CLERK)
    org.deactivate(ida)

    assert org.queries.roles(org.actor) == [(ida, CLERK)]


# One who gives roles always stays


@pytest.mark.parametrize("how", WAYS)
def test_the_last_organisation_administrator_stays(org: OrgDriver, tmp_path: Path, how: str) -> None:
    ida = somebody(org, "ida", CHIEF)
    before = facts(org)

    assert let_go(org, how, ida, tmp_path) == LastOrganisationAdministrator.code

    assert facts(org) == before


@pytest.mark.parametrize("other", ["pending", "deactivated", "deleted", "without the role"])
@pytest.mark.parametrize("how", WAYS)
def test_who_can_not_act_is_no_other_administrator(
    org: OrgDriver, tmp_path: Path, how: str, other: str
) -> None:
    ida = somebody(org, "ida", CHIEF)
    bo = give(org, org.create("Bo"), CHIEF) if other == "pending" else somebody(org, "bo", CHIEF)
    if other == "deactivated":
        org.deactivate(bo)
    if other == "deleted":
        org.delete(bo)
    if other == "without the role":
        take(org, bo)

    assert let_go(org, how, ida, tmp_path) == LastOrganisationAdministrator.code


@pytest.mark.parametrize("how", WAYS)
def test_an_organisation_administrator_may_go_when_another_stays(
    org: OrgDriver, tmp_path: Path, how: str
) -> None:
    ida, bo = somebody(org, "ida", CHIEF), somebody(org, "bo", CHIEF)

    assert let_go(org, how, ida, tmp_path) is None
    assert let_go(org, how, bo, tmp_path) == LastOrganisationAdministrator.code
    assert org.show(bo).status is Status.ACTIVE


def test_of_all_administrators_in_one_file_one_stays(org: OrgDriver, tmp_path: Path) -> None:
    people = [somebody(org, name, CHIEF) for name in ("ida", "bo", "ada")]

    assert delete_by_file(org, tmp_path, *people) == [None, None, LastOrganisationAdministrator.code]

    assert org.queries.roles(org.actor) == [(people[-1], CHIEF)]


def test_administrators_can_not_delete_themselves_by_a_file(org: OrgDriver, tmp_path: Path) -> None:
    somebody(org, "bo", CHIEF)
    ida = org.seen_by(somebody(org, "ida", CHIEF, CLERK))

    assert delete_by_file(ida, tmp_path, ida.actor.id) == ["cannot_delete_oneself"]


def test_two_administrators_may_be_away_in_turn_and_not_on_the_same_day(org: OrgDriver) -> None:
    one, other = somebody(org, "ida", CHIEF), somebody(org, "bo", CHIEF)
    org.deactivate(one, TODAY + A_DAY, TODAY + 7 * A_DAY)

    with pytest.raises(LastOrganisationAdministrator):
        org.deactivate(other, TODAY + 7 * A_DAY, TODAY + 8 * A_DAY)
    org.deactivate(other, TODAY + 8 * A_DAY)


def test_a_role_is_not_given_again_and_again_but_taken_always(org: OrgDriver) -> None:
    ida = org.create_active()
    for _ in range(CHANGES_MAILED_TO_USER.most):
        org.administration.give_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
        org.administration.give_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
        org.administration.take_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(TooManyTries):
        org.administration.give_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
