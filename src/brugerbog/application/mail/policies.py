"""Policies: the mails that an event calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from brugerbog.domain.kernel.aggregate import Event

    Policy = Callable[[Any, Organisation], Iterable[OutboxMessage]]


def mails_after(events: Iterable[object], organisation: Organisation | None) -> list[OutboxMessage]:
    """Return the mails that the events of one command call for; a user whom it deletes gets none."""
    mails: list[OutboxMessage] = []
    deleted: set[UUID] = set()
    for event in events:
        if type(event) is User.Deleted:
            deleted.add(event.originator_id)
        elif organisation is not None and (policy := _POLICIES.get(type(event))) is not None:
            mails += policy(event, organisation)
    return [mail for mail in mails if mail.recipient not in deleted]


def anonymity_request_recipients(organisation: Organisation) -> list[UUID]:
    """Return the user administrators; where there is none, the organisation administrators."""
    return organisation.holders_of(Role.USER_ADMINISTRATOR) or organisation.holders_of(
        Role.ORGANISATION_ADMINISTRATOR
    )


def _to_user(kind: MailKind) -> Policy:
    return lambda event, _organisation: [_mail(event, kind, event.originator_id)]


def _to_administrators(event: Event, organisation: Organisation) -> list[OutboxMessage]:
    recipients = anonymity_request_recipients(organisation)
    return [_mail(event, MailKind.ANONYMITY_REQUESTED, one, about=event.originator_id) for one in recipients]


def _activation(event: Any, _organisation: Organisation) -> list[OutboxMessage]:  # noqa: ANN401 - as in the table
    kind = MailKind.ACTIVATION_RESENT if event.resent else MailKind.ACTIVATION
    return [_mail(event, kind, event.originator_id)]


_POLICIES: Final[dict[type, Policy]] = {
    User.ActivationMailIssued: _activation,
    User.MeansMailIssued: _to_user(MailKind.MEANS_ASSIGNED),
    User.ActivationCodeVoided: _to_user(MailKind.CODE_VOIDED),
    User.AnonymityRequested: _to_administrators,
    User.AnonymityDeclined: _to_user(MailKind.ANONYMITY_DECLINED),
    Organisation.CprLimitMet: lambda event, organisation: [
        _mail(event, MailKind.CPR_LIMIT_MET, one)
        for one in organisation.holders_of(Role.ORGANISATION_ADMINISTRATOR)
    ],
    Organisation.RoleGiven: lambda event, _organisation: [
        _mail(event, MailKind.ROLE_GIVEN, event.user_id, detail=event.role_given)
    ],
    Organisation.RoleTaken: lambda event, _organisation: [
        _mail(event, MailKind.ROLE_TAKEN, event.user_id, detail=event.role_taken)
    ],
}


def _mail(
    event: Event, kind: MailKind, recipient: UUID, *, about: UUID | None = None, detail: str = ""
) -> OutboxMessage:
    return OutboxMessage(
        kind=kind,
        recipient=recipient,
        about=about or recipient,
        generation=event.originator_version,
        organisation_id=event.organisation_id,
        actor=event.actor,
        detail=detail,
    )
