"""How the pages behave: by keyboard, pressed twice, gone back from, reloaded, printed, left too long."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.values.status import Status
from tests.application.commands.imports.csv_rows import create, file_of
from tests.e2e.conftest import KINDS, Kind
from tests.e2e.keyboard import Keyboard
from tests.e2e.stage import Stage
from tests.e2e.window import CREATE_ARROW, Window
from tests.journeys.town import BORN, Town
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)


@pytest.fixture(params=KINDS[:1], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Manners are the same in every width; what needs no scripts is tried without them by the jobs."""
    chosen: Kind = request.param
    return chosen


def fill_in_anne(window: Window, *, cpr: bool = True) -> None:
    window.open("/brugere/opret")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("CPR-nummer" if cpr else "Fødselsdato", CPR if cpr else "7.9.1961")
    window.fill("E-mailadresse", "anne@by.test")


def test_a_user_is_created_without_a_mouse(window: Window, town: Town) -> None:
    window.open("/")
    keyboard = Keyboard(window)
    keyboard.tabs_to("Gå til sidens indhold")
    keyboard.presses(CREATE_ARROW)
    keyboard.presses("Opret bruger")
    expect(window.page.locator("h1")).to_have_text("Opret bruger")
    keyboard.types("Fornavn", "Anne")
    keyboard.types("Efternavn", "Hansen")
    keyboard.types("CPR-nummer", CPR)
    keyboard.types("E-mailadresse", "anne@by.test")
    keyboard.presses("Særskilt: MitID app", "Space")
    keyboard.presses("Opret bruger")
    expect(window.page.locator("h1")).to_have_text("Anne Hansen")
    assert town.users(search="anne")[0].means == ["app"]


def test_the_three_dots_open_and_close_by_keyboard(window: Window, town: Town) -> None:
    town.create_active("Bo", "Mørk")
    window.open("/")
    keyboard = Keyboard(window)
    keyboard.presses("Handlinger for Bo Mørk")
    keyboard.tabs_to("Deaktivér bruger")
    keyboard.escapes()
    assert keyboard.focused["called"] == "Handlinger for Bo Mørk"
    assert window.page.locator("details[open]").count() == 0
    window.page.keyboard.press("Enter")
    keyboard.presses("Deaktivér bruger")
    expect(window.page.locator("h1")).to_have_text("Deaktivér bruger")


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(window: Window) -> None:
    fill_in_anne(window)
    window.fill("E-mailadresse", "ingen")
    window.tick("Særskilt: MitID app")
    window.press("Opret bruger")
    keyboard = Keyboard(window)
    assert keyboard.focused["id"] == "fejl"
    assert window.page.title().startswith("Fejl: ")
    keyboard.presses("E-mailadressen er ikke gyldig")
    assert keyboard.focused["id"] == "email"
    described = window.field("E-mailadresse").get_attribute("aria-describedby") or ""
    assert "email-error" in described
    assert window.field("Fornavn").input_value() == "Anne"
    assert window.field("CPR-nummer").input_value() == CPR
    assert window.page.locator("#means-3").is_checked()


def test_pressing_twice_creates_one_user(window: Window, town: Town) -> None:
    fill_in_anne(window)
    window.button("Opret bruger").dblclick()
    expect(window.page.locator("h1")).to_have_text("Anne Hansen")
    assert town.names(search="anne") == ["Anne"]


def test_a_form_that_is_sent_again_is_one_command(window: Window, town: Town) -> None:
    fill_in_anne(window, cpr=False)
    sent = window.page.evaluate(
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
    assert town.names(search="anne") == ["Anne"]


def test_a_code_is_shown_once_and_a_reload_shows_none(window: Window, town: Town) -> None:
    fill_in_anne(window, cpr=False)
    window.press("Opret bruger")
    code = window.page.locator("#kode").inner_text()
    window.press("Kopiér koden")
    assert window.page.evaluate("() => navigator.clipboard.readText()") == code
    window.page.reload()
    window.sees("Koden er vist og kan ikke vises igen.")
    window.sees_not(code)
    assert town.names(search="anne") == ["Anne"]


def test_going_back_after_a_deed_is_safe(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open(f"/brugere/{bo}/slet")
    window.press("Ok")
    window.sees("Bo Mørk er slettet permanent.")
    window.page.go_back()
    window.sees("er slettet")
    assert window.page.locator("main button").count() == 0
    assert bo not in town.ids()


def test_going_back_to_a_deactivation_shows_what_is_so_now(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open(f"/brugere/{bo}/deaktiver")
    window.press("Deaktivér")
    window.sees("Bo Mørk er deaktiveret")
    window.page.go_back()
    window.press("Deaktivér")
    window.sees("Bo Mørk er deaktiveret")
    assert town.transactions(bo).count("Bruger deaktiveret fra 20.03.2026") == 1


def test_what_is_to_happen_is_said_while_dates_are_typed(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open(f"/brugere/{bo}/deaktiver")
    window.fill("Til dato", "3.6.2026")
    window.field("Til dato").press("Tab")
    expect(window.page.locator("#dage")).to_contain_text("aktiv igen torsdag den 4. juni 2026")
    assert town.show(bo).status is Status.ACTIVE


def test_when_the_session_is_over_the_login_page_says_so(window: Window, stage: Stage, town: Town) -> None:
    fill_in_anne(window)
    (cookie,) = window.page.context.cookies()
    stage.desk.sessions.end(Secret(cookie["value"]))
    window.press("Opret bruger")
    window.sees(
        "Log ind i MitID Erhverv", "Du har været logget ind for længe uden at bruge siden. Log ind igen."
    )
    assert town.names(search="anne") == []


def test_dates_are_written_as_danes_do(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    town.deactivate(bo)
    for path in ("/brugere", f"/brugere/{bo}", f"/brugere/{bo}/deaktiver", "/rapporter/status"):
        window.open(path)
        assert not re.search(r"\d{4}-\d{2}-\d{2}(?!\w|-)", window.page.locator("main").inner_text()), path


def test_a_receipt_is_printed_without_what_only_a_screen_needs(window: Window) -> None:
    window.open("/brugere/fil")
    window.pick_file("Vælg fil", "brugere.csv", file_of(create(1), create(2, email="ingen")))
    window.press("Næste")
    window.press("Importér")
    window.page.emulate_media(media="print")
    window.sees("Kvittering", "Afvist 1", "navn@firma.dk")
    window.sees_not("Download kvittering", "Gå til brugere", "Log af")
    window.looks_like("på-papir")
    window.page.emulate_media(media="screen")
