"""Mails that were asked for, in a real store."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from brugerbog.application.actors import Actor
from brugerbog.application.mail.link_tokens import LinkToken
from brugerbog.application.mail.outbox import LeasedMail
from brugerbog.application.ports.event_log import AppendRequest
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.service import Service
from tests.stores import decided_user

LEASE = timedelta(minutes=10)


def message(
    actor: Actor, user_id: UUID, kind: MailKind = MailKind.ACTIVATION, **facts: object
) -> OutboxMessage:
    """A mail to a user about himself, unless `facts` say otherwise."""
    assert actor.organisation_id is not None
    said: dict[str, object] = {
        "recipient": user_id,
        "about": user_id,
        "generation": 1,
        "organisation_id": actor.organisation_id,
        "actor": actor.id,
    }
    return OutboxMessage(kind=kind, **(said | facts))  # type: ignore[arg-type]


def ask_for(service: Service, actor: Actor, kind: MailKind = MailKind.ACTIVATION) -> OutboxMessage:
    """Create somebody and ask for a mail to him, in one transaction."""
    user_id = uuid4()
    asked = message(actor, user_id, kind)
    user = decided_user(actor, user_id, f"Bo {user_id}")
    service.log.record([user], AppendRequest(mails=[asked]))
    return asked


def mailbox_of(service: Service) -> StoredOutbox:
    return StoredOutbox(service.log.backend, service.log.installation_keys)


def lease_one(outbox: StoredOutbox, now: datetime) -> LeasedMail:
    """Claim the mail that is due."""
    (mail,) = outbox.lease(now, 1, LEASE)
    return mail


def link_of(mail: LeasedMail) -> LinkToken:
    """What is to be known of the link in a mail."""
    return LinkToken(mail.message.recipient, LinkPurpose.ACTIVATION, mail.message.generation)
