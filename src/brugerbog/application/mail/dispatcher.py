"""A worker's round: the mails that are due are composed, sent, and marked, one after another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from brugerbog.application.mail.outbox import LinkToken, MailDelayed, MailOutcome, MailRefused, OwnCode
from brugerbog.application.ports.observation import Operation, OperationKind

if TYPE_CHECKING:
    from brugerbog.application.mail.outbox import (
        LeasedMail,
        MailFacts,
        MailFactsSource,
        MailRenderer,
        MailTransport,
        Outbox,
        RenderedMail,
        Tokens,
    )
    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.observation import Observer
    from brugerbog.domain.kernel.privacy import Secret

LEASE: Final = timedelta(minutes=15)
"""Longer than any one mail can take: a server has 30 seconds for each of its answers."""

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
MOST_ATTEMPTS: Final = 12


class Logger(Protocol):
    """Takes log lines: ids, kinds and codes, never what a server or an error says in words."""

    def info(self, event: str, **fields: Any) -> object: ...  # noqa: ANN401 - ids, numbers, kinds

    def warning(self, event: str, **fields: Any) -> object: ...  # noqa: ANN401 - as above


@dataclass(frozen=True)
class OutboxDispatcher:
    """Sends what is due. Any number of rounds may go on at once, on any number of machines.

    The one gap that nothing can close: whoever dies between the server's yes and the mark leaves a mail that
    is sent once more.
    """

    outbox: Outbox
    transport: MailTransport
    tokens: Tokens
    compose: MailFactsSource
    writer: MailRenderer
    clock: Clock
    journal: Logger
    observer: Observer

    def run(self, limit: int = 100) -> MailOutcome:
        """Take up at most so many mails that are due, and see each through. Raises: what the store raises."""
        outcome = MailOutcome()
        try:
            while outcome.handled < limit and not outcome.unreached:
                # One at a time: whoever is killed holds back no more than the one mail in his hands.
                claimed = self.outbox.claim(self.clock.now(), 1, LEASE)
                if not claimed:
                    break
                work = Operation(OperationKind.MAIL, claimed[0].intent.kind.value)
                with self.observer.observe(work):
                    work.outcome = self._see_through(claimed[0], outcome)
        finally:
            self.transport.rest()
        return outcome

    def _see_through(self, mail: LeasedMail, outcome: MailOutcome) -> str:
        """Returns, in a word, what became of it."""
        if mail.attempt > MOST_ATTEMPTS:
            return self._give_up(mail, OwnCode.NEVER_FINISHED, outcome)
        try:
            letter = self._letter(mail, outcome)
            if isinstance(letter, str):
                return letter
            self.transport.deliver(letter)
        except MailRefused as refused:
            return self._give_up(mail, refused.code, outcome)
        except MailDelayed as delayed:
            outcome.unreached = delayed.unreached
            return self._delay(mail, delayed.code, outcome)
        except Exception as error:  # noqa: BLE001 - one mail that can't be written stops no other
            self._tell("mail_failed", mail, error=type(error).__name__)
            return self._delay(mail, OwnCode.NOT_WRITTEN, outcome)
        self.outbox.sent(mail, self.clock.now())
        outcome.sent += 1
        self._tell("mail_sent", mail)
        return "sent"

    def _letter(self, mail: LeasedMail, outcome: MailOutcome) -> RenderedMail | str:
        """The mail as it goes out; what became of it where it isn't to go out, which is then marked."""
        facts = self.compose(mail.intent)
        if facts is None:
            self.outbox.drop(mail)
            outcome.dropped += 1
            self._tell("mail_dropped", mail)
            return "dropped"
        token = self.tokens.new_token() if facts.link else None
        if token is not None and not self._keep(mail, facts, token):
            outcome.lost_claim += 1
            self._tell("mail_lost_to_another", mail)
            return "lost"
        return self.writer.write(mail.intent, facts, token, self.clock.now())

    def _keep(self, mail: LeasedMail, facts: MailFacts, token: Secret[str]) -> bool:
        """Keep the link's digest, before anybody can have the link."""
        assert facts.link is not None  # noqa: S101 - it has a token
        known_as = LinkToken(mail.intent.recipient, facts.link.purpose, facts.link.generation)
        return self.outbox.keep_token(mail, self.tokens.digest(token), known_as, self.clock.now())

    def _delay(self, mail: LeasedMail, code: int | None, outcome: MailOutcome) -> str:
        if mail.attempt >= MOST_ATTEMPTS:
            return self._give_up(mail, code, outcome)
        self.outbox.delay(mail, self.clock.now() + wait_after(mail.attempt), code)
        outcome.delayed += 1
        self._tell("mail_delayed", mail, code=code)
        return "delayed"

    def _give_up(self, mail: LeasedMail, code: int | None, outcome: MailOutcome) -> str:
        self.outbox.give_up(mail, self.clock.now(), code)
        outcome.dead += 1
        self._tell("mail_dead", mail, code=code)
        return "dead"

    def _tell(self, event: str, mail: LeasedMail, **facts: object) -> None:
        say = self.journal.info if event in {"mail_sent", "mail_dropped"} else self.journal.warning
        # A log that can't be written is no reason to send a mail twice.
        with suppress(Exception):
            say(event, mail=str(mail.id), kind=mail.intent.kind.value, attempt=mail.attempt, **facts)


def wait_after(attempt: int) -> timedelta:
    """How long to wait after an attempt (from 1): a minute, doubled each time, at most six hours."""
    return min(FIRST_WAIT * (1 << attempt - 1), LONGEST_WAIT)
