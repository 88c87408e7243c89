"""How the pages behave: by keyboard, pressed twice, gone back from, reloaded, printed, left too long."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.values.status import Status
from tests.application.commands.imports.csv_rows import create, file_of
from tests.e2e.browser_page import CREATE_ARROW, BrowserPage
from tests.e2e.conftest import BROWSER_KINDS, BrowserKind
from tests.e2e.keyboard import Keyboard
from tests.e2e.served_pages import ServedPages
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)


@pytest.fixture(params=BROWSER_KINDS[:1], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> BrowserKind:
    """Manners are the same in every width; what needs no scripts is tried without them by the jobs."""
    chosen: BrowserKind = request.param
    return chosen


def fill_in_anne(page: BrowserPage, *, cpr: bool = True) -> None:
    page.open("/brugere/opret")
    page.fill("Fornavn", "Anne")
    page.fill("Efternavn", "Hansen")
    page.fill("CPR-nummer" if cpr else "Fødselsdato", CPR if cpr else "7.9.1961")
    page.fill("E-mailadresse", "anne@by.test")


def test_a_user_is_created_without_a_mouse(page: BrowserPage, org: OrgDriver) -> None:
    page.open("/")
    keyboard = Keyboard(page)
    keyboard.tabs_to("Gå til sidens indhold")
    keyboard.presses(CREATE_ARROW)
    keyboard.presses("Opret bruger")
    expect(page.driver.locator("h1")).to_have_text("Opret bruger")
    keyboard.types("Fornavn", "Anne")
    keyboard.types("Efternavn", "Hansen")
    keyboard.types("CPR-nummer", CPR)
    keyboard.types("E-mailadresse", "anne@by.test")
    keyboard.presses("Særskilt: MitID app", "Space")
    keyboard.presses("Opret bruger")
    expect(page.driver.locator("h1")).to_have_text("Anne Hansen")
    assert org.users(search="anne")[0].means == ["app"]


def test_the_three_dots_open_and_close_by_keyboard(page: BrowserPage, org: OrgDriver) -> None:
    org.create_active("Bo", "Mørk")
    page.open("/")
    keyboard = Keyboard(page)
    keyboard.presses("Handlinger for Bo Mørk")
    keyboard.tabs_to("Deaktivér bruger")
    keyboard.escapes()
    assert keyboard.focused["called"] == "Handlinger for Bo Mørk"
    assert page.driver.locator("details[open]").count() == 0
    page.driver.keyboard.press("Enter")
    keyboard.presses("Deaktivér bruger")
    expect(page.driver.locator("h1")).to_have_text("Deaktivér bruger")


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(page: BrowserPage) -> None:
    fill_in_anne(page)
    page.fill("E-mailadresse", "ingen")
    page.tick("Særskilt: MitID app")
    page.press("Opret bruger")
    keyboard = Keyboard(page)
    assert keyboard.focused["id"] == "fejl"
    assert page.driver.title().startswith("Fejl: ")
    keyboard.presses("E-mailadressen er ikke gyldig")
    assert keyboard.focused["id"] == "email"
    described = page.field("E-mailadresse").get_attribute("aria-describedby") or ""
    assert "email-error" in described
    assert page.field("Fornavn").input_value() == "Anne"
    assert page.field("CPR-nummer").input_value() == CPR
    assert page.driver.locator("#means-3").is_checked()


def test_pressing_twice_creates_one_user(page: BrowserPage, org: OrgDriver) -> None:
    fill_in_anne(page)
    page.button("Opret bruger").dblclick()
    expect(page.driver.locator("h1")).to_have_text("Anne Hansen")
    assert org.names(search="anne") == ["Anne"]


def test_a_form_that_is_sent_again_is_one_command(page: BrowserPage, org: OrgDriver) -> None:
    fill_in_anne(page, cpr=False)
    sent = page.driver.evaluate(
        """async () => {
          const form = document.querySelector("main form"), answers = [];
          for (const time of ["once", "again"]) {
            const body = new URLSearchParams(new FormData(form));
            answers.push(await (await fetch(form.action, {method: "POST", body})).text());
          }
          return answers;
        }"""
    )
    assert ['class="code-shown"' in answer for answer in sent] == [True, False]
    assert org.names(search="anne") == ["Anne"]


def test_a_code_is_shown_once_and_a_reload_shows_none(page: BrowserPage, org: OrgDriver) -> None:
    fill_in_anne(page, cpr=False)
    page.press("Opret bruger")
    code = page.driver.locator("#kode").inner_text()
    page.press("Kopiér koden")
    assert page.driver.evaluate("() => navigator.clipboard.readText()") == code
    page.driver.reload()
    page.sees("Koden er vist og kan ikke vises igen.")
    page.sees_not(code)
    assert org.names(search="anne") == ["Anne"]


def test_going_back_after_an_action_is_safe(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open(f"/brugere/{bo}/slet")
    page.press("Ok")
    page.sees("Bo Mørk er slettet permanent.")
    page.driver.go_back()
    page.sees("er slettet")
    assert page.driver.locator("main button").count() == 0
    assert bo not in org.ids()


def test_going_back_to_a_deactivation_shows_what_is_so_now(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open(f"/brugere/{bo}/deaktiver")
    page.press("Deaktivér")
    page.sees("Bo Mørk er deaktiveret")
    page.driver.go_back()
    page.press("Deaktivér")
    page.sees("Bo Mørk er deaktiveret")
    assert org.transactions(bo).count("Bruger deaktiveret fra 20.03.2026") == 1


def test_what_is_to_happen_is_said_while_dates_are_typed(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open(f"/brugere/{bo}/deaktiver")
    page.fill("Til dato", "3.6.2026")
    page.field("Til dato").press("Tab")
    expect(page.driver.locator("#dage")).to_contain_text("aktiv igen torsdag den 4. juni 2026")
    assert org.show(bo).status is Status.ACTIVE


def test_when_the_session_is_over_the_login_page_says_so(
    page: BrowserPage, served_pages: ServedPages, org: OrgDriver
) -> None:
    fill_in_anne(page)
    (cookie,) = page.driver.context.cookies()
    served_pages.web_context.sessions.end(Secret(cookie["value"]))
    page.press("Opret bruger")
    page.sees(
        "Log ind i MitID Erhverv", "Du har været logget ind for længe uden at bruge siden. Log ind igen."
    )
    assert org.names(search="anne") == []


def test_dates_are_written_as_danes_do(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    org.deactivate(bo)
    for path in ("/brugere", f"/brugere/{bo}", f"/brugere/{bo}/deaktiver", "/rapporter/status"):
        page.open(path)
        assert not re.search(r"\d{4}-\d{2}-\d{2}(?!\w|-)", page.driver.locator("main").inner_text()), path


def test_a_receipt_is_printed_without_what_only_a_screen_needs(page: BrowserPage) -> None:
    page.open("/brugere/fil")
    page.pick_file("Vælg fil", "brugere.csv", file_of(create(1), create(2, email="ingen")))
    page.press("Næste")
    page.press("Importér")
    page.driver.emulate_media(media="print")
    page.sees("Kvittering", "Afvist 1", "navn@firma.dk")
    page.sees_not("Download kvittering", "Gå til brugere", "Log af")
    page.looks_like("på-papir")
    page.driver.emulate_media(media="screen")
