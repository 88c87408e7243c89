"""Actors: the operator, the schedule, users and API clients, in the organisation in which they act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from brugerbog.domain.kernel.doors import Door

OPERATOR_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The installation's operator; no operating-system account is recorded."""

SCHEDULE_ID: Final = UUID("00000000-0000-7000-8000-000000000002")
"""The schedule, which records due work."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor in an organisation, and the entry point (door) used.

    The roles of a user or a client are looked up at each command. `organisation_id` is None only for the
    registration of an organisation.
    """

    id: UUID
    organisation_id: UUID | None
    door: Door = Door.EMBEDDED

    @property
    def is_user_or_client(self) -> bool:
        """Whether the actor is a user or a client, and not the operator or the schedule."""
        return self.id not in (OPERATOR_ID, SCHEDULE_ID)


def operator(organisation_id: UUID | None = None, door: Door = Door.EMBEDDED) -> Actor:
    """Return the installation's operator as an actor in an organisation."""
    return Actor(OPERATOR_ID, organisation_id, door)
