"""The projection `activity_history` (guide, Se brugerens aktivitetshistorik)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.danish.event_names import DANISH_EVENT_NAMES
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.privacy import Erased
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.user.activity import ActivityReported, ServiceType
from brugerbog.domain.user.deactivation import Deactivated
from brugerbog.domain.user.identity_confirmation import PRETENDED
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.user import User
from brugerbog.projections.activity_history.table import activity_history

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row

OWN_PROVIDER: Final = "MitID Erhverv"


class ActivityHistoryProjection:
    """What each user has done at services, and what was done with the user; deleted users have no rows.

    The latest rows are read from the end of the key, so a read costs the same however many rows there are.
    """

    name = "activity_history"
    version = 2
    table = activity_history

    @property
    def handles(self) -> frozenset[type[Event]]:
        return frozenset((*_TRANSACTION_TEXTS, ActivityReported)) | self.clears_on

    @property
    def clears_on(self) -> frozenset[type[Event]]:
        return frozenset((User.Deleted, User.PersonalDataErased))

    def new_rows(self, recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, ActivityReported):
            # The activities of an erased user are unreadable.
            return [] if isinstance(event.occurred_at, Erased) else [_reported_row(event, recorded.position)]
        text = _TRANSACTION_TEXTS[type(event)]
        return [
            {
                "user_id": event.originator_id,
                "occurred_at": microseconds(event.effective_at or event.timestamp),
                "position": recorded.position,
                "transaction": text if isinstance(text, str) else text(event),
                "service_provider": OWN_PROVIDER,
                "service_type": ServiceType.PUBLIC.value,
            }
        ]


def _reported_row(event: ActivityReported, position: int) -> Row:
    assert isinstance(event.occurred_at, datetime)  # noqa: S101 - it is not erased
    return {
        "user_id": owner_of(event.originator_id),
        "occurred_at": microseconds(event.occurred_at),
        "position": position,
        "transaction": event.transaction,
        "service_provider": event.service_provider,
        "service_type": event.service_type,
    }


def _deactivated(event: Deactivated) -> str:
    to_date = f" til og med {_danish_date(event.to_date)}" if event.to_date else ""
    return f"{DANISH_EVENT_NAMES[User.Deactivated]} fra {_danish_date(event.from_date)}{to_date}"


def _danish_date(day: date) -> str:
    return f"{day:%d.%m.%Y}"


_TRANSACTION_TEXTS: Final[dict[type, str | Callable[[Any], str]]] = {
    **{kind: text for kind, text in DANISH_EVENT_NAMES.items() if issubclass(kind, UserEvent)},
    User.ActivationMailIssued: lambda event: (
        "Aktiveringsmail gensendt" if event.resent else DANISH_EVENT_NAMES[User.ActivationMailIssued]
    ),
    User.IdentityConfirmed: lambda event: (
        "Identitet angivet til afprøvning"
        if event.broker == PRETENDED
        else DANISH_EVENT_NAMES[User.IdentityConfirmed]
    ),
    User.Deactivated: _deactivated,
}
"""The Danish text of each event; the events that end a history have none."""
