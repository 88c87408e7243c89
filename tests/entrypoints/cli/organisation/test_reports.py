"""Reports as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.cli.cli_runner import DONE, USAGE
from tests.entrypoints.cli.outbox_folder import OutboxFolder, address_of
from tests.entrypoints.cli.store_cli import StoreCli
from tests.entrypoints.cli.users.test_activation import pretend

COLUMNS = {
    "status": ["status", "users"],
    "means": ["means", "assigned", "ordered", "active"],
    "cost": ["month", "ean", "kind", "count", "amount"],
    "pending": ["user_id", "pending_since", "days", "link_expires_at", "link_expired"],
    "placement": ["p_number", "se_number", "ean", "status", "users"],
}


def rows(cli: StoreCli, *question: str) -> list[dict[str, Any]]:
    document = cli.run_json("report", *question)
    assert document.keys() == {"report", "at", "rows"}
    found: list[dict[str, Any]] = document["rows"]
    return found


@pytest.mark.parametrize("name", COLUMNS)
def test_a_report_has_its_own_columns_in_every_form(cli: StoreCli, name: str) -> None:
    assert {tuple(row) for row in rows(cli, name)} == {tuple(COLUMNS[name])}
    result = cli("report", name)
    assert (result.code, bool(result.out)) == (DONE, True)
    written = cli("report", name, "--csv")
    table = list(csv.reader(StringIO(written.out.removeprefix("\ufeff")), delimiter=";"))
    assert {len(row) for row in table} == {len(COLUMNS[name])}
    assert len(table) == len(rows(cli, name)) + 1
    assert all(heading in result.out for heading in table[0])


def test_users_are_counted_by_status(cli: StoreCli) -> None:
    counted = {row["status"]: row["users"] for row in rows(cli, "status")}
    assert counted == {"imported": 1, "pending": 1, "link_expired": 0, "active": 1, "deactivated": 1}


def test_a_report_of_another_moment(cli: StoreCli) -> None:
    later = {row["status"]: row["users"] for row in rows(cli, "status", "--at", "3000-01-01T00:00:00Z")}
    assert (later["deactivated"], later["active"], later["link_expired"]) == (0, 2, 1)
    earlier = rows(cli, "status", "--at", "2001-01-01T00:00:00Z")
    assert sum(row["users"] for row in earlier) == 0


def test_an_amount_is_oere_for_programs_and_kroner_for_people(
    cli: StoreCli, own_folder: Path, outbox: OutboxFolder
) -> None:
    (own_folder / "prices.toml").write_text("prices = {code_display = 123_456}")
    cli.run_json("organisation", "settings", "prices.toml")
    user = cli.create_user("Carl", "--means", "code_display")
    link = outbox.link_to(address_of("Carl"))
    pretend(cli, link)
    cli.run_json("self-service", "enter-code", stdin=f"{link}\n{user['code']}\n")
    cli.run_json("self-service", "order-means", "code_display", stdin=link)
    (ordered,) = [row for row in rows(cli, "cost") if row["kind"] == "code_display"]
    assert (ordered["count"], ordered["amount"]) == (1, 123_456)
    result = cli("report", "cost")
    assert "1.234,56" in result.out
    assert result.err == "I alt 1.254,56 kr. ekskl. moms.\n"
    assert ";1234,56\r\n" in cli("report", "cost", "--csv").out


def test_a_spreadsheet_declares_its_encoding(cli: StoreCli) -> None:
    assert cli("report", "status", "--csv").out.startswith("\ufeffStatus;Brugere\r\n")


def test_the_two_forms_for_machines_exclude_one_another(cli: StoreCli) -> None:
    assert cli("report", "status", "--csv", "--json").code == USAGE
