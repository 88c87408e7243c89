"""Who may do what: one table of command and role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.application.errors import NotAllowed
from brugerbog.domain.act import Door, Role

if TYPE_CHECKING:
    from brugerbog.domain.organisation import Organisation

OPERATOR_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The installation's operator; never the login of whoever sits at the keyboard."""

SCHEDULE_ID: Final = UUID("00000000-0000-7000-8000-000000000002")
"""The clock, where it records what has fallen due."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts in an organisation, and the door he came in by.

    The roles of a user are looked up when he acts. Only for registering one is there no organisation yet.
    """

    id: UUID
    organisation_id: UUID | None
    door: Door = Door.EMBEDDED


def operator(organisation_id: UUID | None = None, door: Door = Door.EMBEDDED) -> Actor:
    """The installation's operator, acting in an organisation."""
    return Actor(OPERATOR_ID, organisation_id, door)


_LIFE: Final = frozenset({Role.OPERATOR, Role.USER_ADMINISTRATOR})
_PLACES: Final = _LIFE | {Role.ORGANISATION_ADMINISTRATOR}
_SETTINGS: Final = frozenset({Role.OPERATOR, Role.ORGANISATION_ADMINISTRATOR})
_SEES: Final = _PLACES | {Role.RIGHTS_ADMINISTRATOR}
_OPERATES: Final = frozenset({Role.OPERATOR})

MAY: Final[dict[str, frozenset[Role]]] = {
    "register_organisation": _OPERATES,
    "change_settings": _SETTINGS,
    "create_user": _LIFE,
    "edit_user": _LIFE,
    "place_user": _PLACES,
    "assign_means": _LIFE,
    "send_to_activation": _LIFE,
    "activate_user": _OPERATES,
    "deactivate_user": _LIFE,
    "reactivate_user": _LIFE,
    "delete_user": _LIFE,
    "import_users": _LIFE,
    "record_activities": _OPERATES,
    "operate": _OPERATES,
    "see_users": _SEES,
    "see_organisation": _SEES,
}
"""Commands and questions, and the roles of which any one suffices (domain, The organisation)."""


def role_for(command: str, actor: Actor, organisation: Organisation | None) -> Role:
    """The role in which the actor may do this.

    Raises: NotAllowed.
    """
    held = _roles(actor, organisation)
    for role in Role:
        if role in held and role in MAY[command]:
            return role
    raise NotAllowed(command)


def _roles(actor: Actor, organisation: Organisation | None) -> frozenset[Role]:
    if actor.id == OPERATOR_ID:
        return frozenset({Role.OPERATOR})
    return frozenset() if organisation is None else organisation.roles_of(actor.id)
