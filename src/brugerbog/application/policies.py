"""What follows from what has happened: the mails that an event calls for (domain, The organisation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.mail import MailIntent, MailKind
from brugerbog.domain.act import Role
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.user import User

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from brugerbog.domain.events import Event


def mails_after(happened: Iterable[object], organisation: Organisation | None) -> list[MailIntent]:
    """The mails that events of one command call for; who is deleted by it gets none."""
    events = list(happened)
    gone = {event.originator_id for event in events if isinstance(event, User.Deleted)}
    return [mail for event in events for mail in _after(event, organisation) if mail.recipient not in gone]


def _after(event: object, organisation: Organisation | None) -> Iterator[MailIntent]:
    if isinstance(event, User.ActivationMailIssued):
        yield _to(
            event.originator_id, MailKind.ACTIVATION_RESENT if event.resent else MailKind.ACTIVATION, event
        )
    elif isinstance(event, User.MeansMailIssued):
        yield _to(event.originator_id, MailKind.MEANS_ASSIGNED, event)
    elif isinstance(event, User.ActivationCodeVoided):
        yield _to(event.originator_id, MailKind.CODE_VOIDED, event)
    elif isinstance(event, User.AnonymityDeclined):
        yield _to(event.originator_id, MailKind.ANONYMITY_DECLINED, event)
    elif isinstance(event, User.AnonymityRequested) and organisation is not None:
        for administrator in who_answers(organisation):
            yield _to(administrator, MailKind.ANONYMITY_ASKED, event)
    elif isinstance(event, Organisation.RoleGiven):
        yield _to(event.user_id, MailKind.ROLE_GIVEN, event, about=event.user_id, detail=event.role_given)
    elif isinstance(event, Organisation.RoleTaken):
        yield _to(event.user_id, MailKind.ROLE_TAKEN, event, about=event.user_id, detail=event.role_taken)


def who_answers(organisation: Organisation) -> list[UUID]:
    """Who is asked: the user administrators; where there is none, the organisation administrators."""
    return organisation.holders_of(Role.USER_ADMINISTRATOR) or organisation.holders_of(
        Role.ORGANISATION_ADMINISTRATOR
    )


def _to(
    recipient: UUID,
    kind: MailKind,
    event: Event,
    *,
    about: UUID | None = None,
    detail: str = "",
) -> MailIntent:
    return MailIntent(
        kind=kind,
        recipient=recipient,
        about=about or event.originator_id,
        generation=event.originator_version,
        organisation_id=event.organisation_id,
        actor=event.actor,
        detail=detail,
    )
