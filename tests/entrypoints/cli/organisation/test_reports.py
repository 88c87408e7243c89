"""Reports for people, for spreadsheets and for programs."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.cli.cli_runner import DONE, USAGE
from tests.entrypoints.cli.store_cli import Office
from tests.entrypoints.cli.outbox_folder import Post, address_of
from tests.entrypoints.cli.users.test_activation import pretend

COLUMNS = {
    "status": ["status", "users"],
    "means": ["means", "assigned", "ordered", "active"],
    "cost": ["month", "ean", "kind", "count", "amount"],
    "pending": ["user_id", "pending_since", "days", "link_expires_at", "link_expired"],
    "placement": ["p_number", "se_number", "ean", "status", "users"],
}


def rows(office: Office, *question: str) -> list[dict[str, Any]]:
    document = office.ask("report", *question)
    assert document.keys() == {"report", "at", "rows"}
    found: list[dict[str, Any]] = document["rows"]
    return found


@pytest.mark.parametrize("name", COLUMNS)
def test_a_report_has_its_own_columns_in_every_form(office: Office, name: str) -> None:
    assert {tuple(row) for row in rows(office, name)} == {tuple(COLUMNS[name])}
    shown = office("report", name)
    assert (shown.code, bool(shown.out)) == (DONE, True)
    written = office("report", name, "--csv")
    table = list(csv.reader(StringIO(written.out.removeprefix("\ufeff")), delimiter=";"))
    assert {len(row) for row in table} == {len(COLUMNS[name])}
    assert len(table) == len(rows(office, name)) + 1
    assert all(heading in shown.out for heading in table[0])


def test_users_are_counted_by_status(office: Office) -> None:
    counted = {row["status"]: row["users"] for row in rows(office, "status")}
    assert counted == {"imported": 1, "pending": 1, "link_expired": 0, "active": 1, "deactivated": 1}


def test_a_report_of_another_moment(office: Office) -> None:
    later = {row["status"]: row["users"] for row in rows(office, "status", "--at", "3000-01-01T00:00:00Z")}
    assert (later["deactivated"], later["active"], later["link_expired"]) == (0, 2, 1)
    earlier = rows(office, "status", "--at", "2001-01-01T00:00:00Z")
    assert sum(row["users"] for row in earlier) == 0


def test_an_amount_is_oere_for_programs_and_kroner_for_people(
    office: Office, own_folder: Path, post: Post
) -> None:
    (own_folder / "prices.toml").write_text("prices = {code_display = 123_456}")
    office.ask("organisation", "settings", "prices.toml")
    user = office.create("Carl", "--means", "code_display")
    link = post.link_to(address_of("Carl"))
    pretend(office, link)
    office.ask("self-service", "enter-code", stdin=f"{link}\n{user['code']}\n")
    office.ask("self-service", "order-means", "code_display", stdin=link)
    (ordered,) = [row for row in rows(office, "cost") if row["kind"] == "code_display"]
    assert (ordered["count"], ordered["amount"]) == (1, 123_456)
    shown = office("report", "cost")
    assert "1.234,56" in shown.out
    assert shown.err == "I alt 1.254,56 kr. ekskl. moms.\n"
    assert ";1234,56\r\n" in office("report", "cost", "--csv").out


def test_a_spreadsheet_is_told_its_encoding(office: Office) -> None:
    assert office("report", "status", "--csv").out.startswith("\ufeffStatus;Brugere\r\n")


def test_the_two_forms_for_machines_exclude_one_another(office: Office) -> None:
    assert office("report", "status", "--csv", "--json").code == USAGE
