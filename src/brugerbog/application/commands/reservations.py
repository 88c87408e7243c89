"""The identities that users and organisations reserve, so that no two have the same."""

from __future__ import annotations

from brugerbog.application.ports.event_log import IdentityReservation
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.user import User


def reservation_for(user: User, *, is_first: bool = False) -> IdentityReservation:
    """What a user claims to be; `is_first` when he has claimed nothing before."""
    return IdentityReservation(
        user.organisation_id, user.id, user.identity, user.person, is_first, user.account
    )


def cvr_identity(cvr: str) -> Identity:
    """An organisation as it is claimed within the installation."""
    return Identity("cvr", cvr)
