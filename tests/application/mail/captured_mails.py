"""A mail transport that captures mails in memory, the links in them, and a stand-in for the MitID broker."""

import re
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from brugerbog.application.mail.dispatcher import OutboxDispatcher
from brugerbog.application.mail.facts import MailFactsLookup
from brugerbog.application.mail.rendering import RenderedMail
from brugerbog.application.mail.transport import TransientMailFailure
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.user.identity_confirmation import PRETENDED, ProvedIdentity
from brugerbog.domain.values.means import Ial
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.mail.rendering import DanishMailRenderer
from tests.null_observer import NULL_OBSERVER
from tests.org_driver import BORN, OrgDriver

LINK = re.compile(r"http://by\.test/(?:aktivering|identifikationsmidler)/(\S+)")
LINKED = (MailKind.ACTIVATION, MailKind.ACTIVATION_RESENT, MailKind.MEANS_ASSIGNED)


@dataclass(frozen=True)
class PretendedIdentity:
    """An identity without proof: stands in for a MitID broker in tests."""

    date_of_birth: date = BORN
    cpr: str | None = None
    ial: Ial = Ial.HIGH

    def proved(self) -> ProvedIdentity:
        return ProvedIdentity(broker=PRETENDED, date_of_birth=self.date_of_birth, cpr=self.cpr, ial=self.ial)


@dataclass
class CapturedMails:
    """A mail transport that keeps the mails of a store in memory; with `failing`, each delivery fails."""

    org: OrgDriver
    mails: list[RenderedMail] = field(default_factory=list)
    failing: bool = False

    def deliver(self, mail: RenderedMail) -> None:
        """Keep the mail, also when delivery fails: a server may have seen it."""
        self.mails.append(mail)
        if self.failing:
            raise TransientMailFailure

    def close(self) -> None:
        """Do nothing: no connection is kept open."""

    def dispatch(self) -> list[RenderedMail]:
        """Dispatch all due mails; return all mails so far."""
        log = self.org.service.log
        OutboxDispatcher(
            outbox=StoredOutbox(log.backend, log.installation_keys),
            transport=self,
            tokens=RandomTokens(),
            facts_source=MailFactsLookup(log, self.org.clock),
            renderer=DanishMailRenderer("http://by.test", "by.test"),
            clock=self.org.clock,
            logger=logger("brugerbog.mail"),
            observer=NULL_OBSERVER,
        ).run()
        return self.mails

    def tokens(self, user_id: UUID) -> list[str]:
        """Return the tokens of the links sent to a user, the latest last."""
        address = self.org.show(user_id).email
        found = [LINK.search(mail.text) for mail in self.dispatch() if mail.to_address == address]
        return [link[1] for link in found if link]

    def token(self, user_id: UUID) -> str:
        """Return the token of the latest link sent to a user."""
        return self.tokens(user_id)[-1]
