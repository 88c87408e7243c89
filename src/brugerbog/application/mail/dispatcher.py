"""Dispatch of the outbox: lease due mails, render and deliver each, and record the outcome."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from brugerbog.application.mail.link_tokens import LinkToken
from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure, TransientMailFailure
from brugerbog.application.ports.observation import Operation, OperationKind

if TYPE_CHECKING:
    from brugerbog.application.mail.link_tokens import LinkTokenGenerator
    from brugerbog.application.mail.outbox import LeasedMail, Outbox
    from brugerbog.application.mail.rendering import MailFacts, MailFactsSource, MailRenderer, RenderedMail
    from brugerbog.application.mail.transport import MailTransport
    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.observation import Observer
    from brugerbog.domain.kernel.privacy import Secret

LEASE: Final = timedelta(minutes=15)
"""Longer than one delivery can take: the timeout for most replies of a server is 30 seconds."""

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
MOST_ATTEMPTS: Final = 12


class Logger(Protocol):
    """Logs ids, kinds and codes, never the text of a server's reply or of an error."""

    def info(self, event: str, **fields: Any) -> object: ...  # noqa: ANN401 - ids, numbers, kinds

    def warning(self, event: str, **fields: Any) -> object: ...  # noqa: ANN401 - as above


@dataclass(slots=True)
class DispatchResult:
    """The number of mails by outcome; `lost_claim` counts mails whose lease another worker took over.

    With `unreached`, the run ended early, as no mail can be delivered now.
    """

    sent: int = 0
    delayed: int = 0
    dead: int = 0
    dropped: int = 0
    lost_claim: int = 0
    unreached: bool = False

    @property
    def handled(self) -> int:
        return self.sent + self.delayed + self.dead + self.dropped + self.lost_claim


@dataclass(frozen=True)
class OutboxDispatcher:
    """Sends due mails. Any number of dispatchers may run at once, on any number of machines.

    One gap can't be closed: if a worker dies after the server has accepted a mail and before that is
    recorded, the mail is sent again.
    """

    outbox: Outbox
    transport: MailTransport
    tokens: LinkTokenGenerator
    facts_source: MailFactsSource
    renderer: MailRenderer
    clock: Clock
    logger: Logger
    observer: Observer

    def run(self, limit: int = 100) -> DispatchResult:
        """Dispatch at most `limit` due mails. Raises: what the store raises."""
        result = DispatchResult()
        try:
            while result.handled < limit and not result.unreached:
                # One lease at a time: a worker that is killed delays no more than one mail.
                leased = self.outbox.lease(self.clock.now(), 1, LEASE)
                if not leased:
                    break
                operation = Operation(OperationKind.MAIL, leased[0].message.kind.value)
                with self.observer.observe(operation):
                    operation.outcome = self._dispatch(leased[0], result)
        finally:
            self.transport.close()
        return result

    def _dispatch(self, mail: LeasedMail, result: DispatchResult) -> str:
        """Send one mail, or record why it isn't sent; return the outcome in one word."""
        if mail.attempt > MOST_ATTEMPTS:
            return self._give_up(mail, FailureCode.NEVER_FINISHED, result)
        try:
            rendered = self._render(mail, result)
            if isinstance(rendered, str):
                return rendered
            self.transport.deliver(rendered)
        except PermanentMailFailure as failure:
            return self._give_up(mail, failure.code, result)
        except TransientMailFailure as failure:
            result.unreached = failure.transport_unavailable
            return self._delay(mail, failure.code, result)
        except Exception as error:  # noqa: BLE001 - one mail that can't be rendered stops no other
            self._log("mail_failed", mail, error=type(error).__name__)
            return self._delay(mail, FailureCode.INTERNAL_ERROR, result)
        self.outbox.mark_sent(mail, self.clock.now())
        result.sent += 1
        self._log("mail_sent", mail)
        return "sent"

    def _render(self, mail: LeasedMail, result: DispatchResult) -> RenderedMail | str:
        """Return the mail to deliver; the recorded outcome where the mail isn't to be delivered."""
        facts = self.facts_source(mail.message)
        if facts is None:
            self.outbox.drop(mail)
            result.dropped += 1
            self._log("mail_dropped", mail)
            return "dropped"
        token = self.tokens.new_token() if facts.link else None
        if token is not None and not self._store_token(mail, facts, token):
            result.lost_claim += 1
            self._log("mail_lost_to_another", mail)
            return "lost"
        return self.renderer.render(mail.message, facts, token, self.clock.now())

    def _store_token(self, mail: LeasedMail, facts: MailFacts, token: Secret[str]) -> bool:
        """Store the digest of the link's token before the link is sent."""
        assert facts.link is not None  # noqa: S101 - it has a token
        link_token = LinkToken(mail.message.recipient, facts.link.purpose, facts.link.generation)
        return self.outbox.store_token(mail, self.tokens.digest(token), link_token, self.clock.now())

    def _delay(self, mail: LeasedMail, code: int | None, result: DispatchResult) -> str:
        if mail.attempt >= MOST_ATTEMPTS:
            return self._give_up(mail, code, result)
        self.outbox.delay(mail, self.clock.now() + wait_after(mail.attempt), code)
        result.delayed += 1
        self._log("mail_delayed", mail, code=code)
        return "delayed"

    def _give_up(self, mail: LeasedMail, code: int | None, result: DispatchResult) -> str:
        self.outbox.give_up(mail, self.clock.now(), code)
        result.dead += 1
        self._log("mail_dead", mail, code=code)
        return "dead"

    def _log(self, event: str, mail: LeasedMail, **facts: object) -> None:
        log = self.logger.info if event in {"mail_sent", "mail_dropped"} else self.logger.warning
        # A log line that can't be written must not cause a mail to be sent twice.
        with suppress(Exception):
            log(event, mail=str(mail.id), kind=mail.message.kind.value, attempt=mail.attempt, **facts)


def wait_after(attempt: int) -> timedelta:
    """Return the wait after an attempt (from 1): a minute, doubled each time, at most six hours."""
    return min(FIRST_WAIT * (1 << attempt - 1), LONGEST_WAIT)
