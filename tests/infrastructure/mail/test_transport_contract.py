"""The contract of a mail transport: the fake of the tests, the folder and SMTP pass the same tests."""

from collections.abc import Callable, Iterator
from errno import ENOSPC
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest

from brugerbog.application.mail.transport import MailTransport, TransientMailFailure
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.infrastructure.mail.folder_transport import FolderTransport
from brugerbog.infrastructure.mail.settings import Encryption, SmtpServer
from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport
from tests.application.mail.captured_mails import CapturedMails
from tests.infrastructure.mail.sample_mails import SENDER, letter
from tests.mail_server import RecordingMailHandler, free_port, serving

Delivered = Callable[[], int]


@pytest.fixture(params=["captured", "folder", "smtp"])
def transport(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[MailTransport, Delivered]]:
    """A transport, and the number of mails that have arrived."""
    no_org: Any = None
    match request.param:
        case "captured":
            captured = CapturedMails(no_org)
            yield captured, lambda: len(captured.mails)
        case "folder":
            folder = tmp_path / "outbox"
            yield FolderTransport(folder, SENDER), lambda: len(list(folder.glob("*.eml")))
        case _:
            handler = RecordingMailHandler()
            with serving(handler) as port:
                smtp = SmtpTransport(
                    SmtpServer("127.0.0.1", port, Encryption.NONE), SENDER, create_default_context
                )
                yield smtp, lambda: len(handler.accepted)
                smtp.close()


@pytest.fixture(params=["captured", "folder", "smtp"])
def failing_transport(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MailTransport:
    """A transport that can't deliver at the moment: on purpose, on a full disk, without a server."""

    def full(_: int) -> None:
        raise OSError(ENOSPC, "the disk is full")

    no_org: Any = None
    match request.param:
        case "captured":
            return CapturedMails(no_org, failing=True)
        case "folder":
            monkeypatch.setattr("os.fsync", full)
            return FolderTransport(tmp_path / "outbox", SENDER)
        case _:
            nobody_listens = SmtpServer("127.0.0.1", free_port(), Encryption.NONE)
            return SmtpTransport(nobody_listens, SENDER, create_default_context)


def test_a_mail_has_arrived_when_deliver_returns(transport: tuple[MailTransport, Delivered]) -> None:
    carrier, delivered = transport
    carrier.deliver(letter())
    assert delivered() == 1


def test_a_closed_transport_opens_again_for_the_next_mail(
    transport: tuple[MailTransport, Delivered],
) -> None:
    carrier, delivered = transport
    carrier.deliver(letter())
    carrier.close()
    carrier.close()
    carrier.deliver(letter(MailKind.ROLE_GIVEN))
    assert delivered() == 2


def test_a_transport_that_can_not_deliver_now_fails_transiently(failing_transport: MailTransport) -> None:
    with pytest.raises(TransientMailFailure):
        failing_transport.deliver(letter())
