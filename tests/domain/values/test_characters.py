"""Invisible characters are dropped and don't count in comparisons, unless a script needs them."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.organisation.clients import client_name
from brugerbog.domain.user.directory_account import account
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.values import characters, personal_data
from brugerbog.domain.values.characters import comparison_form, has_letter, normalized_text, visible_form

# Without the large blocks of uniform characters: ideographs, Hangul, Tangut, private use.
EVERY_CHARACTER = [
    chr(code)
    for first, end in (
        (0, 0x3400),
        (0x9FF0, 0xAC10),
        (0xD790, 0xE010),
        (0xF8F0, 0x17010),
        (0x18AF0, 0x20010),
        (0xDFFF0, 0xE1010),
        (sys.maxunicode - 10, sys.maxunicode + 1),
    )
    for code in range(first, end)
]
UNSEEN = {
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "Arabic letter mark": "\u061c",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "Mongolian selectors": "\u180b\u180e\u180f",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "word joiner": "\u2060",
    "invisible times": "\u2062",
    "variation selector": "\ufe0f",
    "byte order mark": "\ufeff",
    "interlinear annotation": "\ufff9",
    "musical format": "\U0001d173",
    "tag": "\U000e0041",
    "ideographic selector": "\U000e0100",
}
READERS = [
    personal_data.name,
    personal_data.organisation_name,
    personal_data.reference_text,
    personal_data.reason,
    personal_data.shared_means_id,
    client_name,
    account,
]


def code_of(read: Callable[[str], str], text: str) -> str:
    with pytest.raises(Refusal) as refused:
        read(text)
    return refused.value.code


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("read", READERS)
def test_invisible_characters_are_dropped_from_every_text(read: Callable[[str], str], unseen: str) -> None:
    assert read(f"{unseen}Dob{unseen}belt{unseen}") == "Dobbelt"


@pytest.mark.parametrize("unseen", [*UNSEEN.values(), "\u2800", "\u3000", "\u1680", "\U00016fe4"])
@pytest.mark.parametrize("read", READERS)
def test_invisible_characters_alone_are_an_empty_text(read: Callable[[str], str], unseen: str) -> None:
    assert code_of(read, unseen * 3).endswith(("_missing", "_invalid"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bo\ufffdHansen", "unreadable_character"),
        ("Bo\ufffc", "unreadable_character"),
        ("Bo\ue000", "unreadable_character"),
        ("Bo\u0378", "unreadable_character"),
        ("Bo\U0010ffff", "unreadable_character"),
        ("Bo\u2029Hansen", "control_character"),
        ("Bo\x85Hansen", "control_character"),
        ("Bo\u2066Hansen", "control_character"),
        ("\u0301Bo", "marks_misplaced"),
        ("Bo \u0301", "marks_misplaced"),
        ("Bo\u200b \u200b\u0301", "marks_misplaced"),
        ("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308algo", "marks_misplaced"),
        ("B" + "\u0316\u0301" * 500_000, "marks_misplaced"),
    ],
)
@pytest.mark.parametrize("read", READERS)
def test_unreadable_characters_are_refused_in_every_text(
    read: Callable[[str], str], text: str, code: str
) -> None:
    assert code_of(read, text) == code


@pytest.mark.parametrize("text", ["-", "\u2019", "42", "😀", "\u00b7", "\u2800-\u2800"])
def test_a_name_without_a_letter_is_refused(text: str) -> None:
    assert code_of(personal_data.name, text) == "name_without_letter"


@pytest.mark.parametrize("text", ["1905", "7-11", "3F"])
def test_an_organisation_and_a_client_may_be_called_by_digits(text: str) -> None:
    assert personal_data.organisation_name(text) == client_name(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Søren Kjær",
        "Jean-Luc O\u2019Hara",
        "Łukasz Đặng",
        "Nguyễn Thị Hằng",
        "Αναστασία",
        "Ольга",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "ക്\u200d",  # Malayalam chillu, as it was written before Unicode 5.1
        "क्\u200dष",
        "葛\U000e0100城",  # a form of an ideograph
        "ᠮ\u180bᠣ",
        "རྒྱུད",
        "שְׁלֹמֹה",
        "สมชาย",
    ],
)
def test_a_name_of_any_script_stays_as_it_is_written(text: str) -> None:
    assert personal_data.name(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["👩\u200d🚀", "❤\ufe0f\u200d🔥", "👍🏽"])
def test_a_reference_text_keeps_its_emoji_whole(text: str) -> None:
    assert personal_data.reference_text(text) == text


def test_blanks_of_every_kind_are_plain_spaces_inside_a_text() -> None:
    assert normalized_text("Bo\u00a0Finn\u3000Hansen\u2800") == "Bo Finn Hansen"


def test_each_character_is_refused_kept_or_dropped_and_never_invisible() -> None:
    for character in EVERY_CHARACTER:
        try:
            normalized = normalized_text(f"a{character}b")
        except Refusal:
            continue
        categories = {unicodedata.category(one) for one in normalized}
        assert not categories & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}, hex(ord(character))
        assert "Zs" not in categories or " " in normalized, hex(ord(character))
        assert normalized_text(normalized) == normalized, hex(ord(character))


def test_the_compared_form_of_every_character_stays_as_it_is() -> None:
    for character in EVERY_CHARACTER:
        if not "\ud800" <= character <= "\udfff":
            once = comparison_form(f"a{character}b")
            assert comparison_form(once) == once, hex(ord(character))


def test_the_fast_path_of_the_comparison_form_gives_the_same_result() -> None:
    short = [one for one in EVERY_CHARACTER if characters._LATIN.fullmatch(one)]
    assert len(short) > 200
    for character in short:
        for text in (f"a{character}b", f"{character} {character}"):
            assert comparison_form(text) == characters._comparison_form(text)


@given(st.text())
@example("\u1160\u0301")
@example("a\u200c\u0301")
@example("ᄀ\u115f")
def test_normalizing_twice_changes_nothing(text: str) -> None:
    try:
        normalized = normalized_text(text)
    except Refusal:
        return
    assert normalized_text(normalized) == normalized
    assert not normalized or comparison_form(normalized), ascii(normalized)
    assert unicodedata.is_normalized("NFC", normalized)


@given(st.text())
def test_the_compared_form_stays_as_it_is_and_refuses_nothing(text: str) -> None:
    for form in (visible_form, comparison_form):
        assert form(form(text)) == form(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dob\u200bbelt", "Dobbelt"),
        ("DOBBELT", "dobbelt"),
        ("Y\u0131ld\u0131z", "YILDIZ"),
        ("İpek", "ipek"),
        ("IŞIL", "\u0131ş\u0131l"),
        ("I\u0307\u0301da", "\u0131\u0301da"),
        ("\uff22\uff4f", "bo"),
        ("ﬁnn", "FINN"),
        ("Bo\u00a0 Hansen", "bo hansen"),
        ("Bjo\u0308rn", "BJÖRN"),
        ("Strauß", "STRAUSS"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
        ("葛\U000e0100", "葛"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_people_are_compared_by_visible_characters(one: str, other: str) -> None:
    born = date(1961, 9, 7)
    address = "bo@firma.test"
    assert Identity.by_name(one, "Kjær", born, address) == Identity.by_name(other, "kjær", born, address)
    assert Identity.by_account(one) == Identity.by_account(other)


def test_the_comparison_form_distinguishes_letters() -> None:
    assert len({comparison_form(name) for name in ("Sören", "Søren", "Soren", "Sorén")}) == 4


@pytest.mark.parametrize("text", ["\u3164", "\u2800", "\u00ad", "1", "", "٣"])
def test_no_letter_is_found_where_none_is_seen(text: str) -> None:
    assert not has_letter(normalized_text(text))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("\u202fbo@firma.dk\u200b", "bo@firma.dk"),
        ("b\u00ado@fir\u200bma.dk", "bo@firma.dk"),
        ("s\u200børen@firma.dk", "søren@firma.dk"),
    ],
)
def test_an_address_loses_invisible_characters(text: str, address: str) -> None:
    assert personal_data.email(text) == address


@pytest.mark.parametrize(
    "text", ["b\u2800o@firma.dk", "b\u202eo@firma.dk", "b\ufffdo@firma.dk", "\u0301bo@firma.dk"]
)
def test_an_address_with_unreadable_characters_is_refused(text: str) -> None:
    assert code_of(personal_data.email, text) == "email_invalid"


@pytest.mark.parametrize("read", [*READERS, personal_data.email])
def test_a_text_of_any_length_is_refused_in_a_moment(read: Callable[[str], str]) -> None:
    for text in ("å" * 1_000, "x" * 1_000_000, "\u200b" * 1_000_000 + "x" * 1_000):
        assert code_of(read, text).endswith(("_too_long", "_invalid"))
