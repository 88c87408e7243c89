"""Several users chosen in the list: what will happen to each is said, confirmed, and then told of each."""

from uuid import UUID

import pytest

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver

RESEND, DEACTIVATE, DELETE = "Gensend aktiveringsmail", "Deaktivér", "Slet"


def choose(browser: Browser, button: str, *user_ids: UUID) -> Page:
    return browser.press(browser.open("/brugere"), button, valgt=[str(one) for one in user_ids])


def named(page: Page) -> list[str]:
    return [one.text for one in page.soup.select("main h2:not(.alert-heading) + ul > li")]


def results(page: Page) -> dict[str, str]:
    return {row[0]: row[1] for row in page.rows()}


def test_the_confirmation_names_who_is_meant_and_who_cannot_and_why(org: OrgDriver, browser: Browser) -> None:
    pia, ada = org.create("Pia"), org.create_active("Ada", email="ada@by.test")
    page = choose(browser, DEACTIVATE, pia, ada)
    assert page.heading == "Deaktivér brugere"
    assert named(page) == ["Ada Prøve"]
    assert "Pia Prøve : Brugeren" in page.alert or "Pia Prøve: Brugeren" in page.alert
    assert org.show(ada).status is Status.ACTIVE


def test_they_are_deactivated_from_today_unless_another_day_is_said(org: OrgDriver, browser: Browser) -> None:
    ada, bo = (org.create_active(name, email=f"{name}@by.test") for name in ("Ada", "Bo"))
    page = choose(browser, DEACTIVATE, ada, bo)
    assert page.value("from_date") == "20.03.2026"
    done = browser.press(page, DEACTIVATE, to_date="31.3.2026")
    assert results(done) == {"Ada Prøve": "Deaktiveret", "Bo Prøve": "Deaktiveret"}
    assert "aktiv igen onsdag den 1. april 2026" in done.text
    assert [org.show(one).deactivated_to for one in (ada, bo)] == ["2026-03-31"] * 2


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"from_date": "19.3.2026"}, "from_date"),
        ({"from_date": "i morgen"}, "from_date"),
        ({"from_date": "1.4.2026", "to_date": "31.3.2026"}, "to_date"),
    ],
)
def test_days_that_make_no_sense_are_shown_at_their_field(
    org: OrgDriver, browser: Browser, days: dict[str, str], field: str
) -> None:
    ada = org.create_active("Ada", email="ada@by.test")
    page = browser.press(choose(browser, DEACTIVATE, ada), DEACTIVATE, **days)
    assert (page.status, set(page.wrong)) == (422, {field})
    assert page.value("from_date") == days["from_date"]
    assert named(page) == ["Ada Prøve"]
    assert org.show(ada).deactivated_from is None


def test_they_are_deleted_after_ok_and_each_is_named(org: OrgDriver, browser: Browser) -> None:
    pia, ada = org.create("Pia"), org.create_active("Ada", email="ada@by.test")
    page = choose(browser, DELETE, pia, ada)
    assert "slettet permanent" in page.text
    done = browser.press(page, "Ok")
    assert results(done) == {"Pia Prøve": "Slettet permanent", "Ada Prøve": "Slettet permanent"}
    assert {pia, ada}.isdisjoint(org.ids())


def test_nobody_deletes_themselves(org: OrgDriver, browser: Browser) -> None:
    (ida,) = org.ids()
    page = choose(browser, DELETE, ida)
    assert "Ida Administrator" in page.alert
    assert "Ok" not in [one.text for one in page.soup.select("main button")]


def test_mails_are_sent_again_to_those_who_wait(org: OrgDriver, browser: Browser) -> None:
    pia = org.create("Pia")
    (ida,) = [one for one in org.ids() if one != pia]
    page = choose(browser, RESEND, pia, ida)
    assert named(page) == ["Pia Prøve"]
    done = browser.press(page, RESEND)
    assert results(done) == {"Pia Prøve": "Aktiveringsmailen er gensendt"}
    assert "Aktiveringsmail gensendt" in org.transactions(pia)


def test_an_action_that_became_impossible_meanwhile_is_reported(org: OrgDriver, browser: Browser) -> None:
    pia, eva = org.create("Pia"), org.create("Eva", email="eva@by.test")
    page = choose(browser, RESEND, pia, eva)
    org.administration.activate_user(org.actor, eva)
    done = browser.press(page, RESEND)
    assert done.alert.endswith("1 bruger kunne ikke.")
    assert results(done)["Pia Prøve"] == "Aktiveringsmailen er gensendt"
    assert results(done)["Eva Prøve"] != "Aktiveringsmailen er gensendt"


def test_confirmed_twice_each_gets_one_mail(org: OrgDriver, browser: Browser) -> None:
    pia = org.create("Pia")
    page = choose(browser, RESEND, pia)
    first, second = (browser.press(page, RESEND) for _ in range(2))
    assert first.text == second.text
    assert org.transactions(pia).count("Aktiveringsmail gensendt") == 1


def test_deleted_twice_they_are_named_still(org: OrgDriver, browser: Browser) -> None:
    page = choose(browser, DELETE, org.create("Pia"))
    first, second = (browser.press(page, "Ok") for _ in range(2))
    assert results(first) == results(second) == {"Pia Prøve": "Slettet permanent"}


def test_somebody_must_be_chosen(browser: Browser) -> None:
    page = choose(browser, DELETE)
    assert (page.path, page.alert) == ("/brugere", "Sæt flueben ud for mindst én bruger.")


def test_no_name_is_part_of_an_address(org: OrgDriver, browser: Browser) -> None:
    done = browser.press(choose(browser, RESEND, org.create("Pia")), RESEND)
    assert done.path == "/brugere/valgte/resultat"


def test_without_a_result_there_is_only_the_list(browser: Browser) -> None:
    assert browser.open("/brugere/valgte/resultat").path == "/brugere"


def test_what_is_no_choice_is_refused(browser: Browser) -> None:
    assert browser.send("/brugere/valgte", goer="frys").status == 400
    assert browser.send("/brugere/valgte/frys", command_id=str(UUID(int=1))).status == 400
    assert browser.send("/brugere/valgte", goer="slet", valgt=str(UUID(int=5))).status == 404


@pytest.mark.parametrize("goer", ["gensend", "deaktiver", "slet"])
def test_no_other_administrator_does_any_of_it(org: OrgDriver, log_in_as: LogInAs, goer: str) -> None:
    pia = org.create("Pia")
    browser = log_in_as(Role.RIGHTS_ADMINISTRATOR)
    assert browser.send("/brugere/valgte", goer=goer, valgt=str(pia)).status == 403
    form = {"command_id": str(UUID(int=1)), "valgt": str(pia)}
    assert browser.send(f"/brugere/valgte/{goer}", **form).status == 403
    assert pia in org.ids()
