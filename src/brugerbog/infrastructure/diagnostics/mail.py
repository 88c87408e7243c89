"""Checks of mail: the server answers, and no mail waits too long or was given up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from brugerbog.application.diagnostics import findings
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.mail.transport import TransientMailFailure
from brugerbog.application.refusals.configuration import OutboxNotPrivate
from brugerbog.infrastructure.settings import mail_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext

LONGEST_WAIT: Final = timedelta(minutes=15)
"""The time past a mail's next attempt after which it waits too long."""

_OTHERS: Final = 0o077


def mail_server() -> Iterator[Finding]:
    """Connect to the mail server as for a mail.

    Raises: MailSettingInvalid, MailSettingMissing, OutboxNotPrivate.
    """
    settings = mail_settings()
    if settings is None:
        yield findings.MAIL_NOT_SET.finding()
        return
    to = settings.transport
    if isinstance(to, Path):
        if to.exists() and (not to.is_dir() or to.stat().st_mode & _OTHERS):
            raise OutboxNotPrivate(str(to))
        yield findings.MAIL_INTO_FOLDER.finding(folder=str(to))
        return
    from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport  # noqa: PLC0415 - only what is used

    try:
        SmtpTransport(to, settings.sender).check_connection()
    except TransientMailFailure as delayed:
        yield findings.MAIL_SERVER_SILENT.finding(host=to.host, port=to.port, reply=delayed.code or "ingen")
    else:
        yield findings.MAIL_SERVER_ANSWERS.finding(host=to.host)


def mails(context: CheckContext) -> Iterator[Finding]:
    """Check that no mail waits too long, and count mails given up."""
    outbox = context.outbox()
    counts, next_due = outbox.counts(), outbox.next_due()
    waiting, dead = counts[MailState.WAITING] + counts[MailState.CLAIMED], counts[MailState.DEAD]
    if next_due is not None and next_due < context.clock.now() - LONGEST_WAIT:
        yield findings.MAILS_WAIT.finding(waiting=waiting, at=next_due)
    else:
        yield findings.MAILS_ON_THEIR_WAY.finding(waiting=waiting)
    if dead:
        yield findings.MAILS_GIVEN_UP.finding(dead=dead)
