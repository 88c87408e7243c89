"""All event classes, collected from the aggregates."""

from collections.abc import Iterator

from brugerbog.domain.kernel.aggregate import Aggregate, Event
from brugerbog.domain.organisation.log_reading import LogRead
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.activity import ActivityReported
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.user import User


def nested_in(aggregate: type[Aggregate]) -> Iterator[type[Event]]:
    for found in vars(aggregate).values():
        if (
            isinstance(found, type)
            and issubclass(found, Event)
            and found not in (UserEvent, Organisation.Event)
        ):
            yield found


APART = [ActivityReported, LogRead]
"""Events in derived streams, which change no aggregate."""

EVENT_CLASSES = [(aggregate, event) for aggregate in (User, Organisation) for event in nested_in(aggregate)]
