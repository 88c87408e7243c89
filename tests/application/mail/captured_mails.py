"""Mails that are carried nowhere, the links in them, and a stand-in for the MitID broker."""

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
from tests.journeys.town import BORN, Town
from tests.null_observer import NULL_OBSERVER

LINK = re.compile(r"http://by\.test/(?:aktivering|identifikationsmidler)/(\S+)")
LINKED = (MailKind.ACTIVATION, MailKind.ACTIVATION_RESENT, MailKind.MEANS_ASSIGNED)


@dataclass(frozen=True)
class PretendedIdentity:
    """No proof at all: stands in for a MitID broker in tests."""

    date_of_birth: date = BORN
    cpr: str | None = None
    ial: Ial = Ial.HIGH

    def proved(self) -> ProvedIdentity:
        return ProvedIdentity(broker=PRETENDED, date_of_birth=self.date_of_birth, cpr=self.cpr, ial=self.ial)


@dataclass
class Post:
    """The mail of a store, carried to a bag in memory; while the road is `blocked` it is tried in vain."""

    town: Town
    letters: list[RenderedMail] = field(default_factory=list)
    blocked: bool = False

    def deliver(self, letter: RenderedMail) -> None:
        """As a postman; one who is turned away may have been overheard."""
        self.letters.append(letter)
        if self.blocked:
            raise TransientMailFailure

    def close(self) -> None:
        """Nothing is kept open."""

    def come(self) -> list[RenderedMail]:
        """Take all that is due; the letters so far."""
        log = self.town.service.log
        OutboxDispatcher(
            outbox=StoredOutbox(log.backend, log.installation_keys),
            transport=self,
            tokens=RandomTokens(),
            facts_source=MailFactsLookup(log, self.town.clock),
            renderer=DanishMailRenderer("http://by.test", "by.test"),
            clock=self.town.clock,
            logger=logger("brugerbog.mail"),
            observer=NULL_OBSERVER,
        ).run()
        return self.letters

    def tokens(self, user_id: UUID) -> list[str]:
        """The links that somebody has been sent, the latest last."""
        address = self.town.show(user_id).email
        found = [LINK.search(letter.text) for letter in self.come() if letter.to_address == address]
        return [link[1] for link in found if link]

    def token(self, user_id: UUID) -> str:
        """The latest link that somebody has been sent."""
        return self.tokens(user_id)[-1]
