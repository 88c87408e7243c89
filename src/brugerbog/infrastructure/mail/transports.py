"""The postman that the installation's settings ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from brugerbog.infrastructure.mail.folder_transport import OutboxPostman
from brugerbog.infrastructure.mail.smtp_transport import SmtpPostman

if TYPE_CHECKING:
    from brugerbog.application.mail.outbox import Postman
    from brugerbog.infrastructure.mail.settings import MailSettings


def postman_of(settings: MailSettings) -> Postman:
    """Somebody who carries letters where the settings say. Raises: OutboxNotPrivate."""
    if isinstance(settings.transport, Path):
        return OutboxPostman(settings.transport, settings.sender)
    return SmtpPostman(settings.transport, settings.sender)
