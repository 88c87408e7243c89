"""The MIME message of a mail: standard format, and no injected headers."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from brugerbog.application.mail.transport import FailureCode, PermanentMailFailure
from brugerbog.infrastructure.mail.address import Sender, wire_address
from brugerbog.infrastructure.mail.message import to_email_message
from tests.infrastructure.mail.sample_mails import SENDER, letter


def as_received(**facts: object) -> EmailMessage:
    """Return the message as its recipient reads it."""
    raw = to_email_message(letter(**facts), SENDER).as_bytes()  # type: ignore[arg-type]
    return message_from_bytes(raw, policy=policy.default)


def test_a_message_has_plain_text_and_html() -> None:
    received = as_received()

    assert received.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    body = received.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == letter().text


def test_a_message_has_sender_recipient_and_auto_submitted_headers() -> None:
    received = as_received()

    assert str(received["From"]) == "MitID Erhverv <mail@example.org>"
    assert str(received["To"]) == "Ida Prøve <ida@example.org>"
    assert received["Message-ID"] == f"<{letter().message_id}>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Content-Language"] == "da"
    assert received["Date"].datetime == letter().sent_at


def test_a_message_is_ascii() -> None:
    assert to_email_message(letter(), SENDER).as_bytes().isascii()


@pytest.mark.parametrize(
    "name",
    [
        "Ida\r\nBcc: evil@example.org",
        "Ida\nBcc: evil@example.org\n\nHej",
        "Åse\x0b\x0c\x85\u2028\u2029Bcc: evil@example.org",
        "=?utf-8?q?Ida=0d=0aBcc:_evil=40example.org?=",
        "Åse, Bo <evil@example.org>",
        '"Åse" <evil@example.org>, x',
        "Åse; gruppe: evil@example.org,;",
        "Æ, " * 60,
        "",
    ],
)
def test_a_name_can_not_inject_a_header_or_recipient(name: str) -> None:
    received = as_received(to_name=name)

    assert [one.addr_spec for one in received["To"].addresses] == ["ida@example.org"]
    assert not {"bcc", "cc"} & {header.lower() for header in received}


@pytest.mark.parametrize(
    "name", ["Åse Ærlig-Øst", "O'Brien", "Ida (kaldet Bo)", "Prøve, A/S", "\u0645\u06cc\u200c\u062e"]
)
def test_a_name_is_received_unchanged(name: str) -> None:
    assert as_received(to_name=name)["To"].addresses[0].display_name == name


def test_a_domain_with_danish_letters_is_encoded_with_idna() -> None:
    assert as_received(to_address="bo@blå.example")["To"].addresses[0].addr_spec == "bo@xn--bl-zia.example"
    assert Sender("mail@blå.example").domain == "xn--bl-zia.example"


@pytest.mark.parametrize(
    "address", ["", "bo", "@example.org", "bo@", "bo@example.org\r\nDATA", "bo @example.org", "bo@-.\u2028æ"]
)
def test_an_unusable_address_is_refused(address: str) -> None:
    with pytest.raises(PermanentMailFailure) as refused:
        wire_address(address)

    assert refused.value.code == FailureCode.ADDRESS_UNUSABLE
