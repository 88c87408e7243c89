"""Unusual arguments: huge, invisible, or not text."""

from __future__ import annotations

import time

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, USAGE
from tests.entrypoints.cli.store_cli import DATE_OF_BIRTH, StoreCli

NOT_TEXT = "\udcff"
"""Python's surrogate for a byte that isn't UTF-8."""


@pytest.mark.parametrize("unusual", ["a\0b", "a\nb", "a\x1b[31mb", "a\u202eb", NOT_TEXT])
def test_invisible_signs_are_refused_in_every_text(cli: StoreCli, unusual: str) -> None:
    fields = ("first_name", "surname", "email", "phone", "reference_text")
    given = [part for field in fields for part in (f"--{field.replace('_', '-')}", unusual)]
    answer = cli("users", "create", *given, *DATE_OF_BIRTH, "--json")
    assert answer.code == FAILED
    assert {one["field"] for one in answer.error["reasons"]} == set(fields)
    assert unusual not in answer.out


@pytest.mark.parametrize("name", ["Bo 👩‍🚀", "李小龍", "O'Neill; DROP TABLE users", "[bold]Bo[/bold] %s {0}"])
def test_a_name_comes_back_as_it_was_given(cli: StoreCli, name: str) -> None:
    user_id = cli.ids["anne"]
    answer = cli("users", "edit", user_id, "--first-name", name)
    assert answer.code == DONE
    assert answer.err.startswith(f"{name} Hansen er opdateret.")
    assert cli.run_json("users", "show", user_id)["first_name"] == name
    assert name in cli("users", "list").out


@pytest.mark.parametrize("at", [(), ("--at", "2999-01-01T00:00:00+01:00")])
def test_no_sign_in_a_search_finds_all_or_breaks_it(cli: StoreCli, at: tuple[str, ...]) -> None:
    signs = ("%", "_", "\\", "'", '"', "*", "\0", NOT_TEXT, "🙂", "@", "%@%", "a\0@b")
    found = {sign: cli.run_json("users", "list", "--search", sign, *at)["users"] for sign in signs}
    assert [sign for sign in signs if found[sign]] == []


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_search_narrows_nothing(cli: StoreCli, blank: str) -> None:
    assert len(cli.run_json("users", "list", "--search", blank)["users"]) == 4


@pytest.mark.parametrize("length", [1_000, 60_000, 10_000_000])
@pytest.mark.parametrize("at", [(), ("--at", "2999-01-01T00:00:00+01:00")])
def test_a_huge_search_finds_no_user_in_reasonable_time(
    cli: StoreCli, length: int, at: tuple[str, ...]
) -> None:
    began = time.monotonic()
    assert cli.run_json("users", "list", "--search", "a" * length, *at)["users"] == []
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("length", [60_000, 5_000_000])
def test_a_huge_search_of_many_words_is_answered(cli: StoreCli, length: int) -> None:
    assert cli.run_json("users", "list", "--search", "anne " * (length // 5))["users"] != []


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
def test_an_argument_that_is_not_text_gets_an_ordinary_answer(
    cli: StoreCli, arguments: tuple[str, ...]
) -> None:
    given = [cli.ids.get(one, one) for one in arguments]
    plain, as_json = cli(*given), cli(*given, "--json")
    assert plain.code == as_json.code
    assert plain.code in (DONE, FAILED, USAGE)


@pytest.mark.parametrize("store", ["sqlite:///\udcff.db", "sqlite:///a\0b.db"])
def test_a_store_with_a_name_that_is_no_text_is_answered(cli: StoreCli, store: str) -> None:
    cli.url = store
    assert cli("users", "list", "--json").code == FAILED


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+01:00", "0001-01-01T00:00:00+00:00"]
)
def test_the_first_and_the_last_moment_are_moments(cli: StoreCli, at: str) -> None:
    living = 4 if at.startswith("9999") else 0
    assert len(cli.run_json("users", "list", "--at", at)["users"]) == living
    assert cli("users", "show", cli.ids["bo"], "--at", at).code == (DONE if living else FAILED)


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_deactivation_may_reach_to_the_last_day_there_is(cli: StoreCli, option: str) -> None:
    user = cli.run_json("users", "deactivate", cli.ids["anne"], option, "9999-12-31")
    assert user[f"deactivated_{option.removeprefix('--')}"] == "9999-12-31"
    assert cli("users", "list").code == DONE
    assert cli.run_json("projections", "verify")["equal"]
