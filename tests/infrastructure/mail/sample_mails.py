"""Sample mails and their facts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from brugerbog.application.mail.rendering import MailFacts, MailLink, RenderedMail
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.rendering import DanishMailRenderer

USER, ADMINISTRATOR, ORGANISATION = (UUID(int=number) for number in (1, 2, 3))
SENDER = Sender("mail@example.org", "MitID Erhverv")
AT = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
EXPIRES = datetime(2026, 12, 22, 13, 5, 37, tzinfo=UTC)
TOKEN = "Zx-9_token"
BASE = "https://erhverv.example.org"


def message(kind: MailKind = MailKind.ACTIVATION, generation: int = 1) -> OutboxMessage:
    return OutboxMessage(kind, USER, USER, generation, ORGANISATION, ADMINISTRATOR)


def facts(kind: MailKind = MailKind.ACTIVATION, **other: object) -> MailFacts:
    """Return all facts that a mail of the kind can have, with other values where given."""
    values: dict[str, Any] = {
        "to_name": "Ida Prøve",
        "to_address": "ida@example.org",
        "organisation": "Prøve A/S",
        "administrator": "Åse Ærlig",
    }
    match kind:
        case MailKind.ACTIVATION | MailKind.ACTIVATION_RESENT:
            values |= {"link": MailLink(LinkPurpose.ACTIVATION, 1, EXPIRES)}
            values |= {"needs_code": True, "hardware": ("kodeviser", "chip")}
        case MailKind.MEANS_ASSIGNED:
            values |= {"link": MailLink(LinkPurpose.MEANS, 1, EXPIRES)}
            values |= {"means": ("MitID app", "kodeoplæser"), "hardware": ("kodeoplæser",)}
        case MailKind.ROLE_GIVEN | MailKind.ROLE_TAKEN:
            values |= {"role": "rettighedsadministrator"}
        case MailKind.ANONYMITY_REQUESTED | MailKind.CODE_VOIDED | MailKind.CPR_LIMIT_MET:
            values |= {"person": "Bo Øst", "administrator": None}
        case MailKind.ANONYMITY_DECLINED:
            values |= {"reason": "Du skal være betroet medarbejder."}
    return MailFacts(**(values | other))


def letter(kind: MailKind = MailKind.ACTIVATION, generation: int = 1, **other: object) -> RenderedMail:
    """Return a rendered mail."""
    mail_facts = facts(kind, **other)
    token = Secret(TOKEN) if mail_facts.link else None
    return DanishMailRenderer(BASE, SENDER.domain).render(message(kind, generation), mail_facts, token, AT)
