"""Mails over SMTP: unencrypted, with STARTTLS, or over TLS from the first byte (port: `MailTransport`)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure, TransientMailFailure
from brugerbog.infrastructure.mail.address import wire_address
from brugerbog.infrastructure.mail.message import to_email_message
from brugerbog.infrastructure.mail.settings import Encryption

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.mail.rendering import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender
    from brugerbog.infrastructure.mail.settings import SmtpServer

REPLY_TIMEOUT: Final = 30.0
"""The timeout of each reply of the server, in seconds."""

DATA_REPLY_TIMEOUT: Final = 300.0
"""The timeout of the reply to the mail's data, in seconds.

A client that disconnects before a slow server accepts the mail sends it twice.
"""

_OK: Final = 250
_DELAYED: Final = range(400, 500)
_REFUSED: Final = range(500, 600)


class SmtpTransport:
    """Delivers mails to one server, over one connection for all mails of a run."""

    def __init__(
        self,
        server: SmtpServer,
        sender: Sender,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._server = server
        self._sender = sender
        self._tls = tls
        self._connection: smtplib.SMTP | None = None

    def deliver(self, mail: RenderedMail) -> None:
        message = to_email_message(mail, self._sender).as_bytes()
        address = wire_address(mail.to_address)
        server = self._live_connection()
        try:
            self._send(server, address, message)
        except BaseException:
            self.close()
            raise

    def check_connection(self) -> None:
        """Connect and log in as for a mail, and disconnect. Raises: TransientMailFailure."""
        self._live_connection()
        self.close()

    def close(self) -> None:
        server, self._connection = self._connection, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def _live_connection(self) -> smtplib.SMTP:
        """Return the open connection if it still answers, otherwise a new one.

        Raises: TransientMailFailure with `transport_unavailable`, as the failure isn't this mail's.
        """
        if self._connection is not None:
            with suppress(OSError):
                if self._connection.noop()[0] == _OK:
                    return self._connection
            self.close()
        try:
            self._connection = self._connect()
        except smtplib.SMTPResponseException as failure:
            raise TransientMailFailure(_reply_code(failure.smtp_code), transport_unavailable=True) from None
        except (OSError, ValueError):
            raise TransientMailFailure(transport_unavailable=True) from None
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        target = self._server
        options: dict[str, Any] = {"local_hostname": self._sender.domain, "timeout": REPLY_TIMEOUT}
        if target.encryption is Encryption.TLS:
            server: smtplib.SMTP = _Smtps(target.host, target.port, context=self._tls(), **options)
        else:
            server = _Smtp(target.host, target.port, **options)
        try:
            if target.encryption is Encryption.STARTTLS:
                server.starttls(context=self._tls())
            server.ehlo_or_helo_if_needed()
            if target.user is not None and target.password is not None:
                server.login(target.user, target.password.reveal())
        except BaseException:
            server.close()
            raise
        return server

    def _send(self, server: smtplib.SMTP, address: str, message: bytes) -> None:
        """Send a mail; the text of the server's reply is discarded.

        Raises: PermanentMailFailure, TransientMailFailure.
        """
        options = () if address.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        if options and not server.has_extn("smtputf8"):
            raise PermanentMailFailure(FailureCode.NOT_ASCII)
        try:
            server.sendmail(wire_address(self._sender.address), [address], message, options)
        # The first three are subclasses of OSError.
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, _),) = refused.recipients.values()
            raise _failure_of(code) from None
        except smtplib.SMTPSenderRefused as refused:
            # The sender is the same for all mails, so no mail can be delivered.
            raise TransientMailFailure(_reply_code(refused.smtp_code), transport_unavailable=True) from None
        except smtplib.SMTPResponseException as refused:
            raise _failure_of(refused.smtp_code) from None
        except OSError:
            raise TransientMailFailure from None


class _SlowDataReply(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as in the library
        assert self.sock is not None  # noqa: S101 - connected
        self.sock.settimeout(DATA_REPLY_TIMEOUT)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(REPLY_TIMEOUT)


class _Smtp(_SlowDataReply):
    pass


class _Smtps(_SlowDataReply, smtplib.SMTP_SSL):
    pass


def _failure_of(code: int) -> PermanentMailFailure | TransientMailFailure:
    return PermanentMailFailure(code) if code in _REFUSED else TransientMailFailure(_reply_code(code))


def _reply_code(code: int) -> int | None:
    """Return the reply code; None if it is none: smtplib reports -1 for a reply that it can't parse."""
    return code if code in _DELAYED or code in _REFUSED else None
