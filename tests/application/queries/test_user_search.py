"""Whom a search finds, in the read tables and in the log alike."""

import string
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.org_driver import OrgDriver

Asked = dict[str, Any]


@pytest.mark.parametrize(
    "search",
    ["øJV", "ØJVIND", "sørensen", "SØR", "øjvind sør", "sør øj", "rené", "rene", "  RENÉ  ", "bech"],
)
def test_search_finds_beginnings_of_words_whatever_their_case_and_accents(
    org: OrgDriver, asked: Asked, search: str
) -> None:
    org.create("Øjvind René", "Bech-Sørensen")
    org.create("Ellen", "Ipsen", email="ellen@by.test")

    assert org.names(search=search, **asked) == ["Øjvind René"]


@pytest.mark.parametrize("search", ["jvind", "ensen", "ojvind", "øjvind ellen", "xyz"])
def test_search_matches_no_middle_of_a_word_and_no_other_letters(
    org: OrgDriver, asked: Asked, search: str
) -> None:
    org.create("Øjvind", "Sørensen")
    org.create("Ellen", "Ipsen", email="ellen@by.test")

    assert org.names(search=search, **asked) == []


@pytest.mark.parametrize(
    "search", ["ida.holm@firma.test", "IDA.HOLM@FIRMA.TEST", "ida.holm@fi", "holm", "ida"]
)
def test_search_finds_an_address_by_beginnings_of_its_parts(
    org: OrgDriver, asked: Asked, search: str
) -> None:
    org.create("Eva", "Lund", email="ida.holm@firma.test")
    org.create("Bo", "Lund", email="bo@firma.test")

    assert org.names(search=search, **asked) == ["Eva"]


@pytest.mark.parametrize("search", ["%", "_", "%%", "-", "'", "(", ".", "; --", "\\", "\x00", "\ud800"])
def test_punctuation_alone_matches_no_user(org: OrgDriver, asked: Asked, search: str) -> None:
    org.create("Ana", "O'Hara-Bo", email="a_a@by.test")

    assert org.names(search=search, **asked) == []


@pytest.mark.parametrize(
    ("search", "found"), [("a_b@by", ["Under"]), ("a%b@by", ["Percent"]), ("axb@", ["X"])]
)
def test_percent_and_underscore_are_no_wildcards(
    org: OrgDriver, asked: Asked, search: str, found: list[str]
) -> None:
    org.create("Under", email="a_b@by.test")
    org.create("Percent", email="a%b@by.test")
    org.create("X", email="axb@by.test")

    assert org.names(search=search, **asked) == found


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\t"])
def test_blanks_match_all_users(org: OrgDriver, asked: Asked, blank: str) -> None:
    org.create()

    assert org.names(search=blank, **asked) == ["Ida"]


def test_search_finds_a_user_by_id_in_any_form(org: OrgDriver, asked: Asked) -> None:
    user_id = org.create()
    org.create("Ada")

    for written in (str(user_id), user_id.hex.upper(), f" {user_id} "):
        assert org.ids(search=written, **asked) == [user_id]
    assert org.ids(search=str(uuid4()), **asked) == []


@pytest.mark.parametrize(("search", "found"), [("x" * 60_000, []), ("ida " * 2_000, ["Ida"])])
def test_a_search_text_may_have_any_length(
    org: OrgDriver, asked: Asked, search: str, found: list[str]
) -> None:
    org.create()

    assert org.names(search=search, **asked) == found


def test_search_matches_a_changed_name_and_address(org: OrgDriver, asked: Asked) -> None:
    user_id = org.create("Ida", email="gammel@by.test")
    org.edit(user_id, first_name="Ny", email="frisk@by.test")

    assert org.ids(search="ny frisk@by.test", **asked) == [user_id]
    assert org.ids(search="ida", **asked) == org.ids(search="gammel", **asked) == []


@pytest.fixture(scope="module")
def odd_org(make_org: Any) -> OrgDriver:  # noqa: ANN401 - a callable fixture
    org: OrgDriver = make_org()
    for number, name in enumerate(["O'Hara", "Å-berg", "Re né", "_under", "A%b", "Øyé", "1ste", "Ü"]):
        org.create(name, email=f"a.b_{number}%x@by.test")
    return org


@settings(max_examples=50)
@given(search=st.text(alphabet=string.printable + "æøåÆØÅéü%_\\@.'-", max_size=12))
def test_search_of_now_and_of_the_past_find_the_same(odd_org: OrgDriver, search: str) -> None:
    assert odd_org.ids(search=search) == odd_org.ids(search=search, at=odd_org.clock.now())
