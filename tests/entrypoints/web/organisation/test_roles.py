from uuid import UUID

import jinja2
import pytest

from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, DANISH_ROLES, Role
from brugerbog.entrypoints.web.rendering import FOLDER
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver


@pytest.fixture
def administrator(log_in_as: LogInAs) -> Browser:
    return log_in_as(Role.ORGANISATION_ADMINISTRATOR)


def roles_of(org: OrgDriver, user_id: UUID) -> frozenset[Role]:
    return org.queries.organisation(org.actor).roles_of(user_id)


def oneself(org: OrgDriver) -> UUID:
    return next(user_id for user_id, _ in org.queries.roles(org.actor))


def section(page: Page) -> str:
    part = page.soup.select_one("#roller")
    assert part is not None
    return " ".join(part.get_text(" ").split())


def give(browser: Browser, user_id: UUID, role: Role) -> Page:
    return browser.press(browser.open(f"/brugere/{user_id}/roller/{role}/tildel"), "Tildel rolle")


def take(browser: Browser, user_id: UUID, role: Role) -> Page:
    return browser.press(browser.open(f"/brugere/{user_id}/roller/{role}/fratag"), "Fratag rolle")


# Who holds which


@pytest.mark.parametrize(
    "role", [Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR]
)
def test_every_administrator_sees_who_holds_which_role(
    org: OrgDriver, log_in_as: LogInAs, role: Role
) -> None:
    anne = org.create("Anne", "Betroet")
    org.administration.give_role(org.actor, anne, Role.TRUSTED_EMPLOYEE)
    page = log_in_as(role).open("/indstillinger/roller")
    assert [one.get_text() for one in page.soup.select("main h2")] == [
        "Brugeradministrator",
        "Rettighedsadministrator",
        "Organisationsadministrator",
        "Betroet medarbejder",
    ]
    assert page.link("Anne Betroet") == f"/brugere/{anne}#roller"
    assert page.text.count("Ingen har rollen.") == 2


def test_a_trusted_employee_does_not(log_in_as: LogInAs) -> None:
    assert log_in_as(Role.TRUSTED_EMPLOYEE).open("/indstillinger/roller").status == 403


def test_every_role_that_is_given_is_explained() -> None:
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER / "templates"), autoescape=True)
    explained = templates.get_template("macros/role.html").module.what_roles_do  # type: ignore[attr-defined]
    assert list(explained) == list(ASSIGNABLE_ROLES)


def test_a_profile_shows_the_roles_of_the_user_to_other_administrators(
    org: OrgDriver, browser: Browser
) -> None:
    profile = browser.open(f"/brugere/{oneself(org)}")
    assert "Brugeradministrator" in section(profile)
    assert "Fratag" not in section(profile)
    nobody = org.create("Anne")
    assert "Brugeren har ingen roller" in section(browser.open(f"/brugere/{nobody}"))


# Given and taken


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_a_role_is_given_after_its_permissions_are_shown(
    org: OrgDriver, administrator: Browser, role: Role
) -> None:
    anne = org.create("Anne", "Ny")
    profile = administrator.open(f"/brugere/{anne}")
    page = administrator.open(profile.link(f"Tildel rolle {DANISH_ROLES[role]}"))
    assert page.heading == "Tildel rolle"
    assert f"Anne Ny får rollen {DANISH_ROLES[role]} og får en e-mail om det." in page.text
    assert f"En {DANISH_ROLES[role]} " in page.text

    done = administrator.press(page, "Tildel rolle")
    assert done.alert == f"Anne Ny har nu rollen {DANISH_ROLES[role]} og får en e-mail om det."
    assert "Har rollen" in section(done)
    assert roles_of(org, anne) == {role}


def test_a_role_is_taken(org: OrgDriver, administrator: Browser) -> None:
    anne = org.create("Anne", "Før")
    org.administration.give_role(org.actor, anne, Role.RIGHTS_ADMINISTRATOR)
    profile = administrator.open(f"/brugere/{anne}")
    page = administrator.open(profile.link("Fratag rolle rettighedsadministrator"))
    done = administrator.press(page, "Fratag rolle")
    assert done.alert == "Anne Før har ikke længere rollen rettighedsadministrator og får en e-mail om det."
    assert roles_of(org, anne) == frozenset()


def test_a_role_that_is_given_twice_by_one_form_is_given_once(org: OrgDriver, administrator: Browser) -> None:
    anne = org.create("Anne")
    page = administrator.open(f"/brugere/{anne}/roller/user_administrator/tildel")
    for _ in range(2):
        assert administrator.press(page, "Tildel rolle").path == f"/brugere/{anne}"
    assert roles_of(org, anne) == {Role.USER_ADMINISTRATOR}


def test_one_loses_another_role_of_ones_own_and_is_informed_of_being_logged_out(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    browser = log_in_as(Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR)
    page = browser.open(f"/brugere/{oneself(org)}/roller/user_administrator/fratag")
    assert "Du bliver logget ud" in page.alert
    assert "fordi=role_taken" in browser.press(page, "Fratag rolle").path


# What is refused


def test_ones_own_role_as_organisation_administrator_stays(org: OrgDriver, administrator: Browser) -> None:
    page = take(administrator, oneself(org), Role.ORGANISATION_ADMINISTRATOR)
    assert page.status == 422
    assert "Du kan ikke fratage dig selv rollen" in page.alert


def test_an_anonymous_user_is_offered_no_role_and_gets_none(org: OrgDriver, administrator: Browser) -> None:
    anne = org.create("Anne", anonymous=True)
    shown = section(administrator.open(f"/brugere/{anne}"))
    assert "Anonyme brugere kan ikke være administrator eller betroet medarbejder." in shown
    assert "Tildel" not in shown
    page = give(administrator, anne, Role.USER_ADMINISTRATOR)
    assert (page.status, roles_of(org, anne)) == (422, frozenset())
    assert "Brugeren er anonym" in page.alert


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR])
@pytest.mark.parametrize("deed", ["tildel", "fratag"])
def test_nobody_else_gives_or_takes_a_role(org: OrgDriver, log_in_as: LogInAs, role: Role, deed: str) -> None:
    browser, anne = log_in_as(role), org.create("Anne")
    path = f"/brugere/{anne}/roller/user_administrator/{deed}"
    assert browser.open(path).status == 403
    sent = browser.send(path, command_id="00000000-0000-4000-8000-000000000001")
    assert (sent.status, roles_of(org, anne)) == (403, frozenset())


def test_who_is_deleted_has_no_role_to_give(org: OrgDriver, administrator: Browser) -> None:
    anne = org.create("Anne")
    page = administrator.open(f"/brugere/{anne}/roller/user_administrator/tildel")
    org.delete(anne)
    assert administrator.press(page, "Tildel rolle").status == 410
    assert administrator.open(f"/brugere/{anne}/roller/user_administrator/tildel").status == 410


@pytest.mark.parametrize("path", ["operator/tildel", "user_administrator/del", "konge/tildel"])
def test_an_unknown_role_or_action_has_no_page(org: OrgDriver, administrator: Browser, path: str) -> None:
    assert administrator.open(f"/brugere/{org.create('Anne')}/roller/{path}").status == 404
