"""Prices at an instant follow the settings at that instant."""

from dataclasses import replace

import pytest

from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Prices, Settings
from tests.domain.conftest import Given
from tests.given import NOON, PERMISSIVE_SETTINGS, Step, an_organisation, moment, now

FIRST, SECOND, THIRD = Prices(user=1), Prices(user=2), Prices(user=3)


def changed_to(settings: Settings) -> Step:
    return lambda scenario: scenario.execute(Organisation.change_settings, settings)


def costing(prices: Prices) -> Step:
    return changed_to(replace(PERMISSIVE_SETTINGS, prices=prices))


@pytest.fixture
def organisation(given: Given) -> Organisation:
    dearer = (
        now("2026-04-01T00:00:00+02:00"),
        costing(SECOND),
        now("2026-05-01T00:00:00+02:00"),
        costing(THIRD),
    )
    found: Organisation = given(an_organisation(replace(PERMISSIVE_SETTINGS, prices=FIRST)), *dearer)
    return found


@pytest.mark.parametrize(
    ("instant", "prices"),
    [
        ("2020-01-01T00:00:00+01:00", FIRST),
        ("2026-03-31T23:59:59.999999+02:00", FIRST),
        ("2026-04-01T00:00:00+02:00", SECOND),
        ("2026-04-30T23:59:59.999999+02:00", SECOND),
        ("2026-05-01T00:00:00+02:00", THIRD),
        ("2036-05-01T00:00:00+02:00", THIRD),
    ],
)
def test_the_latest_prices_apply(instant: str, prices: Prices, organisation: Organisation) -> None:
    assert organisation.prices_at(moment(instant)) == prices


def test_of_two_changes_at_one_moment_the_later_counts(given: Given) -> None:
    organisation = given(an_organisation(PERMISSIVE_SETTINGS), costing(FIRST), costing(SECOND))
    assert organisation.prices_at(NOON) == SECOND


def test_prices_can_return_to_earlier_values(given: Given) -> None:
    dearer, back = (
        (now("2026-04-01T00:00:00+02:00"), costing(SECOND)),
        (now("2026-05-01T00:00:00+02:00"), costing(FIRST)),
    )
    organisation = given(an_organisation(replace(PERMISSIVE_SETTINGS, prices=FIRST)), *dearer, *back)
    days = [organisation.prices_at(moment(f"2026-{month}-15T00:00:00+02:00")) for month in ("03", "04", "05")]
    assert days == [FIRST, SECOND, FIRST]


def test_other_settings_leave_prices_as_they_were(given: Given) -> None:
    organisation = given(
        an_organisation(PERMISSIVE_SETTINGS),
        costing(FIRST),
        changed_to(replace(PERMISSIVE_SETTINGS, eans=(), prices=FIRST)),
    )
    assert organisation.prices_at(NOON) == FIRST
    assert len(organisation.prices_since) == 2


def test_an_organisation_without_own_prices_has_the_public_ones(given: Given) -> None:
    assert given(an_organisation(Settings())).prices_at(NOON) == Prices()
