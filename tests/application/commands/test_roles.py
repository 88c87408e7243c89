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
from tests.org_driver import Town, write_file
from tests.stores import rows

CHIEF, CLERK, RIGHTS = Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR
A_DAY = timedelta(1)
TODAY = NOON.date()


def give(town: Town, user_id: UUID, *roles: Role) -> UUID:
    for role in roles:
        town.administration.give_role(town.actor, user_id, role)
    return user_id


def take(town: Town, user_id: UUID, role: Role = CHIEF) -> None:
    town.administration.take_role(town.actor, user_id, role)


def somebody(town: Town, name: str, *roles: Role) -> UUID:
    """Somebody active, with roles."""
    return give(town, town.create_active(name, email=f"{name}@by.test"), *roles)


def mails(town: Town, user_id: UUID) -> list[tuple[str, str]]:
    """The mails about roles that somebody is to get."""
    about_roles = {MailKind.ROLE_GIVEN, MailKind.ROLE_TAKEN}
    asked = [one for one in rows(town.service, mail_intents) if one.recipient == user_id]
    return sorted((one.kind, one.detail) for one in asked if one.kind in about_roles)


def facts(town: Town) -> list[object]:
    return [event for _, event in town.service.log.events_until(town.id, town.clock.now())]


def let_go(town: Town, how: str, user_id: UUID, folder: Path) -> str | None:
    """Let somebody go in one of four ways; the code of the refusal, if it is refused."""
    try:
        if how == "delete":
            town.delete(user_id)
        elif how == "deactivate":
            town.deactivate(user_id)
        elif how == "take his role":
            take(town, user_id)
        else:
            return delete_by_file(town, folder, user_id)[0]
    except Refusal as refusal:
        return refusal.code
    return None


def delete_by_file(town: Town, folder: Path, *user_ids: UUID) -> list[str | None]:
    """The codes of the refusals of each row."""
    write_file(folder / "d.csv", [{"Aktion": "D", "UUID": str(user_id)} for user_id in user_ids])
    receipt = town.administration.import_users(town.actor, folder / "d.csv")
    return [one.errors[0].code if one.errors else None for one in receipt.outcomes]


WAYS = ["delete", "deactivate", "take his role", "delete by file"]
FOR_GOOD = ["delete", "delete by file"]


# Given and taken


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_a_role_is_given_with_a_mail_and_taken_with_another(town: Town, role: Role) -> None:
    ida = somebody(town, "ida", role)
    held = town.queries.roles(town.actor)
    somebody(town, "bo", CHIEF)
    take(town, ida, role)

    assert held == [(ida, role)]
    assert ida not in dict(town.queries.roles(town.actor))
    assert mails(town, ida) == [(MailKind.ROLE_GIVEN, role), (MailKind.ROLE_TAKEN, role)]


def test_a_held_role_is_not_given_again_nor_a_missing_one_taken(town: Town) -> None:
    ida = somebody(town, "ida", CLERK)
    before = len(facts(town))

    give(town, ida, CLERK)
    take(town, ida, RIGHTS)

    assert len(facts(town)) == before
    assert mails(town, ida) == [(MailKind.ROLE_GIVEN, CLERK)]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SCHEDULE, Role.USER])
def test_only_the_organisations_own_roles_are_given_and_taken(town: Town, role: Role) -> None:
    ida = somebody(town, "ida")

    with pytest.raises(NotARole):
        give(town, ida, role)
    with pytest.raises(NotARole):
        take(town, ida, role)


def test_no_role_is_given_to_the_anonymous_and_the_deleted(town: Town) -> None:
    gone = somebody(town, "ida")
    town.delete(gone)

    with pytest.raises(AnonymousHoldsNoRole):
        give(town, town.create("Bo", anonymous=True), CLERK)
    with pytest.raises(AlreadyDeleted):
        give(town, gone, CLERK)


def test_users_see_their_own_roles(town: Town) -> None:
    ida = somebody(town, "ida", RIGHTS, CLERK)

    assert town.queries.myself(town.seen_by(ida).actor).roles == sorted([RIGHTS, CLERK])


def test_an_organisation_administrator_gives_roles_and_can_not_take_the_own_one(town: Town) -> None:
    chief = town.seen_by(somebody(town, "ida", CHIEF))
    bo = give(chief, somebody(town, "bo"), CLERK, CHIEF)

    with pytest.raises(CannotTakeOwnRole):
        take(chief, chief.actor.id)
    take(town.seen_by(bo), chief.actor.id)

    assert set(town.queries.roles(town.actor)) == {(bo, CHIEF), (bo, CLERK)}


# Acting in a role


def test_a_command_is_recorded_in_the_role_that_allows_it(town: Town) -> None:
    ida = town.seen_by(somebody(town, "ida", CLERK, RIGHTS))
    whom = ida.create("Bo")
    town.administration.grant_rights(ida.actor, whom, ["r1"])

    told = {type(one): (one.actor, one.role) for one in facts(town) if one.originator_id == whom}  # type: ignore[attr-defined]
    assert told[User.Created] == (ida.actor.id, CLERK)
    assert told[User.RightsGranted] == (ida.actor.id, RIGHTS)


def test_a_role_counts_only_while_its_holder_is_active(town: Town) -> None:
    pending = give(town, town.create(), CLERK)
    ida = town.seen_by(pending)
    with pytest.raises(NotAllowed):
        ida.users()
    town.administration.activate_user(town.actor, pending)
    town.deactivate(pending, TODAY + A_DAY, TODAY + A_DAY)

    assert len(ida.users()) == 1
    town.clock.set_to(TODAY + A_DAY)
    with pytest.raises(NotAllowed):
        ida.users()
    town.clock.set_to(TODAY + 2 * A_DAY)
    assert len(ida.users()) == 1


# Going


@pytest.mark.parametrize("how", FOR_GOOD)
def test_all_roles_go_with_their_holder_in_one_command_and_without_a_mail(
    town: Town, tmp_path: Path, how: str
) -> None:
    town.administration.change_settings(town.actor, {"erasure_retention_days": 10})
    somebody(town, "bo", CHIEF)
    ida = somebody(town, "ida", *ASSIGNABLE_ROLES)

    assert let_go(town, how, ida, tmp_path) is None

    (deleted,) = [one for one in facts(town) if isinstance(one, User.Deleted)]
    taken = [one for one in facts(town) if isinstance(one, Organisation.RoleTaken)]
    assert {one.role_taken for one in taken} == set(ASSIGNABLE_ROLES)
    assert {one.command_id for one in taken} == {deleted.command_id}
    assert ida not in dict(town.queries.roles(town.actor))
    assert {kind for kind, _ in mails(town, ida)} == {MailKind.ROLE_GIVEN}


def test_a_deactivated_user_keeps_the_roles(town: Town) -> None:
    ida = somebody(town, "ida", CLERK)
    town.deactivate(ida)

    assert town.queries.roles(town.actor) == [(ida, CLERK)]


# One who gives roles always stays


@pytest.mark.parametrize("how", WAYS)
def test_the_last_organisation_administrator_stays(town: Town, tmp_path: Path, how: str) -> None:
    ida = somebody(town, "ida", CHIEF)
    before = facts(town)

    assert let_go(town, how, ida, tmp_path) == LastOrganisationAdministrator.code

    assert facts(town) == before


@pytest.mark.parametrize("other", ["pending", "deactivated", "deleted", "without the role"])
@pytest.mark.parametrize("how", WAYS)
def test_who_can_not_act_is_no_other_administrator(town: Town, tmp_path: Path, how: str, other: str) -> None:
    ida = somebody(town, "ida", CHIEF)
    bo = give(town, town.create("Bo"), CHIEF) if other == "pending" else somebody(town, "bo", CHIEF)
    if other == "deactivated":
        town.deactivate(bo)
    if other == "deleted":
        town.delete(bo)
    if other == "without the role":
        take(town, bo)

    assert let_go(town, how, ida, tmp_path) == LastOrganisationAdministrator.code


@pytest.mark.parametrize("how", WAYS)
def test_an_organisation_administrator_may_go_when_another_stays(
    town: Town, tmp_path: Path, how: str
) -> None:
    ida, bo = somebody(town, "ida", CHIEF), somebody(town, "bo", CHIEF)

    assert let_go(town, how, ida, tmp_path) is None
    assert let_go(town, how, bo, tmp_path) == LastOrganisationAdministrator.code
    assert town.show(bo).status is Status.ACTIVE


def test_of_all_administrators_in_one_file_one_stays(town: Town, tmp_path: Path) -> None:
    people = [somebody(town, name, CHIEF) for name in ("ida", "bo", "ada")]

    assert delete_by_file(town, tmp_path, *people) == [None, None, LastOrganisationAdministrator.code]

    assert town.queries.roles(town.actor) == [(people[-1], CHIEF)]


def test_administrators_can_not_delete_themselves_by_a_file(town: Town, tmp_path: Path) -> None:
    somebody(town, "bo", CHIEF)
    ida = town.seen_by(somebody(town, "ida", CHIEF, CLERK))

    assert delete_by_file(ida, tmp_path, ida.actor.id) == ["cannot_delete_oneself"]


def test_two_administrators_may_be_away_in_turn_and_not_on_the_same_day(town: Town) -> None:
    one, other = somebody(town, "ida", CHIEF), somebody(town, "bo", CHIEF)
    town.deactivate(one, TODAY + A_DAY, TODAY + 7 * A_DAY)

    with pytest.raises(LastOrganisationAdministrator):
        town.deactivate(other, TODAY + 7 * A_DAY, TODAY + 8 * A_DAY)
    town.deactivate(other, TODAY + 8 * A_DAY)


def test_a_role_is_not_given_again_and_again_but_taken_always(town: Town) -> None:
    ida = town.create_active()
    for _ in range(CHANGES_MAILED_TO_USER.most):
        town.administration.give_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
        town.administration.give_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
        town.administration.take_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(TooManyTries):
        town.administration.give_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
