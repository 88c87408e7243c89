"""Who is logged in to the pages is seen, and users are logged out, at the command line."""

from __future__ import annotations

from tests.entrypoints.cli.cli_runner import DONE, FAILED
from tests.entrypoints.cli.store_cli import Office


def test_nobody_is_logged_in_at_a_new_installation(office: Office) -> None:
    assert office.ask("sessions", "list") == {"sessions": []}
    assert office("sessions", "list").err.endswith("Ingen er logget på.\n")


def test_a_user_is_logged_out_everywhere(office: Office) -> None:
    answer = office("sessions", "end", office.ids["anne"])
    assert (answer.code, answer.err) == (DONE, "Brugeren er logget af overalt.\n")
    assert office.ask("sessions", "end", office.ids["anne"]) == {"id": office.ids["anne"], "ended": True}


def test_only_organisation_administrators_may(office: Office) -> None:
    for asked in (("sessions", "list"), ("sessions", "end", office.ids["anne"])):
        answer = office(*asked, "--as", office.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (FAILED, "not_allowed")
