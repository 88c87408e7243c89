"""The log and the past for an auditor: on screen, for a spreadsheet and for programs."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, USAGE
from tests.entrypoints.cli.store_cli import CPR, Office

LONG_AGO, SOME_DAY = "2001-01-01T00:00:00Z", "3000-01-01T00:00:00Z"


def entries(office: Office, *asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.ask("audit", "log", *asked)["entries"]
    return found


def table(office: Office, *asked: str) -> list[dict[str, str]]:
    written = office("audit", "log", "--csv", *asked).out.removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(written), delimiter=";"))


def test_the_log_is_a_table_a_file_and_a_document(office: Office) -> None:
    shown = office("audit", "log", "--user", office.ids["anne"])
    assert (shown.code, shown.err) == (DONE, "")
    assert "Bruger oprettet" in shown.out
    assert "Fornavn: - → Anne" in shown.out
    assert CPR not in shown.out
    assert f"{CPR[:6]}-xxxx" in shown.out

    created = next(one for one in entries(office, "--kind", "user.created", "--user", office.ids["anne"]))
    assert (created["subject"], created["actor"], created["door"]) == ("Anne Hansen", "operatør", "cli")
    assert {"field": "email", "label": "E-mail", "before": None, "after": "anne@firma.test"} in created[
        "changes"
    ]

    rows = table(office, "--kind", "user.created", "--user", office.ids["anne"])
    assert {row["Felt"]: row["Efter"] for row in rows}["E-mail"] == "anne@firma.test"
    assert {row["Indgang"] for row in rows} == {"kommandolinje"}


def test_no_cell_of_the_file_begins_a_formula(office: Office) -> None:
    office.ask("users", "edit", office.ids["anne"], "--first-name", "=Bo", "--email", "+x@firma.test")
    cells = [cell for row in table(office) for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert "'=1+1" in cells or "'+x@firma.test" in cells


def test_pages_are_turned_by_their_key(office: Office) -> None:
    first = office("audit", "log", "--limit", "3")
    assert "Der er flere: --after " in first.err
    page = office.ask("audit", "log", "--limit", "3")
    following = office.ask("audit", "log", "--limit", "3", "--after", page["next"])
    assert page["entries"][-1]["position"] > following["entries"][0]["position"]


def test_a_day_is_a_danish_day_and_included(office: Office) -> None:
    day = entries(office, "--kind", "user.created")[0]["recorded_at"]
    assert entries(office, "--kind", "user.created", "--from", day)
    assert entries(office, "--kind", "user.created", "--from", "2001-01-01", "--to", "9999-12-31")
    assert entries(office, "--kind", "user.created", "--from", "0001-01-01", "--to", "2001-01-01") == []


def test_words_find_names_and_deeds(office: Office) -> None:
    found = entries(office, "--words", "anne oprettet")
    assert [(one["subject"], one["kind"]) for one in found] == [("Anne Hansen", "user.created")]
    assert office("audit", "log", "--words", "findesikke").err == "Ingen hændelser fundet.\n"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("--kind", "user.flew"), FAILED, "kind_unknown"),
        (("--user", NOBODY), FAILED, "user_unknown"),
        (("--from", "yesterday"), USAGE, "usage"),
        (("--limit", "0"), USAGE, "usage"),
        (("--csv",), USAGE, "usage"),
    ],
)
def test_what_cannot_be_asked_is_said(office: Office, asked: tuple[str, ...], code: int, said: str) -> None:
    answer = office("audit", "log", *asked, "--json")
    assert (answer.code, answer.error["code"]) == (code, said)


def test_only_those_who_may_read_the_log_do(office: Office) -> None:
    as_anne = ("--as", office.ids["anne"])
    assert office("audit", "log", "--json", *as_anne).error["code"] == "not_allowed"
    office.ask("users", "give-role", office.ids["anne"], "organisation_administrator")
    assert office("audit", "log", "--json", *as_anne).code == DONE
    assert office("audit", "replay", "--json", *as_anne).error["code"] == "not_allowed"
    (reading,) = entries(office, "--kind", "log.read", "--actor", office.ids["anne"])
    assert (reading["deed"], reading["actor"]) == ("Loggen læst", "Anne Hansen")


def test_the_past_is_shown_and_as_a_document_with_everybody(office: Office) -> None:
    state = office.ask("audit", "at", SOME_DAY)
    assert state["users"] == {"imported": 1, "pending": 1, "active": 2, "deactivated": 0}
    assert {one["id"] for one in state["everybody"]} == set(office.ids.values())
    shown = office("audit", "at", SOME_DAY)
    assert (shown.code, "Position i loggen" in shown.out) == (DONE, True)
    assert office("audit", "at", LONG_AGO, "--json").error["code"] == "not_registered_yet"


def test_what_differs_is_shown(office: Office) -> None:
    then = entries(office)[0]["recorded_at"]
    office.ask("users", "edit", office.ids["anne"], "--surname", "Gift")
    told = office.ask("audit", "diff", then, SOME_DAY)
    anne = next(one for one in told["changed"] if one["user_id"] == office.ids["anne"])
    assert {"field": "surname", "label": "Efternavn", "before": "Hansen", "after": "Gift"} in anne["changes"]
    assert "Hansen → Gift" in office("audit", "diff", then, SOME_DAY).out
    assert office("audit", "diff", SOME_DAY, then, "--json").error["code"] == "instants_reversed"


def test_replaying_the_log_comes_to_what_is_shown(office: Office) -> None:
    told = office.ask("audit", "replay")
    assert told["equal"] is True
    assert all(one["events_per_second"] > 0 for one in told["projections"])
    shown = office("audit", "replay")
    assert (shown.code, "Hændelser/s" in shown.out) == (DONE, True)
