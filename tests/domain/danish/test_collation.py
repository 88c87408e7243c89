"""Names sort in Danish order and are found however they are typed, in any database."""

import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.danish.collation import search_text, search_words, sort_key

NAMES = st.text("abzæøåéüö AÆØÅ-'", max_size=8) | st.text(max_size=8)


def finds(typed: str, *parts: str) -> bool:
    return all(f" {word}" in search_text(*parts) for word in search_words(typed))


@pytest.mark.parametrize(
    "in_order",
    [
        ["Andersen", "Ibsen", "Zachariassen", "Ærø", "Østergård", "Ågård"],
        ["Abel", "Zander", "Ågård", "Aagaard", "Aase"],
        ["Hansen", "Haslund", "Haagensen", "Håkonsen"],
        ["Æbel", "Äbel", "Ævar"],
        ["Øberg", "Öberg", "Ørum"],
        ["Mygind", "Müller", "Myrup"],
        ["Rene", "René", "Renée"],
        ["Anne", "Anne Marie", "Anne-Marie", "Annelise"],
        ["OBrien", "O'Brien", "Obst"],
        ["2. Kontor", "Abel"],
    ],
)
def test_names_stand_in_danish_order(in_order: list[str]) -> None:
    keys = [sort_key(name) for name in in_order]
    assert keys == sorted(set(keys))


def test_case_does_not_count() -> None:
    assert sort_key("ØSTERGÅRD", "Søren") == sort_key("østergård", "søren")


def test_a_whole_surname_comes_before_any_first_name() -> None:
    assert sort_key("Bo", "Zoe") < sort_key("Bo Berg", "Anna") < sort_key("Bob", "Anna")


def test_an_accent_counts_only_when_all_else_is_equal() -> None:
    assert sort_key("René", "Anna") < sort_key("Rene", "Bo") < sort_key("René", "Bo")


@given(NAMES, NAMES)
def test_composed_and_decomposed_names_stand_alike(surname: str, first_name: str) -> None:
    assert sort_key(surname, first_name) == sort_key(
        unicodedata.normalize("NFD", surname), unicodedata.normalize("NFD", first_name)
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), max_size=8))
def test_sqlite_orders_the_keys_as_python_does(names: list[str]) -> None:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE people (key TEXT)")
        db.executemany("INSERT INTO people VALUES (?)", [(sort_key(name),) for name in names])
        stored = [key for (key,) in db.execute("SELECT key FROM people ORDER BY key")]
    db.close()
    assert stored == sorted(sort_key(name) for name in names)


@pytest.mark.parametrize(
    "typed",
    [
        "søren",
        "SØREN ØST",
        "øst sø",
        "anne-m",
        "rene",
        "Renée",
        "oneil",
        "O\u2019N",
        "so.oe",
        "SO.OESTERGAARD@firma.d",
        "oestergaard",
        " ",
    ],
)
def test_every_search_word_is_a_prefix_of_a_found_word(typed: str) -> None:
    assert finds(
        typed, "Søren René-Anne Renée Marie", "Anne-Marie O'Neil Østergård", "so.oestergaard@firma.dk"
    )


@pytest.mark.parametrize("typed", ["ren", "soren", "østergaard", "firma", "søren bo", "hansen@firma.dk"])
def test_a_search_word_that_is_no_prefix_finds_nothing(typed: str) -> None:
    assert not finds(typed, "Søren", "Østergård", "so.hansen@firma.dk")


def test_danish_letters_are_letters_of_their_own() -> None:
    assert not finds("a", "Ågård")
    assert not finds("o", "Østergård")
    assert finds("muller", "Müller")


def test_a_found_text_holds_each_word_once_between_blanks() -> None:
    assert search_text("Anne", "Hansen", "anne.hansen@firma.dk") == " anne hansen anne.hansen@firma.dk "
    assert search_text("", " - ") == ""


def test_only_words_with_an_at_sign_hold_signs_of_a_pattern() -> None:
    assert search_words("a%b_c x_y%@firma.dk") == ["a", "b", "c", "x_y%@firma.dk"]


@given(st.lists(NAMES, max_size=3), st.data())
def test_every_name_is_found_by_itself_in_any_case_and_by_its_beginning(
    names: list[str], data: st.DataObject
) -> None:
    name = unicodedata.normalize("NFC", " ".join(names))
    typed = name[: data.draw(st.integers(0, len(name)))]
    assert finds(typed, name)
    assert finds(typed.upper(), name)


@given(st.text())
def test_sought_words_hold_no_blank_and_nothing_that_can_not_be_stored(typed: str) -> None:
    for word in search_words(typed):
        assert word.encode()
        assert not {" ", "\x00", "\n"} & set(word)
