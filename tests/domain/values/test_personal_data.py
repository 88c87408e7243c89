"""Names, birth dates, e-mail addresses and reference texts are parsed, or refused with the reason."""

import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values import personal_data

TODAY = date(2026, 11, 22)
LOCAL = st.text("abzABZ09.._+-'!", max_size=66) | st.sampled_from(
    ["INFO", "Postmaster", "anne.Hansen", "søren"]
)
LABEL = st.text("abzABZ09--", max_size=8) | st.sampled_from(["local", "Onion", "arpa", "xn--4ca", "z" * 64])
TOP = LABEL | st.sampled_from(["dk", "COM", "test", "example", "museum"])
PLAIN_ADDRESSES = st.from_regex(
    r"[a-z0-9_+'-]{1,8}(\.[A-Za-z0-9_+'-]{1,8}){1,2}@([A-Za-z0-9]{1,4}(-[A-Za-z0-9]{1,4})?\.){1,2}[A-Za-z]{2,3}",
    fullmatch=True,
)
ADDRESSES = st.builds(
    lambda local, labels, top: f"{local}@{'.'.join([*labels, top])}", LOCAL, st.lists(LABEL), TOP
)


def by_email_validator(address: str) -> str | None:
    try:
        return validate_email(
            address, check_deliverability=False, strict=True, test_environment=True
        ).normalized
    except (EmailNotValidError, UnicodeError):
        return None


def ours(address: str) -> str | None:
    try:
        return personal_data.email(address)
    except (personal_data.EmailInvalid, personal_data.EmailTooLong):
        return None


@settings(max_examples=500)
@given(ADDRESSES)
@example("INFO@firma.dk")
@example("Anne@Firma.DK")
@example("anne@firma.local")
@example("anne@local.firma.dk")
@example("anne@ab--cd.dk")
@example("a@test")
def test_an_address_has_the_verdict_and_the_form_of_email_validator(address: str) -> None:
    assert ours(address) == by_email_validator(address)


@settings(max_examples=500)
@given(PLAIN_ADDRESSES)
def test_a_plain_address_takes_the_short_way_to_the_form_of_email_validator(address: str) -> None:
    assert personal_data._PLAIN_EMAIL.fullmatch(address)
    assert ours(address) == by_email_validator(address) is not None


def test_no_mailbox_that_email_validator_lowers_has_a_dot() -> None:
    assert not [name for name in CASE_INSENSITIVE_MAILBOX_NAMES if "." in name]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Anne.Hansen@Firma.DK\u00a0", "Anne.Hansen@firma.dk"),
        ("søren@FIRMA.dk", "søren@firma.dk"),
        ("so\u0308ren@firma.dk", "sören@firma.dk"),
        ("bo@xn--rdgrd-vuad.dk", "bo@rødgrød.dk"),
        ("bo@firma.test", "bo@firma.test"),
        ("bo@Example.Invalid", "bo@example.invalid"),
        ("søren@firma.localhost", "søren@firma.localhost"),
    ],
)
def test_an_address_is_accepted(text: str, address: str) -> None:
    assert personal_data.email(text) == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "email_invalid"),
        ("bo", "email_invalid"),
        ("bo@firma", "email_invalid"),
        ("bo hansen@firma.dk", "email_invalid"),
        ("Bo <bo@firma.dk>", "email_invalid"),
        ("bo@firma.dk, eva@firma.dk", "email_invalid"),
        ("bo@firma.local", "email_invalid"),
        ("bo@.invalid", "email_invalid"),
        (f"{'b' * 65}@firma.dk", "email_invalid"),
        ("\ud800@firma.dk", "email_invalid"),
        (f"bo@{'firma.' * 50}dk", "email_too_long"),
    ],
)
def test_an_invalid_address_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        personal_data.email(text)
    assert refused.value.code == code


@given(st.text() | ADDRESSES)
def test_an_accepted_address_stays_as_it_is(text: str) -> None:
    address = ours(text)
    assert address is None or personal_data.email(address) == address


@pytest.mark.parametrize("address", ["søren@firma.dk", "bo@rødgård.dk", "ÆGIR@firma.dk"])
def test_an_address_with_danish_letters_carries_no_certificate(address: str) -> None:
    assert not personal_data.email_can_carry_certificate(personal_data.email(address))
    assert personal_data.email_can_carry_certificate("rené@firma.dk")


def test_a_name_is_trimmed_and_composed_and_otherwise_left_alone() -> None:
    assert personal_data.name("\u00a0 Bjo\u0308rn  A\u030age ") == "Björn  Åge"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name_missing"),
        (" \u00a0 ", "name_missing"),
        ("x" * 101, "name_too_long"),
        ("Bo\nHansen", "control_character"),
        ("Bo\n", "control_character"),
        ("Bo\tHansen", "control_character"),
        ("Bo\x00", "control_character"),
        ("Bo\u202eHansen", "control_character"),
        ("Bo\ud800", "control_character"),
    ],
)
def test_an_invalid_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        personal_data.name(text)
    assert refused.value.code == code


def test_a_name_has_at_most_100_characters_and_the_refusal_states_the_limit() -> None:
    assert personal_data.name("x" * 100)
    with pytest.raises(personal_data.NameTooLong, match="at most 100 characters") as refused:
        personal_data.name("x" * 101)
    assert "højst 100 tegn" in refused.value.message


@given(st.text(min_size=1))
def test_an_accepted_name_can_be_stored_and_stays_as_it_is(text: str) -> None:
    try:
        name = personal_data.name(text)
    except Refusal:
        return
    assert name.encode()
    assert "\x00" not in name
    assert unicodedata.is_normalized("NFC", name)
    assert personal_data.name(name) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [(" ", "reference_text_missing"), ("x" * 201, "reference_text_too_long"), ("a\rb", "control_character")],
)
def test_an_invalid_reference_text_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        personal_data.reference_text(text)
    assert refused.value.code == code


def test_a_reference_text_has_at_most_200_characters() -> None:
    assert personal_data.reference_text(f" {'x' * 200} ") == "x" * 200


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (personal_data.reason, " \u00a0", "reason_missing"),
        (personal_data.reason, "x" * 501, "reason_too_long"),
        (personal_data.reason, "a\nb", "control_character"),
        (personal_data.shared_means_id, "", "shared_means_id_invalid"),
        (personal_data.shared_means_id, "x" * 101, "shared_means_id_invalid"),
        (personal_data.shared_means_id, "a\tb", "control_character"),
    ],
)
def test_an_invalid_reason_or_id_of_a_shared_means_is_refused(
    read: Callable[[str], str], text: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read(text)
    assert refused.value.code == code


def test_a_reason_has_at_most_500_characters_and_an_id_100() -> None:
    assert personal_data.reason(f" {'x' * 500} ") == "x" * 500
    assert personal_data.shared_means_id(f" {'x' * 100} ") == "x" * 100


def test_a_birth_date_is_written_day_month_year() -> None:
    assert personal_data.birth_date(" 07091961", today=TODAY) == date(1961, 9, 7)
    assert personal_data.birth_date("22112026", today=TODAY) == TODAY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7091961", "birth_date_lost_leading_zero"),
        ("29022025", "birth_date_impossible"),
        ("19610907", "birth_date_impossible"),
        ("31121857", "birth_date_impossible"),
        ("07090000", "birth_date_impossible"),
        ("23112026", "birth_date_in_the_future"),
        ("07-09-1961", "birth_date_invalid"),
        ("", "birth_date_invalid"),
        ("7,09196E+06", "scientific_notation"),
        ("7091961,00", "decimals"),
        ("07 09 1961", "blank_inside"),
    ],
)
def test_an_invalid_birth_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        personal_data.birth_date(text, today=TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("birth", "today", "allowed"),
    [
        (date(2013, 11, 22), date(2026, 11, 22), True),
        (date(2013, 11, 23), date(2026, 11, 22), False),
        (date(2012, 2, 29), date(2025, 2, 28), False),
        (date(2012, 2, 29), date(2025, 3, 1), True),
        (date(1961, 9, 7), date(2026, 1, 1), True),
    ],
)
def test_a_person_is_old_enough_from_the_13th_birthday(birth: date, today: date, *, allowed: bool) -> None:
    assert personal_data.old_enough(birth, today=today) == allowed


def test_the_refusal_of_a_too_young_person_states_the_minimum_age() -> None:
    assert "under 13 år" in personal_data.TooYoung().message
