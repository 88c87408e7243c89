"""An SMTP server on this machine that records mails and gives configurable answers."""

import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

OK = "250 OK"


class RecordingMailHandler:
    """Records accepted mails in their order; `answer` gives the reply to each mail."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.hosts: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.encrypted: list[bool] = []
        self.to: list[str] = []
        self.sender_answer = OK
        self.rcpt_answer: Callable[[str], str] = lambda _: OK
        self.answer: Callable[[EmailMessage], str] = lambda _: OK

    @property
    def ids(self) -> Counter[str]:
        """Return how often each message id was accepted."""
        return Counter(str(mail["Message-ID"]) for mail in self.accepted)

    async def handle_EHLO(  # noqa: N802 - named by the server
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.hosts.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer == OK:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.rcpt_answer(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        answer = self.answer(mail)
        if answer == OK:
            self.accepted.append(mail)
            self.to += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
        return answer

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _by: str, data: Any) -> Any:  # noqa: ANN401
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


def free_port() -> int:
    """Return a port that no process listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(
    handler: RecordingMailHandler,
    *,
    tls: ssl.SSLContext | None = None,
    from_the_first: bool = False,
    login: bool = False,
    utf8: bool = False,
) -> Iterator[int]:
    """Run the server and yield its port; it may require STARTTLS, TLS `from_the_first` byte, and a login."""
    options: dict[str, Any] = {"enable_SMTPUTF8": utf8}
    if from_the_first:
        options |= {"ssl_context": tls}
    elif tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    if login:
        options |= {
            "auth_required": tls is not None,
            "authenticator": handler.authenticate,
            "auth_require_tls": tls is not None,
        }
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
