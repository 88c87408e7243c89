"""Letters over SMTP: plain, with STARTTLS, or over TLS from the first byte (port: `MailTransport`)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.mail.outbox import MailDelayed, MailRefused, OwnCode
from brugerbog.infrastructure.mail.address import wire_address
from brugerbog.infrastructure.mail.message import as_message
from brugerbog.infrastructure.mail.settings import Encryption

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.mail.outbox import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender
    from brugerbog.infrastructure.mail.settings import SmtpServer

PATIENCE: Final = 30.0
"""Seconds for each answer of the server."""

PATIENCE_FOR_THE_YES: Final = 300.0
"""Seconds for its answer to the letter itself: whoever hangs up on a slow yes sends the letter twice."""

_OK: Final = 250
_DELAYED: Final = range(400, 500)
_REFUSED: Final = range(500, 600)


class SmtpTransport:
    """Hands letters to one server, over one connection as long as letters follow upon one another."""

    def __init__(
        self,
        server: SmtpServer,
        sender: Sender,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._server = server
        self._sender = sender
        self._tls = tls
        self._open: smtplib.SMTP | None = None

    def deliver(self, letter: RenderedMail) -> None:
        message = as_message(letter, self._sender).as_bytes()
        address = wire_address(letter.to_address)
        server = self._connected()
        try:
            self._send(server, address, message)
        except BaseException:
            self.rest()
            raise

    def greet(self) -> None:
        """Come to the server as for a letter, and leave again. Raises: MailDelayed."""
        self._connected()
        self.rest()

    def rest(self) -> None:
        server, self._open = self._open, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one; its troubles are no letter's fault."""
        if self._open is not None:
            with suppress(OSError):
                if self._open.noop()[0] == _OK:
                    return self._open
            self.rest()
        try:
            self._open = self._connect()
        except smtplib.SMTPResponseException as answered:
            raise MailDelayed(_reply(answered.smtp_code), unreached=True) from None
        except (OSError, ValueError):
            raise MailDelayed(unreached=True) from None
        return self._open

    def _connect(self) -> smtplib.SMTP:
        to = self._server
        named: dict[str, Any] = {"local_hostname": self._sender.domain, "timeout": PATIENCE}
        if to.encryption is Encryption.TLS:
            server: smtplib.SMTP = _PatientSmtps(to.host, to.port, context=self._tls(), **named)
        else:
            server = _PatientSmtp(to.host, to.port, **named)
        try:
            if to.encryption is Encryption.STARTTLS:
                server.starttls(context=self._tls())
            server.ehlo_or_helo_if_needed()
            if to.user is not None and to.password is not None:
                server.login(to.user, to.password.reveal())
        except BaseException:
            server.close()
            raise
        return server

    def _send(self, server: smtplib.SMTP, address: str, message: bytes) -> None:
        """Raises: MailRefused, MailDelayed; what the server says in words goes no further."""
        options = () if address.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        if options and not server.has_extn("smtputf8"):
            raise MailRefused(OwnCode.NOT_ASCII)
        try:
            server.sendmail(wire_address(self._sender.address), [address], message, options)
        # The first three are kinds of OSError too.
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, _),) = refused.recipients.values()
            raise _verdict(code) from None
        except smtplib.SMTPSenderRefused as refused:
            # The sender is the installation's, so this is about every letter.
            raise MailDelayed(_reply(refused.smtp_code), unreached=True) from None
        except smtplib.SMTPResponseException as refused:
            raise _verdict(refused.smtp_code) from None
        except OSError:
            raise MailDelayed from None


class _PatientForTheYes(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as in the library
        assert self.sock is not None  # noqa: S101 - connected
        self.sock.settimeout(PATIENCE_FOR_THE_YES)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(PATIENCE)


class _PatientSmtp(_PatientForTheYes):
    pass


class _PatientSmtps(_PatientForTheYes, smtplib.SMTP_SSL):
    pass


def _verdict(code: int) -> MailRefused | MailDelayed:
    return MailRefused(code) if code in _REFUSED else MailDelayed(_reply(code))


def _reply(code: int) -> int | None:
    """The code, if it is one: smtplib has -1 for an answer that it can't read."""
    return code if code in _DELAYED or code in _REFUSED else None
