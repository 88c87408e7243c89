"""A worker's round over a real store and a real server, and how it is killed at a given point of it.

Apart from the tests, so that a process starts without pytest.
"""

import os
import signal
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from brugerbog.application.mail.dispatcher import DispatchResult, OutboxDispatcher
from brugerbog.application.mail.rendering import MailFacts, MailLink
from brugerbog.application.ports.outbox_message import OutboxMessage
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.rendering import DanishMailRenderer
from brugerbog.infrastructure.mail.settings import Encryption, SmtpServer
from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport
from brugerbog.service import Service
from tests.null_observer import NULL_OBSERVER
from tests.stores import open_store, user_of

BASE = "https://erhverv.example.org"
SENDER = Sender("mail@example.org", "MitID Erhverv")

AFTER_THE_YES = "after the server's yes, before the mark"
POINTS = (
    "after the claim",
    "after composing",
    "after the link was kept",
    "before sending",
    "half-way through the letter",
    AFTER_THE_YES,
    "after the mark",
)


class LateClock:
    """Goes as this machine's, some time ahead."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def send_all(service: Service, port: int, ahead: timedelta = timedelta()) -> DispatchResult:
    """One round."""

    def compose(message: OutboxMessage) -> MailFacts:
        user = user_of(service, message.recipient)
        link = MailLink(LinkPurpose.ACTIVATION, message.generation)
        return MailFacts(str(user.first_name), str(user.email), "Prøve A/S", link=link)

    return OutboxDispatcher(
        StoredOutbox(service.log.backend, service.log.installation_keys),
        SmtpTransport(SmtpServer("127.0.0.1", port, Encryption.NONE), SENDER),
        RandomTokens(),
        compose,
        DanishMailRenderer(BASE, SENDER.domain),
        LateClock(ahead),
        logger(__name__),
        NULL_OBSERVER,
    ).run()


def send_and_be_killed(url: str, folder: Path, port: int, point: str, mail: int) -> None:
    """Run a round, and be killed at that point of the so-manieth mail (from 1)."""
    plant: Callable[[int], None] = {
        "after the claim": lambda mail: _die(StoredOutbox, "lease", mail, after=True),
        "after composing": lambda mail: _die(StoredOutbox, "store_token", mail),
        "after the link was kept": lambda mail: _die(StoredOutbox, "store_token", mail, after=True),
        "before sending": lambda mail: _die(SmtpTransport, "deliver", mail),
        "half-way through the letter": _die_half_way,
        AFTER_THE_YES: lambda mail: _die(SmtpTransport, "deliver", mail, after=True),
        "after the mark": lambda mail: _die(StoredOutbox, "mark_sent", mail, after=True),
    }[point]
    with open_store(url, folder) as service:
        plant(mail)
        send_all(service, port)


def _die(of: type, step: str, time: int, *, after: bool = False) -> None:
    """Plant a death before or after the so-manieth time of a step."""
    do, left = getattr(of, step), iter(range(time - 1, -1, -1))

    def do_and_die(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the step
        it_is_time = next(left) == 0
        if it_is_time and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = do(*given, **named)
        if it_is_time:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(of, step, do_and_die)


def _die_half_way(time: int) -> None:
    """Plant a death in the middle of the so-manieth letter: the server has half of it."""
    send, left = smtplib.SMTP.send, [time]

    def send_and_die(server: smtplib.SMTP, said: bytes | str) -> None:
        if isinstance(said, bytes):
            left[0] -= 1
            if left[0] == 0:
                send(server, said[: len(said) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
        send(server, said)

    smtplib.SMTP.send = send_and_die  # type: ignore[method-assign,assignment]
