"""Arguments that nobody should give: huge, invisible, not text at all."""

from __future__ import annotations

import time

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, USAGE
from tests.entrypoints.cli.store_cli import BORN, Office

NOT_TEXT = "\udcff"
"""What Python makes of a byte that is no UTF-8."""


@pytest.mark.parametrize("odd", ["a\0b", "a\nb", "a\x1b[31mb", "a\u202eb", NOT_TEXT])
def test_invisible_signs_are_refused_in_every_text(office: Office, odd: str) -> None:
    fields = ("first_name", "surname", "email", "phone", "reference_text")
    given = [part for field in fields for part in (f"--{field.replace('_', '-')}", odd)]
    answer = office("users", "create", *given, *BORN, "--json")
    assert answer.code == FAILED
    assert {one["field"] for one in answer.error["reasons"]} == set(fields)
    assert odd not in answer.out


@pytest.mark.parametrize("name", ["Bo 👩‍🚀", "李小龍", "O'Neill; DROP TABLE users", "[bold]Bo[/bold] %s {0}"])
def test_a_name_comes_back_as_it_was_given(office: Office, name: str) -> None:
    user_id = office.ids["anne"]
    answer = office("users", "edit", user_id, "--first-name", name)
    assert answer.code == DONE
    assert answer.err.startswith(f"{name} Hansen er opdateret.")
    assert office.ask("users", "show", user_id)["first_name"] == name
    assert name in office("users", "list").out


@pytest.mark.parametrize("at", [(), ("--at", "2999-01-01T00:00:00+01:00")])
def test_no_sign_in_a_search_finds_all_or_breaks_it(office: Office, at: tuple[str, ...]) -> None:
    signs = ("%", "_", "\\", "'", '"', "*", "\0", NOT_TEXT, "🙂", "@", "%@%", "a\0@b")
    found = {sign: office.ask("users", "list", "--search", sign, *at)["users"] for sign in signs}
    assert [sign for sign in signs if found[sign]] == []


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_search_narrows_nothing(office: Office, blank: str) -> None:
    assert len(office.ask("users", "list", "--search", blank)["users"]) == 4


@pytest.mark.parametrize("length", [1_000, 60_000, 10_000_000])
@pytest.mark.parametrize("at", [(), ("--at", "2999-01-01T00:00:00+01:00")])
def test_a_huge_search_finds_nobody_in_reasonable_time(
    office: Office, length: int, at: tuple[str, ...]
) -> None:
    began = time.monotonic()
    assert office.ask("users", "list", "--search", "a" * length, *at)["users"] == []
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("length", [60_000, 5_000_000])
def test_a_huge_search_of_many_words_is_answered(office: Office, length: int) -> None:
    assert office.ask("users", "list", "--search", "anne " * (length // 5))["users"] != []


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "list", "--p-number", NOT_TEXT),
        ("users", "list", "--se-number", NOT_TEXT),
        ("users", "list", "--p-number", "\0"),
        ("users", "list", "--after", NOT_TEXT),
        ("users", "list", "--after", "x" * 100_000),
        ("users", "list", "--organisation", NOT_TEXT),
        ("users", "list", "--organisation", "\0"),
        ("users", "history", "anne", "--filter", NOT_TEXT),
        ("organisation", "settings", NOT_TEXT),
        ("organisation", "settings", "\0"),
        ("import", NOT_TEXT),
        ("import", "\0"),
        ("import", "."),
        ("projections", "rebuild", NOT_TEXT),
        ("projections", "rebuild", "\0"),
        ("users", "list", "--status", NOT_TEXT),
        ("users", "list", "--at", NOT_TEXT),
        ("users", "show", NOT_TEXT),
        ("users", NOT_TEXT),
        ("template", "\0"),
        ("users", "grant-rights", "anne", NOT_TEXT),
        ("users", "assign-sealing-profiles", "anne", NOT_TEXT),
        ("users", "assign-means", "anne", NOT_TEXT),
        ("users", "give-role", "anne", NOT_TEXT),
        ("users", "decline-anonymity", "anne", "--reason", NOT_TEXT),
        ("activities", "record", NOT_TEXT, "--reporter", NOT_TEXT),
        ("report", NOT_TEXT),
        ("mail", "retry", NOT_TEXT),
    ],
)
def test_what_is_no_text_is_answered_like_anything_else(office: Office, arguments: tuple[str, ...]) -> None:
    given = [office.ids.get(one, one) for one in arguments]
    plain, as_json = office(*given), office(*given, "--json")
    assert plain.code == as_json.code
    assert plain.code in (DONE, FAILED, USAGE)


@pytest.mark.parametrize("store", ["sqlite:///\udcff.db", "sqlite:///a\0b.db"])
def test_a_store_with_a_name_that_is_no_text_is_answered(office: Office, store: str) -> None:
    office.url = store
    assert office("users", "list", "--json").code == FAILED


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+01:00", "0001-01-01T00:00:00+00:00"]
)
def test_the_first_and_the_last_moment_are_moments(office: Office, at: str) -> None:
    living = 4 if at.startswith("9999") else 0
    assert len(office.ask("users", "list", "--at", at)["users"]) == living
    assert office("users", "show", office.ids["bo"], "--at", at).code == (DONE if living else FAILED)


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_deactivation_may_reach_to_the_last_day_there_is(office: Office, option: str) -> None:
    user = office.ask("users", "deactivate", office.ids["anne"], option, "9999-12-31")
    assert user[f"deactivated_{option.removeprefix('--')}"] == "9999-12-31"
    assert office("users", "list").code == DONE
    assert office.ask("projections", "verify")["equal"]
