"""What is invoiced, and to which EAN."""

from typing import Any

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.values.means import Means
from brugerbog.projections.charges.projection import ChargesProjection
from tests.given import (
    CPR,
    EAN,
    NOON,
    ORGANISATION,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    edited,
    given_means,
    moment,
    ordered,
    resent,
    sent,
    today,
)
from tests.projections.folds import erased, fold, only_row, story

LATER = microseconds(moment("2026-04-01T11:00:00+00:00"))


def charged(*steps: Step) -> list[tuple[Any, ...]]:
    """Kind, EAN, price and time of each charge."""
    rows = fold(ChargesProjection(), story(*steps))
    return [(row["kind"], row["ean"], row["price"], row["charged_at"]) for row in rows]


def test_a_created_user_is_charged_at_creation() -> None:
    assert only_row(ChargesProjection(), a_user(ean=EAN)) == {
        "user_id": USER,
        "number": 1,
        "organisation_id": ORGANISATION,
        "kind": "user",
        "ean": EAN,
        "price": None,
        "charged_at": microseconds(NOON),
        "position": 3,
    }


def test_an_imported_user_is_charged_at_sending_to_the_ean_of_then() -> None:
    waiting = [an_imported_user(cpr=CPR), edited(ean=EAN), today("2026-04-01")]

    assert charged(*waiting) == [("user", EAN, None, None)]
    assert charged(*waiting, sent) == [("user", EAN, None, LATER)]


def test_charges_are_in_order_of_sending_not_of_import() -> None:
    facts = story(an_imported_user(cpr=CPR), sent)

    (row,) = fold(ChargesProjection(), facts)
    assert row["position"] == facts[1].position


@pytest.mark.parametrize("end", [deleted(), deleted(retention_days=30)], ids=["erased", "kept a while"])
def test_an_imported_user_who_is_deleted_unsent_costs_nothing(end: Step) -> None:
    assert charged(an_imported_user(), end) == []


@pytest.mark.parametrize("end", [deleted(), deleted(retention_days=30)], ids=["erased", "kept a while"])
def test_charges_of_a_deleted_user_are_kept(end: Step) -> None:
    steps = [a_user(), given_means(Means.CHIP), ordered(Means.CHIP)]

    assert charged(*steps, end) == charged(*steps)


@pytest.mark.parametrize("once", [resent, edited(ean=EAN), activated])
def test_a_user_is_charged_once_to_the_first_ean(once: Step) -> None:
    assert charged(a_user(), once) == charged(a_user())


def test_each_device_is_charged_at_its_price_to_the_current_ean() -> None:
    steps = [a_user(), given_means(Means.CHIP, Means.CODE_DISPLAY), ordered(Means.CHIP), edited(ean=EAN)]

    devices = charged(*steps, today("2026-04-01"), ordered(Means.CODE_DISPLAY))[1:]
    assert devices == [
        ("chip", None, 11_500, microseconds(NOON)),
        ("code_display", EAN, 3_350, LATER),
    ]


def test_means_without_a_device_and_deactivations_cost_nothing() -> None:
    steps = [a_user(), given_means(Means.CHIP, Means.APP), activated, deactivated("2026-04-01")]

    assert charged(*steps) == charged(a_user())


def test_charges_have_no_personal_data() -> None:
    facts = story(a_user(cpr=CPR), given_means(Means.CHIP), ordered(Means.CHIP))

    assert fold(ChargesProjection(), erased(facts)) == fold(ChargesProjection(), facts)
