"""Builds the events of an imported user without the aggregate, for speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.user import User, creation_facts

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.user.details import Details


def import_events(context: CommandContext, user_id: UUID, details: Details) -> list[Any]:
    """Return the same events as `User.import_`, without the aggregate, in a tenth of the time."""
    stamp = {"originator_id": user_id, **context.stamp()}
    user: Any = User
    events = [
        user.Imported(originator_version=1, originator_topic=User.TOPIC, **stamp, **creation_facts(details))
    ]
    if details.anonymous:
        events.append(user.Anonymized(originator_version=2, **stamp))
    if details.means:
        events.append(user.MeansAssigned(originator_version=len(events) + 1, means=details.means, **stamp))
    return events


def name_identity_of(details: Details) -> Identity:
    """Return the identity by names, birth date and e-mail."""
    return Identity.by_name(details.first_name, details.surname, details.date_of_birth, details.email)
