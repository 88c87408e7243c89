"""Organisation administrators see who is logged in and log users out; users log themselves out."""

from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import OrgDriver

LIST = "/indstillinger/logget-ind"
OVER = "/log-ind?videre=%2Fbrugere&fordi=session_over"


def test_everybody_who_is_logged_in_is_listed_once_with_all_browsers(log_in_as: LogInAs) -> None:
    # ASVS 5.0, 7.4.5
    poul = log_in_as(Role.ORGANISATION_ADMINISTRATOR, first_name="Poul")
    log_in_as(Role.USER_ADMINISTRATOR, first_name="Anne")
    page = poul.open(LIST)
    assert sorted(row[0] for row in page.rows()) == ["Anne Administrator", "Poul Administrator"]
    assert LIST in poul.open("/indstillinger").html


def test_an_administrator_logs_a_user_out_in_every_browser(log_in_as: LogInAs) -> None:
    poul = log_in_as(Role.ORGANISATION_ADMINISTRATOR, first_name="Poul")
    anne = log_in_as(Role.USER_ADMINISTRATOR, first_name="Anne")
    page = poul.press(poul.open(LIST), "Log af Anne Administrator")
    assert (page.path, page.alert) == (LIST, "Anne Administrator er logget af i alle browsere.")
    assert [row[0] for row in page.rows()] == ["Poul Administrator"]
    assert anne.open("/brugere").path == OVER


def test_a_user_sees_and_ends_own_sessions_everywhere(org: OrgDriver, log_in_as: LogInAs) -> None:
    # ASVS 5.0, 7.5.2
    here = log_in_as(Role.USER_ADMINISTRATOR, first_name="Anne")
    anne = next(one.id for one in org.queries.users(org.actor).users if one.first_name == "Anne")
    there = Browser(here.client.app).log_in(anne, org.id)  # type: ignore[arg-type]
    page = here.open("/min-profil")
    assert "Du er logget ind i 2 browsere" in page.text
    assert here.press(page, "Log af i alle browsere").alert == "Du er nu logget ud."
    assert [one.open("/brugere").path for one in (here, there)] == ["/log-ind?videre=%2Fbrugere", OVER]


def test_it_is_recorded_who_logged_whom_out(org: OrgDriver, log_in_as: LogInAs) -> None:
    poul = log_in_as(Role.ORGANISATION_ADMINISTRATOR, first_name="Poul")
    log_in_as(Role.USER_ADMINISTRATOR, first_name="Anne")
    poul.press(poul.open(LIST), "Log af Anne Administrator")
    entries = org.queries.audit_log(org.actor).entries
    ended = [entry for entry in entries if entry.kind == "organisation.sessions_ended"]
    assert [(one.actor, one.door) for one in ended] == [("Poul Administrator", "web")]
