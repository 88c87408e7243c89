"""What falls due when."""

from datetime import date

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.values.means import Means
from brugerbog.projections.due.projection import DueProjection
from tests.given import (
    ORGANISATION,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    edited,
    given_a_new_code,
    given_means,
    link_expired,
    moment,
    reactivated,
    resent,
    sent,
    today,
)
from tests.projections.folds import erased_for_good, fold, only_row, story


def test_the_end_of_a_period_is_due_at_the_first_danish_moment_of_the_day_after() -> None:
    assert only_row(DueProjection(), a_user(), activated, deactivated("2026-03-20", "2026-03-28")) == {
        "user_id": USER,
        "kind": "period_end",
        "organisation_id": ORGANISATION,
        "due_at": microseconds(moment("2026-03-29T00:00:00+01:00")),
        "generation": 5,
    }


def test_in_summer_the_day_begins_an_hour_earlier() -> None:
    row = only_row(DueProjection(), a_user(), activated, deactivated("2026-03-20", "2026-03-29"))

    assert row["due_at"] == microseconds(moment("2026-03-30T00:00:00+02:00"))


@pytest.mark.parametrize("to_date", [None, date.max.isoformat()])
def test_a_period_without_an_end_has_nothing_due(to_date: str | None) -> None:
    assert fold(DueProjection(), story(a_user(), activated, deactivated("2026-03-20", to_date))) == []


def test_a_second_deactivation_replaces_the_first_with_another_generation() -> None:
    steps = [a_user(), activated, deactivated("2026-03-20", "2026-03-28"), edited(surname="Ny")]

    row = only_row(DueProjection(), *steps, deactivated("2026-04-01", "2026-04-02"))

    assert (row["due_at"], row["generation"]) == (microseconds(moment("2026-04-03T00:00:00+02:00")), 7)


def test_a_deactivation_without_end_replaces_one_with_an_end() -> None:
    steps = [a_user(), activated, deactivated("2026-03-20", "2026-03-28")]

    assert fold(DueProjection(), story(*steps, deactivated("2026-03-20"))) == []


@pytest.mark.parametrize("end", [reactivated, deleted()])
def test_nothing_is_due_for_reactivated_and_deleted_users(end: Step) -> None:
    assert (
        fold(DueProjection(), story(a_user(), activated, deactivated("2026-03-20", "2026-03-28"), end)) == []
    )


def test_the_erasure_of_a_deleted_user_is_due_after_the_retention_time() -> None:
    steps = [a_user(), activated, deactivated("2026-03-20", "2026-03-28"), deleted(retention_days=10)]

    row = only_row(DueProjection(), *steps)

    assert (row["kind"], row["generation"]) == ("erasure", 6)
    assert row["due_at"] == microseconds(moment("2026-03-30T00:00:00+02:00"))
    assert fold(DueProjection(), story(*steps, erased_for_good)) == []


# Links


def test_the_end_of_a_link_is_due_thirty_days_later_by_the_clocks_of_copenhagen() -> None:
    assert only_row(DueProjection(), a_user()) == {
        "user_id": USER,
        "kind": "link_expiry",
        "organisation_id": ORGANISATION,
        "due_at": microseconds(moment("2026-04-19T12:00:00+02:00")),
        "generation": 2,
    }


@pytest.mark.parametrize("again", [resent, given_a_new_code], ids=["resent", "new code"])
def test_a_later_link_replaces_the_earlier_one_and_is_of_another_generation(again: Step) -> None:
    row = only_row(DueProjection(), a_user(), today("2026-03-25"), again)

    assert row["due_at"] == microseconds(moment("2026-04-24T12:00:00+02:00"))
    assert row["generation"] > 3


@pytest.mark.parametrize("end", [activated, link_expired, deleted()])
def test_no_link_expiry_is_due_after_activation_expiry_or_deletion(end: Step) -> None:
    assert fold(DueProjection(), story(a_user(), end)) == []


def test_an_imported_user_has_nothing_due_before_sending() -> None:
    assert fold(DueProjection(), story(an_imported_user())) == []
    assert only_row(DueProjection(), an_imported_user(), sent)["kind"] == "link_expiry"


def test_a_mail_about_means_makes_nothing_due() -> None:
    assert fold(DueProjection(), story(a_user(), activated, given_means(Means.APP))) == []


def test_other_events_change_nothing_due() -> None:
    steps = [a_user(), activated, deactivated("2026-03-20", "2026-03-28")]

    assert only_row(DueProjection(), *steps, edited(surname="Ny")) == only_row(DueProjection(), *steps)
