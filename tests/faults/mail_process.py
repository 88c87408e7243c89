"""A dispatch of the outbox over a store and an SMTP server, killed at a given point.

Without pytest, so that the process starts quickly.
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

AFTER_ACCEPTANCE = "accepted by the server, not yet marked sent"
POINTS = (
    "leased",
    "rendered",
    "link token stored",
    "before the transport",
    "half of the message sent",
    AFTER_ACCEPTANCE,
    "marked sent",
)


class LateClock:
    """The time of this machine plus an interval."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def send_all(service: Service, port: int, ahead: timedelta = timedelta()) -> DispatchResult:
    """Dispatch all mails that are due."""

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
    """Dispatch mails; the process is killed at `point` of the `mail`-th one (from 1)."""
    plant: Callable[[int], None] = {
        "leased": lambda mail: _kill_at(StoredOutbox, "lease", mail, after=True),
        "rendered": lambda mail: _kill_at(StoredOutbox, "store_token", mail),
        "link token stored": lambda mail: _kill_at(StoredOutbox, "store_token", mail, after=True),
        "before the transport": lambda mail: _kill_at(SmtpTransport, "deliver", mail),
        "half of the message sent": _kill_half_way,
        AFTER_ACCEPTANCE: lambda mail: _kill_at(SmtpTransport, "deliver", mail, after=True),
        "marked sent": lambda mail: _kill_at(StoredOutbox, "mark_sent", mail, after=True),
    }[point]
    with open_store(url, folder) as service:
        plant(mail)
        send_all(service, port)


def _kill_at(owner: type, function: str, time: int, *, after: bool = False) -> None:
    """Make the process kill itself before or after the `time`-th call of a function."""
    original, left = getattr(owner, function), iter(range(time - 1, -1, -1))

    def run_and_die(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function
        it_is_time = next(left) == 0
        if it_is_time and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if it_is_time:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, function, run_and_die)


def _kill_half_way(time: int) -> None:
    """Make the process kill itself when the server has received half of the `time`-th message."""
    send, left = smtplib.SMTP.send, [time]

    def send_and_die(server: smtplib.SMTP, data: bytes | str) -> None:
        if isinstance(data, bytes):
            left[0] -= 1
            if left[0] == 0:
                send(server, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
        send(server, data)

    smtplib.SMTP.send = send_and_die  # type: ignore[method-assign,assignment]
