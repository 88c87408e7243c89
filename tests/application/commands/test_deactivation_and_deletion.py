"""Users are deactivated, reactivated and deleted."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values.status import Status
from tests.org_driver import OrgDriver

TODAY = date(2026, 3, 20)
ONE_DAY = timedelta(1)


def test_a_deactivation_begins_today_by_default(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida)

    user = org.show(ida)
    assert (user.status, user.deactivated_from, user.deactivated_to) == (
        Status.DEACTIVATED,
        "2026-03-20",
        None,
    )


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ((TODAY - ONE_DAY, None), refused.FromDateInThePast),
        ((TODAY + ONE_DAY, TODAY), refused.ToDateBeforeFromDate),
    ],
)
def test_an_invalid_deactivation_is_refused(
    org: OrgDriver, ida: UUID, days: tuple[date, date | None], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        org.deactivate(ida, *days)

    assert org.show(ida).status is Status.ACTIVE


def test_only_activated_users_are_deactivated(org: OrgDriver, tmp_path: Path) -> None:
    for user_id in (org.create(), *org.import_people(tmp_path, 1)):
        with pytest.raises(refused.NeverActivated):
            org.deactivate(user_id)


def test_a_second_deactivation_replaces_the_first(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida)
    org.deactivate(ida, TODAY + ONE_DAY, TODAY + 2 * ONE_DAY)

    user = org.show(ida)
    assert (user.status, user.deactivated_from) == (Status.ACTIVE, "2026-03-21")


def test_a_deactivation_to_the_end_of_the_calendar_stops_nothing(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida, to_date=date.max)

    assert org.show(ida).status is Status.DEACTIVATED
    assert {status.state for status in org.service.runner.status()} == {"ok"}


def test_a_reactivation_ends_a_current_period_and_cancels_a_future_one(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida)
    org.administration.reactivate_user(org.actor, ida)
    running = org.show(ida)
    org.deactivate(ida, TODAY + ONE_DAY)
    org.administration.reactivate_user(org.actor, ida)

    assert (running.status, org.show(ida).deactivated_from) == (Status.ACTIVE, None)


def test_a_user_who_is_not_deactivated_is_not_reactivated(org: OrgDriver, ida: UUID) -> None:
    with pytest.raises(refused.NotDeactivated):
        org.administration.reactivate_user(org.actor, ida)


def test_a_deactivation_that_is_over_can_not_be_reactivated(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida, to_date=TODAY)
    org.clock.set_to(TODAY + ONE_DAY)

    with pytest.raises(refused.NotDeactivated):
        org.administration.reactivate_user(org.actor, ida)


def test_a_deleted_user_is_gone_from_the_list_and_nothing_personal_remains(org: OrgDriver, ida: UUID) -> None:
    org.delete(ida)

    gone = org.show(ida)
    assert org.users() == []
    assert (gone.status, gone.first_name, gone.surname) == (Status.DELETED, "Slettet bruger", "")
    assert (gone.email, gone.date_of_birth, gone.cpr_masked) == (None, None, None)


def test_an_import_is_a_command_like_the_others(org: OrgDriver, tmp_path: Path) -> None:
    org.import_people(tmp_path, 2)

    assert org.names(imported=True) == ["Ib0", "Ib1"]
