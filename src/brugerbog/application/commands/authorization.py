"""Authorization: the roles that may execute each command and question, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from brugerbog.application.actors import OPERATOR_ID, Actor
from brugerbog.application.refusals.requests import NotAllowed, OrganisationUnknown
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.domain.user.user import User

_OPERATOR: Final = frozenset({Role.OPERATOR})
_USERS: Final = _OPERATOR | {Role.USER_ADMINISTRATOR}
_ENTITLEMENTS: Final = _OPERATOR | {Role.RIGHTS_ADMINISTRATOR}
_ORGANISATION: Final = _OPERATOR | {Role.ORGANISATION_ADMINISTRATOR}
_PLACES: Final = _USERS | _ORGANISATION
_READS: Final = _USERS | _ENTITLEMENTS | _ORGANISATION | {Role.READER}
_OWN: Final = frozenset({Role.USER})

PERMISSIONS: Final[dict[str, frozenset[Role]]] = {
    # the organisation
    "register_organisation": _OPERATOR,
    "change_settings": _ORGANISATION,
    "give_role": _ORGANISATION,
    "take_role": _ORGANISATION,
    "create_client": _ORGANISATION,
    "revoke_client": _ORGANISATION,
    "end_sessions": _ORGANISATION,
    # users
    "create_user": _USERS,
    "edit_user": _USERS,
    "align_user": _USERS,
    "place_user": _PLACES,
    "deactivate_user": _USERS,
    "reactivate_user": _USERS,
    "delete_user": _USERS,
    "show_cpr": _USERS | {Role.CPR_READER},
    "import_users": _USERS,
    # activation and means
    "send_to_activation": _USERS,
    "send_many_to_activation": _USERS,
    "resend_activation_mail": _USERS,
    "issue_code": _USERS,
    "activate_user": _OPERATOR,
    "assign_means": _USERS,
    "resend_means_mail": _USERS,
    # entitlements
    "grant_rights": _ENTITLEMENTS,
    "revoke_rights": _ENTITLEMENTS,
    "allow_signing": _ENTITLEMENTS,
    "withdraw_signing": _ENTITLEMENTS,
    "assign_sealing_profiles": _ENTITLEMENTS,
    # users' own commands, and the answers to them
    "request_anonymity": _OWN,
    "withdraw_consent": _OWN,
    "end_own_sessions": _OWN,
    "approve_anonymity": _USERS,
    "decline_anonymity": _USERS,
    # activities
    "record_activities": _OPERATOR | {Role.REPORTER},
    # questions
    "see_users": _READS,
    "see_history": _USERS,
    "see_replaced": _USERS,
    "see_organisation": _READS,
    "see_clients": _ORGANISATION,
    "see_sessions": _ORGANISATION,
    "see_changes": _READS,
    "see_notices": _USERS,
    "see_reports": _READS,
    "see_mails": _USERS,
    "see_oneself": _OWN,
    "read_log": _ORGANISATION,
    # the installation
    "retry_mail": _USERS,
    "operate": _OPERATOR,
}
"""The sufficient roles of each command and question; one of them is enough."""

_CLIENTS_NEED: Final = {"show_cpr": frozenset({Role.CPR_READER})}
"""Commands for which a client needs this very role: it sees whole CPR numbers only with CPR_READER (ours)."""


def sufficient_roles(command: str, *, client: bool) -> frozenset[Role]:
    """Return the roles that suffice for a command or question, for a client or for any other actor."""
    return _CLIENTS_NEED.get(command, PERMISSIONS[command]) if client else PERMISSIONS[command]


@dataclass(frozen=True, slots=True, repr=False)
class AuthorizedActor:
    """An actor with the role that authorizes the command, the organisation, and the user if it is one."""

    role: Role
    organisation: Organisation | None
    user: User | None

    @property
    def known_organisation(self) -> Organisation:
        """The organisation. Raises: OrganisationUnknown."""
        if self.organisation is None:
            raise OrganisationUnknown
        return self.organisation


def authorize(command: str, actor: Actor, log: EventLog, at: datetime) -> AuthorizedActor:
    """Look up the actor and the role that authorizes the command. Raises: NotAllowed."""
    organisation = log.organisation(actor.organisation_id) if actor.organisation_id else None
    is_user = actor.is_user_or_client and not (organisation and actor.id in organisation.clients)
    user = log.acting_user(actor.id) if is_user else None
    return AuthorizedActor(role_for(command, actor, organisation, user, at), organisation, user)


def role_for(
    command: str,
    actor: Actor,
    organisation: Organisation | None,
    user: User | None = None,
    at: datetime | None = None,
) -> Role:
    """Return the role that authorizes the command; `user` is the acting user, if the actor is one.

    A user has roles only while active, not while deactivated or deleted; a client until it is revoked.
    Raises: NotAllowed.
    """
    held = _roles(actor, organisation, user, at)
    is_client = organisation is not None and actor.id in organisation.clients
    sufficient = sufficient_roles(command, client=is_client)
    for role in Role:
        if role in held and role in sufficient:
            return role
    raise NotAllowed(command)


def _roles(
    actor: Actor, organisation: Organisation | None, user: User | None, at: datetime | None
) -> frozenset[Role]:
    if actor.id == OPERATOR_ID:
        return frozenset({Role.OPERATOR})
    if organisation is not None and actor.id in organisation.clients:
        return organisation.roles_of(actor.id)
    if organisation is None or user is None or at is None:
        return frozenset()
    if user.organisation_id != organisation.id or user.status_at(at) is not Status.ACTIVE:
        return frozenset()
    return organisation.roles_of(actor.id) | {Role.USER}
