"""Who may do what: one table of command and role."""

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

_OPERATES: Final = frozenset({Role.OPERATOR})
_LIFE: Final = _OPERATES | {Role.USER_ADMINISTRATOR}
_RIGHTS: Final = _OPERATES | {Role.RIGHTS_ADMINISTRATOR}
_RULES: Final = _OPERATES | {Role.ORGANISATION_ADMINISTRATOR}
_PLACES: Final = _LIFE | _RULES
_SEES: Final = _LIFE | _RIGHTS | _RULES | {Role.READER}
_HIMSELF: Final = frozenset({Role.USER})

PERMISSIONS: Final[dict[str, frozenset[Role]]] = {
    # the organisation
    "register_organisation": _OPERATES,
    "change_settings": _RULES,
    "give_role": _RULES,
    "take_role": _RULES,
    "create_client": _RULES,
    "revoke_client": _RULES,
    "end_sessions": _RULES,
    # a user's life
    "create_user": _LIFE,
    "edit_user": _LIFE,
    "align_user": _LIFE,
    "place_user": _PLACES,
    "deactivate_user": _LIFE,
    "reactivate_user": _LIFE,
    "delete_user": _LIFE,
    "show_cpr": _LIFE | {Role.CPR_READER},
    "import_users": _LIFE,
    # his activation and his means
    "send_to_activation": _LIFE,
    "send_many_to_activation": _LIFE,
    "resend_activation_mail": _LIFE,
    "issue_code": _LIFE,
    "activate_user": _OPERATES,
    "assign_means": _LIFE,
    "resend_means_mail": _LIFE,
    # what he may do for the organisation
    "grant_rights": _RIGHTS,
    "revoke_rights": _RIGHTS,
    "allow_signing": _RIGHTS,
    "withdraw_signing": _RIGHTS,
    "assign_sealing_profiles": _RIGHTS,
    # what he asks for himself, and who answers
    "request_anonymity": _HIMSELF,
    "withdraw_consent": _HIMSELF,
    "end_own_sessions": _HIMSELF,
    "approve_anonymity": _LIFE,
    "decline_anonymity": _LIFE,
    # what services report
    "record_activities": _OPERATES | {Role.REPORTER},
    # questions
    "see_users": _SEES,
    "see_history": _LIFE,
    "see_replaced": _LIFE,
    "see_organisation": _SEES,
    "see_clients": _RULES,
    "see_sessions": _RULES,
    "see_changes": _SEES,
    "see_notices": _LIFE,
    "see_reports": _SEES,
    "see_mails": _LIFE,
    "see_oneself": _HIMSELF,
    "read_log": _RULES,
    # the installation
    "retry_mail": _LIFE,
    "operate": _OPERATES,
}
"""Commands and questions, and the roles of which any one suffices (domain, The organisation)."""

_CLIENTS_NEED: Final = {"show_cpr": frozenset({Role.CPR_READER})}
"""What no other role of a client includes: it sees whole CPR numbers only if it was given that (ours)."""


def sufficient_roles(command: str, *, client: bool) -> frozenset[Role]:
    """The roles of which any one suffices for a command or question, of a client or of anybody else."""
    return _CLIENTS_NEED.get(command, PERMISSIONS[command]) if client else PERMISSIONS[command]


@dataclass(frozen=True, slots=True, repr=False)
class AuthorizedActor:
    """Who acts, as of now: in which role, in which organisation, and as which user if he is one."""

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
    """Look up who acts, and in which role he may do this. Raises: NotAllowed."""
    organisation = log.organisation(actor.organisation_id) if actor.organisation_id else None
    is_user = actor.is_user_or_client and not (organisation and actor.id in organisation.clients)
    person = log.acting_user(actor.id) if is_user else None
    return AuthorizedActor(role_for(command, actor, organisation, person, at), organisation, person)


def role_for(
    command: str,
    actor: Actor,
    organisation: Organisation | None,
    person: User | None = None,
    at: datetime | None = None,
) -> Role:
    """The role in which the actor may do this; `person` is the user who he is, if he is one.

    A user acts only while he is active: who is deactivated or deleted holds no role. A client acts until it
    is revoked. Raises: NotAllowed.
    """
    held = _roles(actor, organisation, person, at)
    is_client = organisation is not None and actor.id in organisation.clients
    sufficient = sufficient_roles(command, client=is_client)
    for role in Role:
        if role in held and role in sufficient:
            return role
    raise NotAllowed(command)


def _roles(
    actor: Actor, organisation: Organisation | None, person: User | None, at: datetime | None
) -> frozenset[Role]:
    if actor.id == OPERATOR_ID:
        return frozenset({Role.OPERATOR})
    if organisation is not None and actor.id in organisation.clients:
        return organisation.roles_of(actor.id)
    if organisation is None or person is None or at is None:
        return frozenset()
    if person.organisation_id != organisation.id or person.status_at(at) is not Status.ACTIVE:
        return frozenset()
    return organisation.roles_of(actor.id) | {Role.USER}
