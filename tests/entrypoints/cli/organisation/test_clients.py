"""Systems are let in and shut out at the command line."""

from __future__ import annotations

from tests.entrypoints.cli.cli_runner import DONE, FAILED, USAGE
from tests.entrypoints.cli.store_cli import Office


def test_a_client_is_created_listed_and_revoked(office: Office) -> None:
    made = office.ask("clients", "create", "--name", "Løn", "--role", "reader", "--role", "reporter")
    assert made["client_id"] == f"{made['client_id'].partition('.')[0]}.{made['id']}"
    assert made["scim_token"] == f"{made['client_id']}.{made['client_secret']}"
    assert office("clients", "revoke", made["id"]).err == "Klienten er spærret.\n"
    (listed,) = office.ask("clients", "list")["clients"]
    assert (listed["name"], listed["roles"], listed["revoked"]) == ("Løn", ["reader", "reporter"], True)
    assert "læser, indberetter" in office("clients", "list").out


def test_a_repeat_says_that_the_secret_has_been_shown(office: Office) -> None:
    create = ("clients", "create", "--name", "Løn", "--role", "reader", "--command-id", office.ids["anne"])
    first, again = office(*create), office(*create)
    assert "vises kun denne ene gang" in first.err
    assert (again.code, "SCIM-token" in again.out) == (DONE, False)
    assert "allerede vist" in again.err


def test_what_is_no_role_and_who_is_no_client_is_refused(office: Office) -> None:
    assert office("clients", "create", "--name", "Løn", "--role", "king").code == USAGE
    answer = office("clients", "revoke", office.ids["anne"], "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "client_unknown")


def test_a_client_may_have_a_last_day(office: Office) -> None:
    office.ask("clients", "create", "--name", "Løn", "--role", "reader", "--expires", "2999-12-31")
    (listed,) = office.ask("clients", "list")["clients"]
    assert listed["expires_on"] == "2999-12-31"
    assert "31.12.2999" in office("clients", "list").out
    over = ("clients", "create", "--name", "Løn", "--role", "reader", "--expires", "2001-12-31", "--json")
    assert office(*over).error["code"] == "client_expiry_past"
