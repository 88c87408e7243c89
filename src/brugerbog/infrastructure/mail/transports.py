"""The transport that the installation's settings select."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from brugerbog.infrastructure.mail.folder_transport import FolderTransport
from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport

if TYPE_CHECKING:
    from brugerbog.application.mail.transport import MailTransport
    from brugerbog.infrastructure.mail.settings import MailSettings


def transport_for(settings: MailSettings) -> MailTransport:
    """Return the transport for the settings. Raises: OutboxNotPrivate."""
    if isinstance(settings.transport, Path):
        return FolderTransport(settings.transport, settings.sender)
    return SmtpTransport(settings.transport, settings.sender)
