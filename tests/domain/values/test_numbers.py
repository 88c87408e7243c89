"""Numbers are parsed as people and spreadsheets write them, or refused with the reason."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean as ean_rule
from stdnum.dk import cpr as cpr_rule

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values import numbers
from tests.people import made_up_cpr, passes_modulus_11

TODAY = date(2026, 11, 22)
BIRTHS = st.dates(date(1858, 1, 2), date(2057, 12, 31)).filter(lambda day: (day.month, day.day) != (1, 1))
TEXTS = st.text() | st.text("0123456789 -.,eE+\u00a0٣")
READERS: dict[str, Callable[[str], object]] = {
    "cpr": lambda text: numbers.cpr(text, today=TODAY),
    "cpr_loose": lambda text: numbers.cpr_loose(text, today=TODAY),
    "cvr": lambda text: numbers.cvr(text, allow_fictitious=True),
    "p_number": numbers.p_number,
    "se_number": numbers.se_number,
    "ean": numbers.ean,
    "phone": numbers.phone,
    "phone_loose": numbers.phone_loose,
    "user_id": numbers.user_id,
}


def refusal(reader: str, text: str) -> str:
    with pytest.raises(Refusal) as refused:
        READERS[reader](text)
    return refused.value.code


def attempt(reader: str, text: str) -> object:
    try:
        return READERS[reader](text)
    except Refusal as refused:
        return refused


def test_a_cpr_number_that_fails_modulus_11_is_accepted() -> None:
    assert not passes_modulus_11("0709611111")
    assert numbers.cpr("0709611111", today=TODAY) == "0709611111"


def test_blanks_and_no_break_spaces_around_a_number_are_trimmed() -> None:
    assert numbers.cpr(" \u00a00709611111\t\u202f", today=TODAY) == "0709611111"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("070961-1111", "cpr_hyphen"),
        ("070961\u20131111", "cpr_hyphen"),
        ("709611111", "cpr_lost_leading_zero"),
        ("7,09611E+08", "scientific_notation"),
        ("7.09611e8", "scientific_notation"),
        ("709611111,00", "decimals"),
        ("070961 1111", "blank_inside"),
        ("6709611111", "cpr_replacement_number"),
        ("9102611111", "cpr_date_impossible"),
        ("3102611111", "cpr_date_impossible"),
        ("0700611111", "cpr_date_impossible"),
        ("0000611111", "cpr_date_impossible"),
        ("2311264111", "cpr_born_in_the_future"),
        ("07096111112", "cpr_invalid"),
        ("0709611I11", "cpr_invalid"),
        ("٠٧٠٩٦١١١١١", "cpr_invalid"),
        ("", "cpr_invalid"),
    ],
)
def test_a_wrong_cpr_number_is_refused_with_its_own_reason(text: str, code: str) -> None:
    assert refusal("cpr", text) == code


def test_a_cpr_number_of_a_person_born_today_is_valid() -> None:
    assert numbers.birth_date_of(numbers.cpr("2211264111", today=TODAY)) == TODAY


@pytest.mark.parametrize("text", ["070961-1111", " 070961-1111 ", "0709611111"])
def test_people_may_write_a_hyphen_where_a_file_may_not(text: str) -> None:
    assert numbers.cpr_loose(text, today=TODAY) == "0709611111"


@pytest.mark.parametrize("text", ["070961--1111", "0709-611111", "07-09-61-1111", "70961-1111"])
def test_a_hyphen_in_any_other_place_is_refused(text: str) -> None:
    assert refusal("cpr_loose", text) == "cpr_invalid"


def test_a_masked_cpr_number_shows_the_date_only() -> None:
    assert numbers.mask_cpr("0709611111") == "070961-xxxx"


@pytest.mark.parametrize("reader", READERS)
@given(text=TEXTS | st.from_regex(r"[0-9]{6}-?[0-9]{3,4}", fullmatch=True))
def test_no_refusal_repeats_the_input(reader: str, text: str) -> None:
    refused = attempt(reader, text)
    assert not isinstance(refused, Refusal) or (vars(refused), refused.args) == ({}, ())


@pytest.mark.parametrize("seventh", "0123456789")
def test_the_century_follows_from_the_seventh_digit_as_stdnum_has_it(seventh: str) -> None:
    for year in range(100):
        number = f"0709{year:02}{seventh}111"
        assert numbers.birth_date_of(number) == cpr_rule.get_birth_date(number)


@given(BIRTHS, st.integers(0, 3599))
def test_a_made_up_cpr_number_has_the_birth_date_and_fails_modulus_11(birth: date, serial: int) -> None:
    number = made_up_cpr(birth, serial)
    assert numbers.birth_date_of(number) == birth
    assert not passes_modulus_11(number)


def test_made_up_cpr_numbers_are_all_different() -> None:
    assert len({made_up_cpr(date(1961, 9, 7), serial) for serial in range(5400)}) == 5400


def test_a_cvr_number_keeps_modulus_11() -> None:
    assert numbers.cvr("90000004", allow_fictitious=False) == "90000004"
    assert refusal("cvr", "80000001") == "cvr_check_digit_wrong"


def test_a_fictitious_cvr_number_may_fail_modulus_11_only_where_allowed() -> None:
    assert numbers.cvr("90000001", allow_fictitious=True) == "90000001"
    with pytest.raises(numbers.CvrCheckDigitWrong):
        numbers.cvr("90000001", allow_fictitious=False)


def test_an_ean_number_has_its_check_digit() -> None:
    assert numbers.ean("5798009811578") == "5798009811578"
    assert refusal("ean", "5798009811579") == "ean_check_digit_wrong"


@given(st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_ean_numbers_are_judged_as_by_stdnum(text: str) -> None:
    try:
        accepted = numbers.ean(text) == text
    except numbers.EanCheckDigitWrong:
        accepted = False
    assert accepted == ean_rule.is_valid(text)


def test_p_and_se_numbers_need_their_digits_and_no_check_digit() -> None:
    assert numbers.p_number(" 1003401234") == "1003401234"
    assert numbers.se_number("90000001\u00a0") == "90000001"


@pytest.mark.parametrize("reader", ["cvr", "p_number", "se_number", "ean", "phone", "phone_loose", "user_id"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2,56522E+12", "scientific_notation"),
        ("2.56522E+12", "scientific_notation"),
        ("5798009811578,00", "decimals"),
        ("5798009811578.00", "decimals"),
        ("57 98\u00a0009", "blank_inside"),
        ("12", "{reader}_invalid"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "{reader}_invalid"),
    ],
)
def test_damage_by_a_spreadsheet_is_named(reader: str, text: str, code: str) -> None:
    assert refusal(reader, text) == code.format(reader=reader.removesuffix("_loose"))


@pytest.mark.parametrize("text", ["+4512345678", "0045 12 34 56 78", "+45\u00a01234 5678", "12 34 56 78"])
def test_people_may_write_a_phone_number_with_blanks_and_the_danish_prefix(text: str) -> None:
    assert numbers.phone_loose(text) == "12345678"
    assert refusal("phone", text) in {"phone_invalid", "blank_inside"}


@pytest.mark.parametrize("text", ["+4612345678", "1234567", "+45", "+45+4512345678"])
def test_a_phone_number_that_is_not_danish_is_refused(text: str) -> None:
    assert refusal("phone_loose", text) == "phone_invalid"


def test_a_phone_number_may_begin_as_the_prefix_does() -> None:
    assert numbers.phone_loose("00451234") == "00451234"


@given(st.uuids())
def test_a_user_id_is_read_with_and_without_hyphens_in_any_case(user_id: UUID) -> None:
    for text in (str(user_id), user_id.hex, str(user_id).upper(), f" {user_id.hex.upper()} "):
        assert numbers.user_id(text) == user_id


@pytest.mark.parametrize(
    "text",
    [
        "1b4e28ba2fa1-11d2-883f-0016d3cca427",
        "{1b4e28ba-2fa1-11d2-883f-0016d3cca427}",
        "1b4e28ba2fa111d2883f0016d3cca42",
    ],
)
def test_a_user_id_has_all_its_hyphens_or_none(text: str) -> None:
    assert refusal("user_id", text) == "user_id_invalid"


@pytest.mark.parametrize("reader", READERS)
@given(text=TEXTS)
def test_whatever_is_written_is_read_or_refused_by_name(reader: str, text: str) -> None:
    answer = attempt(reader, text)
    assert isinstance(answer, Refusal) or READERS[reader](str(answer)) == answer
