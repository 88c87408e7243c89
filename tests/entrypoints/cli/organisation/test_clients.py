"""Clients are created and revoked on the command line."""

from __future__ import annotations

from tests.entrypoints.cli.cli_runner import DONE, FAILED, USAGE
from tests.entrypoints.cli.store_cli import StoreCli


def test_a_client_is_created_listed_and_revoked(cli: StoreCli) -> None:
    created = cli.run_json("clients", "create", "--name", "Løn", "--role", "reader", "--role", "reporter")
    assert created["client_id"] == f"{created['client_id'].partition('.')[0]}.{created['id']}"
    assert created["scim_token"] == f"{created['client_id']}.{created['client_secret']}"
    assert cli("clients", "revoke", created["id"]).err == "Klienten er spærret.\n"
    (listed,) = cli.run_json("clients", "list")["clients"]
    assert (listed["name"], listed["roles"], listed["revoked"]) == ("Løn", ["reader", "reporter"], True)
    assert "læser, indberetter" in cli("clients", "list").out


def test_a_repeat_reports_that_the_secret_has_been_shown(cli: StoreCli) -> None:
    create = ("clients", "create", "--name", "Løn", "--role", "reader", "--command-id", cli.ids["anne"])
    first, again = cli(*create), cli(*create)
    assert "vises kun denne ene gang" in first.err
    assert (again.code, "SCIM-token" in again.out) == (DONE, False)
    assert "allerede vist" in again.err


def test_an_unknown_role_or_client_is_refused(cli: StoreCli) -> None:
    assert cli("clients", "create", "--name", "Løn", "--role", "king").code == USAGE
    answer = cli("clients", "revoke", cli.ids["anne"], "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "client_unknown")


def test_a_client_may_have_a_last_day(cli: StoreCli) -> None:
    cli.run_json("clients", "create", "--name", "Løn", "--role", "reader", "--expires", "2999-12-31")
    (listed,) = cli.run_json("clients", "list")["clients"]
    assert listed["expires_on"] == "2999-12-31"
    assert "31.12.2999" in cli("clients", "list").out
    over = ("clients", "create", "--name", "Løn", "--role", "reader", "--expires", "2001-12-31", "--json")
    assert cli(*over).error["code"] == "client_expiry_past"
