"""Activities reported by services, as JSON lines."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SOME_REFUSED, UNKNOWN_ID, CliResult
from tests.entrypoints.cli.store_cli import CPR, StoreCli

RECORD = ("activities", "record")
SKAT = ("--reporter", "skat")


def line(user_id: str, reference: str = "1", **other: object) -> str:
    return json.dumps(
        {
            "user_id": user_id,
            "occurred_at": "2026-11-20T10:00:00+01:00",
            "transaction": "Log ind",
            "service_provider": "Skat",
            "service_type": "public",
            "reference": reference,
        }
        | other
    )


def record(cli: StoreCli, folder: Path, *lines: str | bytes, more: tuple[str, ...] = ()) -> CliResult:
    raw = [one if isinstance(one, bytes) else one.encode() for one in lines]
    (folder / "activities.jsonl").write_bytes(b"".join(one + b"\n" for one in raw))
    return cli(*RECORD, "activities.jsonl", *SKAT, *more, "--json")


def counts(answer: CliResult) -> tuple[Any, ...]:
    return tuple(answer.document[one] for one in ("lines", "recorded", "already_recorded", "refused"))


def test_a_reported_activity_is_in_the_history_once(cli: StoreCli, own_folder: Path) -> None:
    lines = [line(cli.ids["anne"]), "", line(cli.ids["bo"], "2", service_type="private"), "  "]
    first, second = record(cli, own_folder, *lines), record(cli, own_folder, *lines)
    assert (first.code, counts(first)) == (DONE, (2, 2, 0, 0))
    assert (second.code, counts(second)) == (DONE, (2, 0, 2, 0))
    found = cli.run_json("users", "history", cli.ids["anne"], "--filter", "skat")["activities"]
    assert [(one["transaction"], one["service_type"]) for one in found] == [("Log ind", "public")]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ("nonsense", [None]),
        (b"\xff", [None]),
        ("[1]", [None]),
        ("[" * 60_000, [None]),
        ("x" * 70_000, [None]),
        ("{}", ["user_id", "occurred_at", "transaction", "service_provider", "service_type", "reference"]),
        (line(UNKNOWN_ID, "3", transaction=3), ["transaction"]),
        (line(UNKNOWN_ID, "3", more=1), [None]),
        (line("nope", "3", occurred_at="yesterday"), ["user_id", "occurred_at"]),
        (line(UNKNOWN_ID, "3"), [None]),
        (line("anne", "3", occurred_at="2026-11-20T10:00:00"), [None]),
        (line("anne", "3", occurred_at="2999-11-20T10:00:00Z"), [None]),
        (line("anne", "3", transaction=" ", service_type="semi"), ["transaction", "service_type"]),
        (line("anne", "3", transaction="a\u0007"), [None]),
        ('{"user_id": "\\ud800"}', None),
    ],
)
def test_a_wrong_line_is_named_and_holds_nothing_back(
    cli: StoreCli, own_folder: Path, wrong: str | bytes, fields: list[str | None] | None
) -> None:
    if isinstance(wrong, str):
        wrong = wrong.replace('"anne"', f'"{cli.ids["anne"]}"')
    answer = record(cli, own_folder, line(cli.ids["anne"]), wrong, line(cli.ids["anne"], "2"))
    assert (answer.code, counts(answer)) == (SOME_REFUSED, (3, 2, 0, 1))
    errors = answer.document["errors"]
    assert {one["line"] for one in errors} == {2}
    assert fields is None or [one["field"] for one in errors] == fields


def test_blank_lines_and_a_byte_order_mark_count_for_the_numbers_only(
    cli: StoreCli, own_folder: Path
) -> None:
    answer = record(cli, own_folder, b"\xef\xbb\xbf" + line(cli.ids["anne"]).encode(), "", "nope")
    assert counts(answer) == (2, 1, 0, 1)
    assert answer.document["errors"][0]["line"] == 3


def test_many_lines_are_taken_in_batches(cli: StoreCli, own_folder: Path) -> None:
    lines = [line(cli.ids["anne"], str(n)) for n in range(2500)]
    lines[1200] = "nope"
    answer = record(cli, own_folder, *lines, more=("--command-id", UNKNOWN_ID))
    assert counts(answer) == (2500, 2499, 0, 1)
    assert [one["line"] for one in answer.document["errors"]] == [1201]
    again = record(cli, own_folder, *lines, more=("--command-id", UNKNOWN_ID))
    assert counts(again) == (2500, 0, 2499, 1)


def test_standard_input_is_read_too(cli: StoreCli, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(line(cli.ids["anne"]).encode()))
    monkeypatch.setattr("tests.entrypoints.cli.cli_runner.StringIO", lambda _: stdin)
    assert counts(cli(*RECORD, "-", *SKAT, "--json")) == (1, 1, 0, 0)


def test_people_get_a_receipt(cli: StoreCli, own_folder: Path) -> None:
    record(cli, own_folder, line(cli.ids["anne"]), "nope")
    answer = cli(*RECORD, "activities.jsonl", *SKAT)
    assert answer.code == SOME_REFUSED
    assert "Kvittering: 2 linjer · 0 registreret · 1 allerede registreret · 1 afvist" in answer.out
    assert "Linjen er ikke et JSON-objekt i UTF-8." in answer.out


def test_a_cpr_number_in_a_wrong_line_is_not_repeated(cli: StoreCli, own_folder: Path) -> None:
    wrong = (CPR, line(CPR), line(UNKNOWN_ID, occurred_at=CPR), line(UNKNOWN_ID, **{CPR: 1}))
    answer = record(cli, own_folder, *wrong, line(cli.ids["anne"], service_type=CPR))
    assert counts(answer) == (5, 0, 0, 5)
    assert CPR not in answer.out + cli(*RECORD, "activities.jsonl", *SKAT).out


@pytest.mark.parametrize(("reporter", "lines"), [("SKAT", []), (CPR, []), ("", [])])
def test_a_reporter_has_a_plain_name(
    cli: StoreCli, own_folder: Path, reporter: str, lines: list[str]
) -> None:
    (own_folder / "activities.jsonl").write_text("\n".join(lines))
    answer = cli(*RECORD, "activities.jsonl", "--reporter", reporter, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "reporter_invalid")


@pytest.mark.parametrize("name", ["nope.jsonl", ".", "\udcff"])
def test_a_file_that_cannot_be_read_is_refused(cli: StoreCli, name: str) -> None:
    answer = cli(*RECORD, name, *SKAT, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "file_unreadable")


def test_administrators_report_nothing(cli: StoreCli, own_folder: Path) -> None:
    cli.run_json("users", "give-role", cli.ids["anne"], "user_administrator")
    answer = record(cli, own_folder, line(cli.ids["anne"]), more=("--as", cli.ids["anne"]))
    assert answer.error["code"] == "not_allowed"
