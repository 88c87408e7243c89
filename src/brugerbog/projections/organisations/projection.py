"""The projection `organisations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Settings
from brugerbog.projections.organisations.table import organisations

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row


class OrganisationsProjection:
    """A row for each organisation at registration, and one for each later change of its prices.

    Prices are in øre without VAT. The price of a device is in `charges`.
    """

    name = "organisations"
    version = 1
    table = organisations

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((Organisation.Registered, Organisation.SettingsChanged))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, Organisation.Registered):
            prices = Settings().with_changes(event.settings).prices
            return [
                {
                    "organisation_id": event.originator_id,
                    "number": event.originator_version,
                    "since": microseconds(event.timestamp),
                    "cvr": event.cvr,
                    "name": event.name,
                    "user_price": prices.user,
                    "free_users": prices.free_users,
                }
            ]
        if isinstance(event, Organisation.SettingsChanged) and "prices" in event.changed:
            latest, prices = rows[-1], event.changed["prices"]
            changed = {
                "number": event.originator_version,
                "since": microseconds(event.timestamp),
                "user_price": prices.get("user", latest["user_price"]),
                "free_users": prices.get("free_users", latest["free_users"]),
            }
            return [*rows, latest | changed]
        return rows
