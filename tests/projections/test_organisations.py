"""Which organisations there are, and what users cost there when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Prices, Settings
from brugerbog.projections.organisations.projection import OrganisationsProjection
from tests.given import NOON, ORGANISATION, context
from tests.projections.folds import fold, recorded


def lived(*later: Settings) -> list[dict[str, Any]]:
    """The rows of an organisation that got new settings an hour apart."""
    organisation = Organisation.register(context(NOON), cvr="90000001", name="Prøve A/S", settings=Settings())
    for hours, settings in enumerate(later, 1):
        organisation.change_settings(context(NOON + timedelta(hours=hours)), settings)
    return fold(OrganisationsProjection(), recorded(organisation.pending_events))


def test_a_registered_organisation_is_a_row_with_its_prices() -> None:
    assert lived() == [
        {
            "organisation_id": ORGANISATION,
            "number": 1,
            "since": microseconds(NOON),
            "cvr": "90000001",
            "name": "Prøve A/S",
            "user_price": 2_000,
            "free_users": 3,
        }
    ]


def test_each_change_of_prices_is_a_row_and_other_settings_add_none() -> None:
    dearer = Settings(prices=Prices(user=2_500))
    rows = lived(dearer, replace(dearer, allow_anonymous=True), replace(dearer, prices=Prices(free_users=0)))

    assert [(row["number"], row["user_price"], row["free_users"]) for row in rows] == [
        (1, 2_000, 3),
        (2, 2_500, 3),
        (4, 2_000, 0),
    ]
    assert rows[2]["since"] == microseconds(NOON + timedelta(hours=3))
