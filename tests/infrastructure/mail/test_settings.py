"""Mail settings are read from the environment, or refused by name in Danish."""

from pathlib import Path

import pytest

from brugerbog.application.refusals.configuration import MailSettingInvalid, MailSettingMissing
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.folder_transport import FolderTransport
from brugerbog.infrastructure.mail.settings import Encryption, MailSettings, SmtpServer
from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport
from brugerbog.infrastructure.mail.transports import transport_for
from brugerbog.infrastructure.settings import mail_settings

REST = {"BRUGERBOG_MAIL_FROM": "mail@example.org", "BRUGERBOG_BASE_URL": "https://erhverv.example.org"}


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("hemmelig\n", "utf-8")
    return str(file)


def read(**said: str) -> MailSettings | None:
    environment = REST | {f"BRUGERBOG_{name}": value for name, value in said.items()}
    return mail_settings(environment)


def read_server(url: str, **said: str) -> SmtpServer:
    settings = read(SMTP_URL=url, **said)
    assert settings is not None
    assert isinstance(settings.transport, SmtpServer)
    return settings.transport


def test_while_nothing_says_where_mails_go_they_wait() -> None:
    assert read() is None
    assert read(SMTP_URL="", OUTBOX="") is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 25, Encryption.NONE)),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, Encryption.NONE)),
        ("smtp+starttls://mail.example.org", SmtpServer("mail.example.org", 587, Encryption.STARTTLS)),
        ("smtps://mail.example.org/", SmtpServer("mail.example.org", 465, Encryption.TLS)),
        ("smtps://[::1]:4650", SmtpServer("::1", 4650, Encryption.TLS)),
    ],
)
def test_a_server_is_read_from_its_url(url: str, server: SmtpServer) -> None:
    assert read_server(url) == server


@pytest.mark.parametrize(
    "url",
    ["smtp+starttls://bruger%40example.org@mail.example.org", "smtp://bruger%40example.org@localhost"],
)
def test_a_user_logs_in_with_the_password_from_a_file(url: str, password_file: str) -> None:
    server = read_server(url, SMTP_PASSWORD_FILE=password_file)

    assert (server.user, server.password) == ("bruger@example.org", Secret("hemmelig"))
    assert "hemmelig" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org:port",
        "smtp://mail.example.org/folder",
        "smtp://[mail",
        "smtps://bruger:hemmelig@mail.example.org",
    ],
)
def test_an_invalid_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(MailSettingInvalid) as refused:
        read(SMTP_URL=url)

    assert refused.value.name == "BRUGERBOG_SMTP_URL"
    assert "hemmelig" not in refused.value.message


def test_a_login_at_another_machine_needs_encryption(password_file: str) -> None:
    with pytest.raises(MailSettingInvalid, match="SMTP_URL"):
        read(SMTP_URL="smtp://bruger@mail.example.org", SMTP_PASSWORD_FILE=password_file)


def test_user_and_password_are_set_together(password_file: str) -> None:
    with pytest.raises(MailSettingMissing, match="PASSWORD_FILE"):
        read(SMTP_URL="smtps://bruger@mail.example.org")
    with pytest.raises(MailSettingInvalid, match="SMTP_URL"):
        read(SMTP_URL="smtps://mail.example.org", SMTP_PASSWORD_FILE=password_file)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_an_empty_or_missing_password_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(MailSettingInvalid, match="PASSWORD_FILE"):
        read(SMTP_URL="smtps://bruger@mail.example.org", SMTP_PASSWORD_FILE=str(file))


def test_server_and_folder_exclude_one_another(tmp_path: Path) -> None:
    with pytest.raises(MailSettingInvalid, match="OUTBOX"):
        read(SMTP_URL="smtps://mail.example.org", OUTBOX=str(tmp_path))


@pytest.mark.parametrize("name", REST)
def test_sender_and_base_url_are_required(name: str) -> None:
    with pytest.raises(MailSettingMissing, match=name):
        mail_settings(REST | {"BRUGERBOG_OUTBOX": "outbox", name: " "})


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("mail@example.org", Sender("mail@example.org")),
        ("<mail@example.org>", Sender("mail@example.org")),
        ("MitID Erhverv <mail@example.org>", Sender("mail@example.org", "MitID Erhverv")),
        (
            '"Prøve A/S, Ålborg" <mail@prøve.example>',
            Sender("mail@xn--prve-hra.example", "Prøve A/S, Ålborg"),
        ),
    ],
)
def test_a_sender_may_have_a_name(written: str, sender: Sender) -> None:
    settings = read(OUTBOX="outbox", MAIL_FROM=written)

    assert settings is not None
    assert settings.sender == sender


@pytest.mark.parametrize(
    "written", ["mail", "MitID <mail>", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org"]
)
def test_an_invalid_sender_is_refused(written: str) -> None:
    with pytest.raises(MailSettingInvalid, match="MAIL_FROM"):
        read(OUTBOX="outbox", MAIL_FROM=written)


@pytest.mark.parametrize(
    ("written", "base_url"),
    [
        ("https://erhverv.example.org/", "https://erhverv.example.org"),
        ("https://example.org:8443/erhverv/", "https://example.org:8443/erhverv"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    ],
)
def test_links_begin_with_the_base_url(written: str, base_url: str) -> None:
    settings = read(OUTBOX="outbox", BASE_URL=written)

    assert settings is not None
    assert settings.base_url == base_url


@pytest.mark.parametrize(
    "written",
    ["example.org", "http://example.org", "https://", "https://example.org/?a=b", "https://example.org/#a",
     "https://bruger@example.org", "https://example.org/a b", "javascript:alert(1)", "https://example.org:x"],
)  # fmt: skip
def test_an_invalid_base_url_is_refused(written: str) -> None:
    with pytest.raises(MailSettingInvalid, match="BASE_URL"):
        read(OUTBOX="outbox", BASE_URL=written)


def test_the_settings_select_the_transport(tmp_path: Path) -> None:
    to_folder, to_server = read(OUTBOX=str(tmp_path / "outbox")), read(SMTP_URL="smtp://localhost")

    assert to_folder is not None
    assert isinstance(transport_for(to_folder), FolderTransport)
    assert to_server is not None
    assert isinstance(transport_for(to_server), SmtpTransport)
