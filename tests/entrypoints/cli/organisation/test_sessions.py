"""Sessions of the web pages are listed and ended on the command line."""

from __future__ import annotations

from tests.entrypoints.cli.cli_runner import DONE, FAILED
from tests.entrypoints.cli.store_cli import StoreCli


def test_a_new_installation_has_no_sessions(cli: StoreCli) -> None:
    assert cli.run_json("sessions", "list") == {"sessions": []}
    assert cli("sessions", "list").err.endswith("Ingen er logget på.\n")


def test_a_user_is_logged_out_everywhere(cli: StoreCli) -> None:
    answer = cli("sessions", "end", cli.ids["anne"])
    assert (answer.code, answer.err) == (DONE, "Brugeren er logget af overalt.\n")
    assert cli.run_json("sessions", "end", cli.ids["anne"]) == {"id": cli.ids["anne"], "ended": True}


def test_only_organisation_administrators_may(cli: StoreCli) -> None:
    for command in (("sessions", "list"), ("sessions", "end", cli.ids["anne"])):
        answer = cli(*command, "--as", cli.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (FAILED, "not_allowed")
