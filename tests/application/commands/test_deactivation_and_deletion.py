"""Users are deactivated, reactivated and deleted."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user import refusals as refused
from brugerbog.domain.values.status import Status
from tests.org_driver import Town

TODAY = date(2026, 3, 20)
ONE_DAY = timedelta(1)


def test_a_deactivation_begins_today_by_default(town: Town, ida: UUID) -> None:
    town.deactivate(ida)

    user = town.show(ida)
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
    town: Town, ida: UUID, days: tuple[date, date | None], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        town.deactivate(ida, *days)

    assert town.show(ida).status is Status.ACTIVE


def test_only_activated_users_are_deactivated(town: Town, tmp_path: Path) -> None:
    for user_id in (town.create(), *town.import_people(tmp_path, 1)):
        with pytest.raises(refused.NeverActivated):
            town.deactivate(user_id)


def test_a_second_deactivation_replaces_the_first(town: Town, ida: UUID) -> None:
    town.deactivate(ida)
    town.deactivate(ida, TODAY + ONE_DAY, TODAY + 2 * ONE_DAY)

    user = town.show(ida)
    assert (user.status, user.deactivated_from) == (Status.ACTIVE, "2026-03-21")


def test_a_deactivation_to_the_end_of_the_calendar_stops_nothing(town: Town, ida: UUID) -> None:
    town.deactivate(ida, to_date=date.max)

    assert town.show(ida).status is Status.DEACTIVATED
    assert {status.state for status in town.service.runner.status()} == {"ok"}


def test_a_reactivation_ends_a_current_period_and_cancels_a_future_one(town: Town, ida: UUID) -> None:
    town.deactivate(ida)
    town.administration.reactivate_user(town.actor, ida)
    running = town.show(ida)
    town.deactivate(ida, TODAY + ONE_DAY)
    town.administration.reactivate_user(town.actor, ida)

    assert (running.status, town.show(ida).deactivated_from) == (Status.ACTIVE, None)


def test_a_user_who_is_not_deactivated_is_not_reactivated(town: Town, ida: UUID) -> None:
    with pytest.raises(refused.NotDeactivated):
        town.administration.reactivate_user(town.actor, ida)


def test_a_deactivation_that_is_over_can_not_be_reactivated(town: Town, ida: UUID) -> None:
    town.deactivate(ida, to_date=TODAY)
    town.clock.set_to(TODAY + ONE_DAY)

    with pytest.raises(refused.NotDeactivated):
        town.administration.reactivate_user(town.actor, ida)


def test_a_deleted_user_is_gone_from_the_list_and_nothing_personal_remains(town: Town, ida: UUID) -> None:
    town.delete(ida)

    gone = town.show(ida)
    assert town.users() == []
    assert (gone.status, gone.first_name, gone.surname) == (Status.DELETED, "Slettet bruger", "")
    assert (gone.email, gone.date_of_birth, gone.cpr_masked) == (None, None, None)


def test_an_import_is_a_command_like_the_others(town: Town, tmp_path: Path) -> None:
    town.import_people(tmp_path, 2)

    assert town.names(imported=True) == ["Ib0", "Ib1"]
