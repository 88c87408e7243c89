"""The audit log and past states: as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, UNKNOWN_ID, USAGE
from tests.entrypoints.cli.store_cli import CPR, StoreCli

LONG_AGO, SOME_DAY = "2001-01-01T00:00:00Z", "3000-01-01T00:00:00Z"


def entries(cli: StoreCli, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli.run_json("audit", "log", *options)["entries"]
    return found


def table(cli: StoreCli, *options: str) -> list[dict[str, str]]:
    written = cli("audit", "log", "--csv", *options).out.removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(written), delimiter=";"))


def test_the_log_is_a_table_a_file_and_a_document(cli: StoreCli) -> None:
    result = cli("audit", "log", "--user", cli.ids["anne"])
    assert (result.code, result.err) == (DONE, "")
    assert "Bruger oprettet" in result.out
    assert "Fornavn: - → Anne" in result.out
    assert CPR not in result.out
    assert f"{CPR[:6]}-xxxx" in result.out

    created = next(one for one in entries(cli, "--kind", "user.created", "--user", cli.ids["anne"]))
    assert (created["subject"], created["actor"], created["door"]) == ("Anne Hansen", "operatør", "cli")
    assert {"field": "email", "label": "E-mail", "before": None, "after": "anne@firma.test"} in created[
        "changes"
    ]

    rows = table(cli, "--kind", "user.created", "--user", cli.ids["anne"])
    assert {row["Felt"]: row["Efter"] for row in rows}["E-mail"] == "anne@firma.test"
    assert {row["Indgang"] for row in rows} == {"kommandolinje"}


def test_no_cell_of_the_file_begins_a_formula(cli: StoreCli) -> None:
    cli.run_json("users", "edit", cli.ids["anne"], "--first-name", "=Bo", "--email", "+x@firma.test")
    cells = [cell for row in table(cli) for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert "'=1+1" in cells or "'+x@firma.test" in cells


def test_pages_are_turned_by_their_key(cli: StoreCli) -> None:
    first = cli("audit", "log", "--limit", "3")
    assert "Der er flere: --after " in first.err
    page = cli.run_json("audit", "log", "--limit", "3")
    following = cli.run_json("audit", "log", "--limit", "3", "--after", page["next"])
    assert page["entries"][-1]["position"] > following["entries"][0]["position"]


def test_a_day_is_a_danish_day_and_included(cli: StoreCli) -> None:
    day = entries(cli, "--kind", "user.created")[0]["recorded_at"]
    assert entries(cli, "--kind", "user.created", "--from", day)
    assert entries(cli, "--kind", "user.created", "--from", "2001-01-01", "--to", "9999-12-31")
    assert entries(cli, "--kind", "user.created", "--from", "0001-01-01", "--to", "2001-01-01") == []


def test_words_find_names_and_event_names(cli: StoreCli) -> None:
    found = entries(cli, "--words", "anne oprettet")
    assert [(one["subject"], one["kind"]) for one in found] == [("Anne Hansen", "user.created")]
    assert cli("audit", "log", "--words", "findesikke").err == "Ingen hændelser fundet.\n"


@pytest.mark.parametrize(
    ("options", "code", "error_code"),
    [
        (("--kind", "user.flew"), FAILED, "kind_unknown"),
        (("--user", UNKNOWN_ID), FAILED, "user_unknown"),
        (("--from", "yesterday"), USAGE, "usage"),
        (("--limit", "0"), USAGE, "usage"),
        (("--csv",), USAGE, "usage"),
    ],
)
def test_an_invalid_query_is_refused_with_a_message(
    cli: StoreCli, options: tuple[str, ...], code: int, error_code: str
) -> None:
    answer = cli("audit", "log", *options, "--json")
    assert (answer.code, answer.error["code"]) == (code, error_code)


def test_only_roles_with_the_permission_read_the_log(cli: StoreCli) -> None:
    as_anne = ("--as", cli.ids["anne"])
    assert cli("audit", "log", "--json", *as_anne).error["code"] == "not_allowed"
    cli.run_json("users", "give-role", cli.ids["anne"], "organisation_administrator")
    assert cli("audit", "log", "--json", *as_anne).code == DONE
    assert cli("audit", "replay", "--json", *as_anne).error["code"] == "not_allowed"
    (reading,) = entries(cli, "--kind", "log.read", "--actor", cli.ids["anne"])
    assert (reading["deed"], reading["actor"]) == ("Loggen læst", "Anne Hansen")


def test_a_past_state_is_shown_and_in_json_with_all_users(cli: StoreCli) -> None:
    state = cli.run_json("audit", "at", SOME_DAY)
    assert state["users"] == {"imported": 1, "pending": 1, "active": 2, "deactivated": 0}
    assert {one["id"] for one in state["everybody"]} == set(cli.ids.values())
    result = cli("audit", "at", SOME_DAY)
    assert (result.code, "Position i loggen" in result.out) == (DONE, True)
    assert cli("audit", "at", LONG_AGO, "--json").error["code"] == "not_registered_yet"


def test_differences_are_shown(cli: StoreCli) -> None:
    then = entries(cli)[0]["recorded_at"]
    cli.run_json("users", "edit", cli.ids["anne"], "--surname", "Gift")
    document = cli.run_json("audit", "diff", then, SOME_DAY)
    anne = next(one for one in document["changed"] if one["user_id"] == cli.ids["anne"])
    assert {"field": "surname", "label": "Efternavn", "before": "Hansen", "after": "Gift"} in anne["changes"]
    assert "Hansen → Gift" in cli("audit", "diff", then, SOME_DAY).out
    assert cli("audit", "diff", SOME_DAY, then, "--json").error["code"] == "instants_reversed"


def test_replaying_the_log_gives_the_live_tables(cli: StoreCli) -> None:
    document = cli.run_json("audit", "replay")
    assert document["equal"] is True
    assert all(one["events_per_second"] > 0 for one in document["projections"])
    result = cli("audit", "replay")
    assert (result.code, "Hændelser/s" in result.out) == (DONE, True)
