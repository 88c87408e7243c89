"""The identities that users and organisations reserve: an identity has one holder within its scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.ports.event_log import IdentityReservation
from brugerbog.domain.user.identity import Identity

if TYPE_CHECKING:
    from brugerbog.domain.user.user import User


def reservation_for(user: User, *, is_first: bool = False) -> IdentityReservation:
    """Return the reservation of a user's identities; `is_first` if the user has none in the log yet."""
    return IdentityReservation(
        user.organisation_id, user.id, user.identity, user.name_identity, is_first, user.account_identity
    )


def cvr_identity(cvr: str) -> Identity:
    """Return the identity that an organisation reserves within the installation."""
    return Identity("cvr", cvr)
