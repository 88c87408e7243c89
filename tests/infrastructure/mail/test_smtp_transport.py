"""Letters over SMTP, against a real server that answers well, badly, or not at all."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure, TransientMailFailure
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.mail.settings import Encryption, SmtpServer
from brugerbog.infrastructure.mail.smtp_transport import SmtpTransport
from tests.infrastructure.mail.sample_mails import SENDER, letter
from tests.mail_server import RecordingMailHandler, free_port, serving

HOST = "127.0.0.1"


@pytest.fixture
def server() -> RecordingMailHandler:
    return RecordingMailHandler()


def to(port: int, encryption: Encryption = Encryption.NONE, **login: str) -> SmtpServer:
    return SmtpServer(HOST, port, encryption, **login)


@contextmanager
def transport(server: SmtpServer, tls: ssl.SSLContext | None = None) -> Iterator[SmtpTransport]:
    """A transport that is closed at the end."""
    made = SmtpTransport(server, SENDER, (lambda: tls) if tls else ssl.create_default_context)
    try:
        yield made
    finally:
        made.close()


def refusal(server: RecordingMailHandler, **facts: object) -> PermanentMailFailure | TransientMailFailure:
    """Return the failure of delivering a mail."""
    with (
        serving(server) as port,
        transport(to(port)) as carrying,
        pytest.raises((PermanentMailFailure, TransientMailFailure)) as refused,
    ):
        carrying.deliver(letter(**facts))  # type: ignore[arg-type]
    assert server.accepted == []
    found = refused.value
    assert isinstance(found, PermanentMailFailure | TransientMailFailure)
    assert found.__suppress_context__ or found.__context__ is None, "the server's words go no further"
    return found


# A server that takes it


def test_a_mail_arrives_unchanged(server: RecordingMailHandler) -> None:
    with serving(server) as port, transport(to(port)) as carrying:
        carrying.deliver(letter())

    (mail,) = server.accepted
    assert str(mail["To"]) == "Ida Prøve <ida@example.org>"
    assert server.to == ["ida@example.org"]


def test_consecutive_mails_share_a_connection(server: RecordingMailHandler) -> None:
    with serving(server) as port, transport(to(port)) as carrying:
        for generation in range(3):
            carrying.deliver(letter(generation=generation))

    assert len(server.ids) == 3
    assert len(server.hosts) == 1


def test_a_lost_connection_is_replaced(server: RecordingMailHandler) -> None:
    with serving(server) as port, transport(to(port)) as carrying:
        carrying.deliver(letter())
        assert carrying._connection is not None
        assert carrying._connection.sock is not None
        carrying._connection.sock.shutdown(socket.SHUT_RDWR)
        carrying.deliver(letter(generation=2))

    assert len(server.ids) == 2
    assert len(server.hosts) == 2


def test_the_machines_name_is_not_sent(server: RecordingMailHandler) -> None:
    with serving(server) as port, transport(to(port)) as carrying:
        carrying.deliver(letter())

    assert server.hosts == ["example.org"]


# A server that refuses


@pytest.mark.parametrize("code", [550, 552, 554])
def test_a_permanent_failure_has_the_reply_code(server: RecordingMailHandler, code: int) -> None:
    server.answer = lambda _: f"{code} no letters for ida@example.org"

    refused = refusal(server)

    assert isinstance(refused, PermanentMailFailure)
    assert refused.code == code


@pytest.mark.parametrize("code", [421, 451, 452])
def test_a_transient_failure_has_the_reply_code(server: RecordingMailHandler, code: int) -> None:
    server.answer = lambda _: f"{code} later, ida@example.org"

    delayed = refusal(server)

    assert isinstance(delayed, TransientMailFailure)
    assert (delayed.code, delayed.transport_unavailable) == (code, False)


def test_a_permanently_refused_recipient_is_a_permanent_failure(server: RecordingMailHandler) -> None:
    server.rcpt_answer = lambda address: f"550 {address} unknown"

    refused = refusal(server)

    assert isinstance(refused, PermanentMailFailure)
    assert refused.code == 550


@pytest.mark.parametrize("code", [421, 450])
def test_a_temporarily_refused_recipient_is_a_transient_failure(
    server: RecordingMailHandler, code: int
) -> None:
    server.rcpt_answer = lambda address: f"{code} {address} greylisted"

    delayed = refusal(server)

    assert isinstance(delayed, TransientMailFailure)
    assert (delayed.code, delayed.transport_unavailable) == (code, False)


def test_a_refused_sender_makes_the_transport_unavailable(server: RecordingMailHandler) -> None:
    server.sender_answer = "553 not from you"

    delayed = refusal(server)

    assert isinstance(delayed, TransientMailFailure)
    assert (delayed.code, delayed.transport_unavailable) == (553, True)


def test_the_next_mail_is_sent_after_a_failure(server: RecordingMailHandler) -> None:
    server.rcpt_answer = lambda address: "250 OK" if address.startswith("ida") else "550 unknown"
    with serving(server) as port, transport(to(port)) as carrying:
        with pytest.raises(PermanentMailFailure):
            carrying.deliver(letter(to_address="bo@example.org"))
        carrying.deliver(letter())

    assert server.to == ["ida@example.org"]


def test_an_unusable_address_fails_without_a_connection(server: RecordingMailHandler) -> None:
    refused = refusal(server, to_address="ida@example.org\r\nRCPT TO:<evil@example.org>")

    assert isinstance(refused, PermanentMailFailure)
    assert refused.code == FailureCode.ADDRESS_UNUSABLE
    assert server.hosts == []


def test_a_non_ascii_address_fails_without_smtputf8(server: RecordingMailHandler) -> None:
    refused = refusal(server, to_address="søren@example.org")

    assert isinstance(refused, PermanentMailFailure)
    assert refused.code == FailureCode.NOT_ASCII


def test_a_non_ascii_address_is_accepted_with_smtputf8(server: RecordingMailHandler) -> None:
    with serving(server, utf8=True) as port, transport(to(port)) as carrying:
        carrying.deliver(letter(to_address="søren@blå.example"))

    assert server.to == ["søren@xn--bl-zia.example"]
    username = server.accepted[0]["To"].addresses[0].username
    assert username.encode(errors="surrogateescape") == "søren".encode()


# No server, or one that dies


def connection_failure(server: SmtpServer, tls: ssl.SSLContext | None = None) -> TransientMailFailure:
    with transport(server, tls) as carrying, pytest.raises(TransientMailFailure) as delayed:
        carrying.deliver(letter())
    return delayed.value


def test_a_refused_connection_makes_the_transport_unavailable() -> None:
    delayed = connection_failure(to(free_port()))

    assert (delayed.code, delayed.transport_unavailable) == (None, True)


def test_an_unknown_host_makes_the_transport_unavailable() -> None:
    assert connection_failure(SmtpServer("mail.invalid", 25, Encryption.NONE)).transport_unavailable


@contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """A server that greets, answers each line from the client in turn, and then hangs up."""
    listening = socket.create_server((HOST, 0))

    def answer() -> None:
        taken, _ = listening.accept()
        with taken, taken.makefile("rb") as lines:
            taken.sendall(answers[0])
            for one in answers[1:]:
                if one == b"354 go on\r\n":
                    taken.sendall(one)
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                    return
                lines.readline()
                taken.sendall(one)
            lines.readline()

    thread = Thread(target=answer)
    with closing(listening):
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_a_busy_server_makes_the_transport_unavailable() -> None:
    with answering(b"554 no service here\r\n") as port:
        delayed = connection_failure(to(port))

    assert (delayed.code, delayed.transport_unavailable) == (554, True)


@pytest.mark.parametrize("answers", range(1, 5), ids=["greeting", "EHLO", "MAIL", "RCPT"])
def test_a_connection_lost_during_a_mail_delays_it(answers: int) -> None:
    with answering(b"220 ready\r\n", *[b"250 OK\r\n"] * (answers - 1)) as port:
        assert connection_failure(to(port)).code is None


def test_a_connection_lost_before_the_reply_delays_the_mail() -> None:
    """It may have taken it: this is the one way to a second copy but our own death."""
    with answering(b"220 ready\r\n", *[b"250 OK\r\n"] * 3, b"", b"354 go on\r\n") as port:
        delayed = connection_failure(to(port))

    assert (delayed.code, delayed.transport_unavailable) == (None, False)


# Encryption and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that this machine has signed for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def of_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_mail_and_login_are_encrypted_with_starttls(
    server: RecordingMailHandler, of_server: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with serving(server, tls=of_server, login=True) as port:
        at = to(port, Encryption.STARTTLS, user="bruger", password=Secret("right"))
        with transport(at, trusting) as carrying:
            carrying.deliver(letter())

    assert server.encrypted == [True]
    assert server.logins == [(b"bruger", b"right")]


def test_a_server_with_an_untrusted_certificate_gets_no_mail(
    server: RecordingMailHandler, of_server: ssl.SSLContext
) -> None:
    with serving(server, tls=of_server) as port:
        assert connection_failure(to(port, Encryption.STARTTLS)).transport_unavailable

    assert server.accepted == []


def test_nothing_is_sent_unencrypted_with_starttls(server: RecordingMailHandler) -> None:
    with serving(server) as port:
        assert connection_failure(to(port, Encryption.STARTTLS)).transport_unavailable

    assert server.accepted == []


def test_a_wrong_password_makes_the_transport_unavailable(server: RecordingMailHandler) -> None:
    with serving(server, login=True) as port:
        delayed = connection_failure(to(port, user="bruger", password=Secret("wrong")))

    assert (delayed.code, delayed.transport_unavailable) == (535, True)


def test_a_mail_is_sent_over_tls_from_the_first_byte(
    server: RecordingMailHandler, of_server: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with (
        serving(server, tls=of_server, from_the_first=True) as port,
        transport(to(port, Encryption.TLS), trusting) as carrying,
    ):
        carrying.deliver(letter())

    assert len(server.accepted) == 1
