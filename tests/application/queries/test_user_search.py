"""Whom a search finds, in the read tables and in the log alike."""

import string
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.org_driver import Town

Asked = dict[str, Any]


@pytest.mark.parametrize(
    "search",
    ["øJV", "ØJVIND", "sørensen", "SØR", "øjvind sør", "sør øj", "rené", "rene", "  RENÉ  ", "bech"],
)
def test_search_finds_beginnings_of_words_whatever_their_case_and_accents(
    town: Town, asked: Asked, search: str
) -> None:
    town.create("Øjvind René", "Bech-Sørensen")
    town.create("Ellen", "Ipsen", email="ellen@by.test")

    assert town.names(search=search, **asked) == ["Øjvind René"]


@pytest.mark.parametrize("search", ["jvind", "ensen", "ojvind", "øjvind ellen", "xyz"])
def test_search_matches_no_middle_of_a_word_and_no_other_letters(
    town: Town, asked: Asked, search: str
) -> None:
    town.create("Øjvind", "Sørensen")
    town.create("Ellen", "Ipsen", email="ellen@by.test")

    assert town.names(search=search, **asked) == []


@pytest.mark.parametrize(
    "search", ["ida.holm@firma.test", "IDA.HOLM@FIRMA.TEST", "ida.holm@fi", "holm", "ida"]
)
def test_search_finds_an_address_by_beginnings_of_its_parts(town: Town, asked: Asked, search: str) -> None:
    town.create("Eva", "Lund", email="ida.holm@firma.test")
    town.create("Bo", "Lund", email="bo@firma.test")

    assert town.names(search=search, **asked) == ["Eva"]


@pytest.mark.parametrize("search", ["%", "_", "%%", "-", "'", "(", ".", "; --", "\\", "\x00", "\ud800"])
def test_punctuation_alone_matches_no_user(town: Town, asked: Asked, search: str) -> None:
    town.create("Ana", "O'Hara-Bo", email="a_a@by.test")

    assert town.names(search=search, **asked) == []


@pytest.mark.parametrize(
    ("search", "found"), [("a_b@by", ["Under"]), ("a%b@by", ["Percent"]), ("axb@", ["X"])]
)
def test_percent_and_underscore_are_no_wildcards(
    town: Town, asked: Asked, search: str, found: list[str]
) -> None:
    town.create("Under", email="a_b@by.test")
    town.create("Percent", email="a%b@by.test")
    town.create("X", email="axb@by.test")

    assert town.names(search=search, **asked) == found


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\t"])
def test_blanks_match_all_users(town: Town, asked: Asked, blank: str) -> None:
    town.create()

    assert town.names(search=blank, **asked) == ["Ida"]


def test_search_finds_a_user_by_id_in_any_form(town: Town, asked: Asked) -> None:
    user_id = town.create()
    town.create("Ada")

    for written in (str(user_id), user_id.hex.upper(), f" {user_id} "):
        assert town.ids(search=written, **asked) == [user_id]
    assert town.ids(search=str(uuid4()), **asked) == []


@pytest.mark.parametrize(("search", "found"), [("x" * 60_000, []), ("ida " * 2_000, ["Ida"])])
def test_a_search_text_may_have_any_length(town: Town, asked: Asked, search: str, found: list[str]) -> None:
    town.create()

    assert town.names(search=search, **asked) == found


def test_search_matches_a_changed_name_and_address(town: Town, asked: Asked) -> None:
    user_id = town.create("Ida", email="gammel@by.test")
    town.edit(user_id, first_name="Ny", email="frisk@by.test")

    assert town.ids(search="ny frisk@by.test", **asked) == [user_id]
    assert town.ids(search="ida", **asked) == town.ids(search="gammel", **asked) == []


@pytest.fixture(scope="module")
def odd_town(found_town: Any) -> Town:  # noqa: ANN401 - a callable fixture
    town: Town = found_town()
    for number, name in enumerate(["O'Hara", "Å-berg", "Re né", "_under", "A%b", "Øyé", "1ste", "Ü"]):
        town.create(name, email=f"a.b_{number}%x@by.test")
    return town


@settings(max_examples=50)
@given(search=st.text(alphabet=string.printable + "æøåÆØÅéü%_\\@.'-", max_size=12))
def test_search_of_now_and_of_the_past_find_the_same(odd_town: Town, search: str) -> None:
    assert odd_town.ids(search=search) == odd_town.ids(search=search, at=odd_town.clock.now())
