"""A CPR number is never printed, except by `users cpr`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SOME_REFUSED, UNKNOWN_ID, USAGE, CliResult, run_cli
from tests.entrypoints.cli.store_cli import CPR, DATE_OF_BIRTH, StoreCli, csv_file
from tests.people import made_up_cpr

PEOPLE = [made_up_cpr(date(1970, 5, 4), serial) for serial in range(12)]
ONE, TWO = PEOPLE[:2]
MISPLACED = [
    "{cpr};;A;B;;24121985;a@b.test;;;;3;;;;",
    "C;{cpr};A;B;;24121985;a@b.test;;;;3;;;;",
    "C;;A;B;{cpr}, {cpr};;a@b.test;;;;3;;;;",
    "C;;A;B;{cpr} 1985;;a@b.test;;;;3;;;;",
    "C;;A;B;0{cpr};;a@b.test;;;;3;;;;",
    "C;;A;B;;{cpr};a@b.test;;;;3;;;;",
    "C;;A;B;;24121985;{cpr};;;;3;;;;",
    "C;;A;B;;24121985;a@b.test;{cpr};;;3;;;;",
    "C;;A;B;;24121985;a@b.test;00{cpr};;;3;;;;",
    "C;;A;B;;24121985;a@b.test;;{cpr};;3;;;;",
    "C;;A;B;;24121985;a@b.test;;;;{cpr};;;;",
    "C;;A;B;;24121985;a@b.test;;;;3;{cpr};;;",
    "C;;A;B;;24121985;a@b.test;;;;3;;{cpr};;",
    "C;;A;B;;24121985;a@b.test;;;;3;;;{cpr};",
    "C;;A;B;;24121985;a@b.test;;;;3;;;;{cpr}",
]


def leaks(answer: CliResult, *cprs: str) -> list[str]:
    output = answer.out + answer.err
    written = [form for cpr in cprs for form in (cpr, f"{cpr[:6]}-{cpr[6:]}", f"{cpr[:6]} {cpr[6:]}")]
    return [form for form in written if form in output]


def test_a_whole_session_shows_no_cpr_number(cli: StoreCli, own_folder: Path) -> None:
    create = ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", "--cpr-stdin")
    path = csv_file(
        own_folder / "a.csv",
        *(f"C;;Navn;Efternavn;{cpr};;n@firma.test;;;;3;;;;" for cpr in PEOPLE[1:]),
        f"C;;Andet;Navn;{TWO};;n@firma.test;;;;3;;;;",
        f"U;;;;{PEOPLE[2]};;ny@firma.test;;;;;;;;",
        f"D;;;;{PEOPLE[3]};;;;;;;;;;",
        f"U;;;;{CPR[:9]};;;;;;;;;;",
        f"D;;;;{ONE[:6]}-{ONE[6:]};;;;;;;;;;",
    )
    answers = [
        cli(*create, stdin=f"{ONE[:6]}-{ONE[6:]}\n"),
        cli(*create, stdin=f"{ONE}\n"),
        cli(*create, "--json", stdin=f"{ONE}\n"),
        cli(*create, stdin=f"{ONE}1\n"),
        cli(*create, *DATE_OF_BIRTH, stdin=f"{ONE}\n"),
        cli("users", "edit", cli.ids["anne"], "--cpr-stdin", stdin=f"{ONE}\n"),
        cli("users", "edit", cli.ids["øjvind"], "--cpr-stdin", "--json", stdin=f"{TWO}\n"),
        *(cli("import", path, *more) for more in (("--dry-run",), (), ("--json",), ("--all-or-nothing",))),
        cli("import", path, "--receipt", "receipt.csv"),
        cli("users", "list"),
        cli("users", "list", "--json", "--search", ONE),
        cli("users", "list", "--at", "2999-01-01T00:00:00+01:00", "--json"),
        cli("users", "history", cli.ids["anne"]),
        cli("users", "delete", cli.ids["anne"], "--yes"),
        cli("projections", "verify", "--json"),
    ]
    assert {answer.code for answer in answers} == {DONE, FAILED, SOME_REFUSED}
    receipt = CliResult(DONE, (own_folder / "receipt.csv").read_text(), "")
    assert [found for answer in (*answers, receipt) for found in leaks(answer, CPR, *PEOPLE)] == []
    assert any("-xxxx" in answer.out for answer in answers)


@pytest.mark.parametrize("separator", ["", "-", " ", "\u2013", "\u00a0", ".", " - "])
def test_a_cpr_number_in_the_wrong_place_of_a_file_is_not_repeated(
    cli: StoreCli, own_folder: Path, separator: str
) -> None:
    cpr = f"{ONE[:6]}{separator}{ONE[6:]}"
    path = csv_file(own_folder / "a.csv", *(row.format(cpr=cpr) for row in MISPLACED))
    answer = cli("import", path, "--json", "--receipt", "receipt.csv")
    assert answer.code == SOME_REFUSED
    leaks = [
        MISPLACED[one["row"] - 2]
        for one in answer.document["outcomes"]
        if cpr in json.dumps(one, ensure_ascii=False)
    ]
    assert leaks == []
    assert cpr not in (own_folder / "receipt.csv").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "show", "{cpr}"),
        ("users", "show", UNKNOWN_ID, "{cpr}"),
        ("users", "activate", "{cpr}"),
        ("users", "{cpr}"),
        ("{cpr}",),
        ("users", "list", "{cpr}"),
        ("users", "list", "--status", "{cpr}"),
        ("users", "list", "--sort", "{cpr}"),
        ("users", "list", "--limit", "{cpr}"),
        ("users", "list", "--at", "{cpr}"),
        ("users", "list", "--after", "{cpr}"),
        ("users", "list", "--organisation", "{cpr}"),
        ("users", "list", "--as", "{cpr}"),
        ("users", "create", "--cpr", "{cpr}"),
        ("users", "create", "--cpr={cpr}"),
        ("users", "create", "--{cpr}"),
        ("users", "create", "--date-of-birth", "{cpr}"),
        ("users", "history", UNKNOWN_ID, "--from", "{cpr}"),
        ("users", "assign-means", UNKNOWN_ID, "{cpr}"),
        ("users", "edit", UNKNOWN_ID, "--phone", "{cpr}"),
        ("users", "place", UNKNOWN_ID, "--p-number", "{cpr}"),
        ("projections", "rebuild", "{cpr}"),
        ("users", "grant-rights", UNKNOWN_ID, "{cpr}"),
        ("users", "give-role", UNKNOWN_ID, "{cpr}"),
        ("users", "send-to-activation", UNKNOWN_ID, "--means", "app={cpr}"),
        ("users", "assign-means", UNKNOWN_ID, "app", "--shared-cvr", "{cpr}", "--shared-id", "a"),
        ("self-service", "open", "{cpr}"),
        ("self-service", "confirm-identity", "{cpr}", "--pretend"),
        ("self-service", "confirm-identity", "--pretend", "--date-of-birth", "{cpr}"),
        ("activities", "record", "{cpr}", "--reporter", "a"),
        ("activities", "record", "/dev/null", "--reporter", "{cpr}"),
        ("report", "{cpr}"),
        ("mail", "retry", "{cpr}"),
        ("worker", "--seconds", "{cpr}"),
        ("organisation", "register", "--name", "A", "--cvr", "{cpr}"),
    ],
)
def test_a_cpr_number_given_as_an_argument_is_not_repeated(cli: StoreCli, arguments: tuple[str, ...]) -> None:
    given = [one.format(cpr=ONE) for one in arguments]
    answer = run_cli(*given, *(() if len(given) < 2 else ("--store", cli.url)))
    assert answer.code in (FAILED, USAGE)
    assert leaks(answer, ONE) == []


def test_a_cpr_number_with_a_hyphen_given_as_an_argument_is_not_repeated() -> None:
    answer = run_cli("users", "show", UNKNOWN_ID, f"{ONE[:6]}-{ONE[6:]}")
    assert answer.code == USAGE
    assert leaks(answer, ONE) == []


def test_no_user_is_created_if_the_announced_cpr_number_is_missing(cli: StoreCli) -> None:
    create = ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", "--cpr-stdin")
    assert cli(*create, *DATE_OF_BIRTH, stdin="").code == USAGE


@pytest.mark.parametrize("more", [(), ("--cpr-stdin",)])
def test_a_closed_stdin_is_no_accident(cli: StoreCli, more: tuple[str, ...]) -> None:
    create = ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", *more)
    assert cli(*create, stdin=None).code in (FAILED, USAGE)


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x07", "\x9b31m"])
def test_control_sequences_in_a_file_do_not_reach_the_terminal(
    cli: StoreCli, own_folder: Path, sign: str
) -> None:
    path = csv_file(own_folder / "a.csv", f"C;;A;B;;24121985;{sign}a@b.test;;;;3;;;;")
    assert sign not in cli("import", path).out


def test_the_disclosed_number_is_whole_and_alone_on_stdout(cli: StoreCli) -> None:
    created = cli.run_json(
        *("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", "--cpr-stdin"),
        stdin=f"{ONE}\n",
    )

    answer = cli("users", "cpr", created["id"])
    assert (answer.code, answer.out) == (DONE, f"{ONE}\n")
    assert "CPR-nummer vist" in answer.err
    assert ONE not in answer.err
    assert cli.run_json("users", "cpr", created["id"])["cpr"] == ONE
    assert (
        cli.run_json("users", "history", created["id"])["activities"][-1]["transaction"] == "CPR-nummer vist"
    )


def test_a_number_is_not_shown_twice_under_one_command_id(cli: StoreCli) -> None:
    created = cli.run_json(
        *("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test", "--cpr-stdin"),
        stdin=f"{ONE}\n",
    )
    once = ("users", "cpr", created["id"], "--command-id", UNKNOWN_ID)

    assert [cli.run_json(*once)["cpr"] for _ in range(2)] == [ONE, None]
    assert (cli(*once).code, cli(*once).out) == (DONE, "")


def test_a_number_that_isn_t_known_is_a_refusal(cli: StoreCli) -> None:
    answer = cli("users", "cpr", cli.ids["øjvind"], "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "cpr_not_known")
