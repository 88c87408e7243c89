"""Mails in a folder: written atomically, in order, and private."""

import os
from email import message_from_bytes, policy
from pathlib import Path
from stat import S_IMODE

import pytest

from brugerbog.application.mail.transport import TransientMailFailure
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.application.refusals.configuration import OutboxNotPrivate
from brugerbog.infrastructure.mail.folder_transport import FolderTransport
from tests.infrastructure.mail.sample_mails import SENDER, letter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo" / "outbox"


def test_a_mail_is_a_file_with_the_message(folder: Path) -> None:
    FolderTransport(folder, SENDER).deliver(letter())

    (file,) = folder.iterdir()
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["To"].addresses[0].username == "ida"


def test_the_file_name_has_time_and_kind_and_no_personal_data(folder: Path) -> None:
    FolderTransport(folder, SENDER).deliver(letter(MailKind.ROLE_GIVEN))

    (file,) = folder.iterdir()
    started = "20261122T130500.000000Z-role_given-"
    assert file.name == f"{started}{letter(MailKind.ROLE_GIVEN).mail_id.hex[:8]}.eml"


def test_folder_and_files_are_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        FolderTransport(folder, SENDER).deliver(letter())
    finally:
        os.umask(before)

    (file,) = folder.iterdir()
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_others_can_read_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)

    with pytest.raises(OutboxNotPrivate):
        FolderTransport(folder, SENDER)


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    folder.parent.mkdir()
    folder.touch()

    with pytest.raises(OutboxNotPrivate):
        FolderTransport(folder, SENDER)


def test_a_mail_that_can_not_be_written_is_delayed_and_leaves_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    transport = FolderTransport(folder, SENDER)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(TransientMailFailure):
        transport.deliver(letter())

    assert list(folder.iterdir()) == []
