"""Letters as files in a folder, instead of being sent (port: `MailTransport`).

The letters lie there in the clear, with names, addresses and links that work; nothing takes them away. It is
for demonstrations and trials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.mail.outbox import MailDelayed
from brugerbog.application.refusals.configuration import OutboxNotPrivate
from brugerbog.infrastructure.durable_files import write_whole
from brugerbog.infrastructure.mail.message import as_message

if TYPE_CHECKING:
    from pathlib import Path

    from brugerbog.application.mail.outbox import RenderedMail
    from brugerbog.infrastructure.mail.address import Sender

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077


class FolderTransport:
    """Puts each letter into a folder that only its owner can look into."""

    def __init__(self, folder: Path, sender: Sender) -> None:
        """Make the folder if need be. Raises: OutboxNotPrivate when others can look into it."""
        self._folder = folder
        self._sender = sender
        try:
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            others = folder.stat().st_mode & _OTHERS
        except OSError:
            raise OutboxNotPrivate(str(folder)) from None
        if others:
            raise OutboxNotPrivate(str(folder))

    def deliver(self, letter: RenderedMail) -> None:
        message = as_message(letter, self._sender).as_bytes()
        name = f"{letter.sent_at:%Y%m%dT%H%M%S.%fZ}-{letter.kind}-{letter.mail_id.hex[:8]}.eml"
        try:
            # Whole from its first moment, and on disk before the letter counts as sent.
            write_whole(self._folder / name, message, mode=_FILE_MODE)
        except OSError:
            raise MailDelayed(unreached=True) from None

    def rest(self) -> None:
        """Nothing is kept open."""
