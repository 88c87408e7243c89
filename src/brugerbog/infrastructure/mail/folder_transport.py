"""Mails written to files in a folder instead of being sent (port: `MailTransport`).

The files are plain text with names, addresses and valid links; Brugerbog never deletes them. For
demonstrations and trials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.mail.transport import TransientMailFailure
from brugerbog.application.refusals.configuration import OutboxNotPrivate
from brugerbog.infrastructure.durable_files import write_whole
from brugerbog.infrastructure.mail.message import to_email_message

if TYPE_CHECKING:
    from pathlib import Path

    from brugerbog.application.mail.rendering import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077


class FolderTransport:
    """Writes each mail into a folder that only its owner can read."""

    def __init__(self, folder: Path, sender: Sender) -> None:
        """Create the folder if it doesn't exist. Raises: OutboxNotPrivate when others have access to it."""
        self._folder = folder
        self._sender = sender
        try:
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            others = folder.stat().st_mode & _OTHERS
        except OSError:
            raise OutboxNotPrivate(str(folder)) from None
        if others:
            raise OutboxNotPrivate(str(folder))

    def deliver(self, mail: RenderedMail) -> None:
        message = to_email_message(mail, self._sender).as_bytes()
        name = f"{mail.sent_at:%Y%m%dT%H%M%S.%fZ}-{mail.kind}-{mail.mail_id.hex[:8]}.eml"
        try:
            # Written atomically, and on disk before the mail counts as sent.
            write_whole(self._folder / name, message, mode=_FILE_MODE)
        except OSError:
            raise TransientMailFailure(transport_unavailable=True) from None

    def close(self) -> None:
        """Do nothing: no connection is kept open."""
