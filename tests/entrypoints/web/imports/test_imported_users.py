"""Importerede brugere: who waits, and how they are sent to activation, one by one or many at once."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from brugerbog.application.commands.imports.sources import InMemory
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.web import background_jobs
from brugerbog.entrypoints.web.imports import imported_users
from brugerbog.infrastructure.web.uploads import STALLED_AFTER, State
from tests.application.commands.imports.csv_rows import by_birth_date, create, file_of
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.entrypoints.web.imports.test_files import come_to_rest, session_of
from tests.org_driver import OrgDriver

Import = Callable[..., list[UUID]]
MEANS, SUMMARY = "Vælg identifikationsmidler", "Opsummering"
CHOSEN, ALL = "Send valgte til aktivering", "Send alle importerede til aktivering"


@pytest.fixture
def bring_in(org: OrgDriver) -> Import:
    def bring_in(*rows: str) -> list[UUID]:
        receipt = org.administration.import_users(org.actor, InMemory(file_of(*rows)))
        assert receipt.refused == 0
        return [one.id for one in receipt.outcomes if one.id]

    return bring_in


def names(page: Page) -> list[str]:
    return [link.get_text() for link in page.soup.select("td[data-title=Navn] a")]


def summary_of(
    browser: Browser, button: str = ALL, *, chosen: list[UUID] | None = None, **means: str
) -> Page:
    page = browser.open("/importerede")
    ticked = {"valgt": [str(one) for one in chosen]} if chosen else {}
    return browser.press(browser.press(page, button, **ticked), "Næste", **means)


def facts(page: Page) -> dict[str, str]:
    return {row.dt.text: row.dd.text for row in page.soup.select(".facts > div")}  # type: ignore[union-attr]


def test_the_menu_names_them_only_after_an_import(browser: Browser, bring_in: Import) -> None:
    assert "Importerede brugere" not in browser.open("/brugere").menu
    bring_in(create())
    assert "Importerede brugere" in browser.open("/brugere").menu


def test_the_list_says_who_is_known_by_what(browser: Browser, bring_in: Import) -> None:
    bring_in(create(1, first_name="Bo", means="PrivatID"), by_birth_date(2, first_name="Åse"))
    page = browser.open("/importerede")
    assert page.heading == "Importerede brugere"
    (bo, aase) = page.rows()
    assert (bo[1], bo[2][6:], bo[-1]) == ("Bo Hansen", "-xxxx", "Privat MitID")
    assert (aase[1], aase[2][:5]) == ("Åse Hansen", "Født ")


def test_when_nobody_waits_the_page_says_so(browser: Browser) -> None:
    assert "Ingen importerede brugere venter" in browser.open("/importerede").text


def test_from_nine_users_they_can_be_searched_for_and_no_name_is_in_an_address(
    browser: Browser, bring_in: Import
) -> None:
    bring_in(*map(create, range(8)), create(8, first_name="Åse"))
    page = browser.press(browser.open("/importerede"), "Søg", ord_="åse")
    assert names(page) == ["Åse Hansen"]
    assert re.fullmatch(r"/importerede\?soegning=[0-9a-f-]{36}", page.path)
    assert browser.press(page, "Søg", ord_="ingen").text.endswith("Vis alle importerede brugere")


def test_the_list_is_read_page_by_page(
    browser: Browser, bring_in: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imported_users, "PAGE_SIZE", 2)
    bring_in(*(create(serial, first_name=name) for serial, name in enumerate("ABC")))
    first = browser.open("/importerede")
    second = browser.open(first.link("Næste side"))
    assert (names(first), names(second)) == (["A Hansen", "B Hansen"], ["C Hansen"])


def test_anyone_who_has_no_cpr_number_is_named_and_the_others_go_on(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    bo, aase, ib = bring_in(create(1, first_name="Bo"), by_birth_date(2, first_name="Åse"), create(3))
    page = browser.press(browser.open("/importerede"), CHOSEN, valgt=[str(bo), str(aase)])
    assert (page.heading, page.status) == (MEANS, 200)
    assert "Åse Hansen" in page.alert
    assert "uden CPR-nummer" in page.alert
    assert [one["value"] for one in page.soup.select("[name=valgt]")] == [str(bo)]
    done = browser.press(browser.press(page, "Næste"), "Aktivér brugere")
    assert done.alert.startswith("1 bruger er sendt til aktivering")
    assert [org.show(one).status for one in (bo, aase, ib)] == [
        Status.PENDING,
        Status.IMPORTED,
        Status.IMPORTED,
    ]


def test_if_none_of_them_has_one_they_are_named_over_the_list(browser: Browser, bring_in: Import) -> None:
    (aase,) = bring_in(by_birth_date(2, first_name="Åse"))
    page = browser.press(browser.open("/importerede"), CHOSEN, valgt=[str(aase)])
    assert (page.heading, page.status) == ("Importerede brugere", 422)
    assert "Åse Hansen" in page.alert
    assert page.soup.select("input[name=valgt][checked]") == []


def test_somebody_must_be_chosen(browser: Browser, bring_in: Import) -> None:
    bring_in(create())
    page = browser.press(browser.open("/importerede"), CHOSEN)
    assert (page.status, page.heading) == (422, "Importerede brugere")
    assert "Sæt flueben" in page.alert


def test_prices_stand_beside_means_that_cost(browser: Browser, bring_in: Import) -> None:
    bring_in(create())
    page = browser.press(browser.open("/importerede"), ALL)
    assert page.soup.find(id="chip-hint").text == "Koster 115,00 kr. uden moms pr. stk."  # type: ignore[union-attr]
    assert page.soup.find(id="app-hint").text == "Gratis"  # type: ignore[union-attr]
    assert page.soup.find(id="shared") is None


def test_the_summary_says_who_and_what_and_what_it_costs(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    bring_in(create(1, first_name="Bo"), create(2, first_name="Åse"))
    page = summary_of(browser, private="true", chip="2", app="1")
    assert page.heading == SUMMARY
    assert facts(page) == {
        "Brugere, der får en aktiveringsmail": "2",
        "Hver bruger må desuden benytte": "Privat MitID, MitID app, chip (2)",
        "Nye identifikationsmidler i alt": "Privat MitID (2), MitID app (2), chip (4)",
        "Pris, hvis alle bliver bestilt": "Højst 460,00 kr. uden moms",
    }
    assert [row[0] for row in page.rows()] == ["Bo Hansen", "Åse Hansen"]
    assert [org.show(one).status for one in org.ids(imported=True)] == [Status.IMPORTED] * 2


def test_those_in_the_summary_are_sent_and_nobody_who_came_later(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    early = bring_in(create(1), create(2))
    page = summary_of(browser, app="1")
    (late,) = bring_in(create(3))
    done = browser.press(page, "Aktivér brugere")
    assert done.alert.startswith("2 brugere er sendt til aktivering")
    assert [org.show(one).means for one in early] == [["app"], ["app"]]
    assert org.ids(imported=True) == [late]


def test_confirmed_twice_everybody_gets_one_mail(org: OrgDriver, browser: Browser, bring_in: Import) -> None:
    (somebody,) = bring_in(create())
    page = summary_of(browser)
    first, second = (browser.press(page, "Aktivér brugere") for _ in range(2))
    assert first.text == second.text
    assert org.transactions(somebody).count("Aktiveringsmail sendt") == 1


def test_a_number_that_is_none_is_shown_at_its_field_and_the_rest_is_kept(
    browser: Browser, bring_in: Import
) -> None:
    bring_in(create())
    page = summary_of(browser, app="1", chip="6", code_display="mange", private="true")
    assert (page.status, page.heading) == (422, MEANS)
    assert set(page.wrong) == {"chip", "code_display"}
    assert (page.value("app"), page.value("chip")) == ("1", "6")
    assert page.soup.select_one("#private[checked]")


def test_going_back_from_the_summary_keeps_what_was_said(browser: Browser, bring_in: Import) -> None:
    bo, _ = bring_in(create(1), create(2))
    page = browser.press(summary_of(browser, CHOSEN, chosen=[bo], chip="2"), "Tilbage")
    assert (page.heading, page.value("chip"), page.value("valgt")) == (MEANS, "2", str(bo))


def test_sending_that_somebody_died_at_is_gone_on_with(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    bring_in(*map(create, range(3)))
    page = summary_of(browser)
    upload_id = UUID(page.path.rsplit("/", 1)[1])
    browser.web_context.uploads.acquire(session_of(browser), upload_id, State.CHECKED, State.WORKING)
    org.clock.advance(STALLED_AFTER + timedelta(seconds=1))
    page = browser.open(page.path)
    assert page.heading == "Afsendelsen blev afbrudt"
    assert browser.press(page, "Fortsæt").alert.startswith("3 brugere er sendt")


def test_sending_many_shows_how_far_it_is(
    org: OrgDriver, browser: Browser, bring_in: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(*map(create, range(450)))
    page = summary_of(browser)
    monkeypatch.setattr(background_jobs, "START_WAIT_SECONDS", 0)
    monkeypatch.setattr(background_jobs, "PAUSE_SECONDS", 0.3)
    page = browser.press(page, "Aktivér brugere")
    assert page.heading == "Brugerne bliver sendt til aktivering"
    time.sleep(0.2)
    assert re.search(r"af 450 brugere|Begynder", browser.open(f"{page.path}/nu").html)
    assert come_to_rest(browser, page).alert.startswith("450 brugere er sendt")
    assert org.ids(imported=True) == []


def test_one_is_looked_at_and_sent(org: OrgDriver, browser: Browser, bring_in: Import) -> None:
    (bo,) = bring_in(create(1, first_name="Bo", phone="12345678"))
    page = browser.open(browser.open("/importerede").link("Bo Hansen"))
    assert facts(page)["Telefonnummer"] == "12345678"
    done = browser.press(page, "Aktivér", chip="1")
    assert done.path == "/importerede"
    assert done.alert.startswith("Bo Hansen er sendt til aktivering og modtager en aktiveringsmail")
    assert (org.show(bo).status, org.show(bo).means) == (Status.PENDING, ["chip"])


def test_one_known_by_birth_date_gets_a_code_that_is_covered_and_shown_once(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    (aase,) = bring_in(by_birth_date(2, first_name="Åse"))
    page = browser.open(f"/importerede/{aase}")
    assert "midlertidig aktiveringskode" in page.text
    shown = browser.press(page, "Aktivér")
    assert shown.soup.select_one("main details:not([open]) summary").text == "Vis"  # type: ignore[union-attr]
    code = shown.soup.select_one("#kode").text  # type: ignore[union-attr]
    again = browser.press(page, "Aktivér")
    assert "kan ikke vises igen" in again.text
    assert code not in again.html
    assert org.show(aase).status is Status.PENDING


def test_of_one_what_cannot_be_read_is_shown_and_nothing_is_sent(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    (bo,) = bring_in(create(1, first_name="Bo"))
    page = browser.press(browser.open(f"/importerede/{bo}"), "Aktivér", chip="-1")
    assert (page.status, set(page.wrong)) == (422, {"chip"})
    assert org.show(bo).status is Status.IMPORTED


def test_one_who_waits_no_longer_is_seen_on_their_profile(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    (bo,) = bring_in(create(1, first_name="Bo"))
    org.administration.send_to_activation(org.actor, bo)
    page = browser.open(f"/importerede/{bo}")
    assert page.path == f"/brugere/{bo}"
    assert page.alert.startswith("Bo Hansen venter ikke længere")


def test_means_that_are_not_offered_cannot_be_chosen(
    org: OrgDriver, browser: Browser, bring_in: Import
) -> None:
    (bo,) = bring_in(create(1))
    org.administration.change_settings(org.actor, {"dedicated_means": ["app"], "allow_private_means": False})
    page = browser.open(f"/importerede/{bo}")
    assert page.soup.find(id="chip") is None
    assert page.soup.find(id="private") is None
    fields = {"command_id": page.value("command_id"), "chip": "1"}
    assert "tilbyder ikke chip" in browser.send(page.path, **fields).alert


@pytest.mark.parametrize("role", [Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR])
def test_no_other_administrator_sends_anybody(log_in_as: LogInAs, bring_in: Import, role: Role) -> None:
    (bo,) = bring_in(create(1))
    browser = log_in_as(role)
    assert "Importerede brugere" not in browser.open("/brugere").menu
    assert browser.open("/importerede").status == 403
    assert browser.open(f"/importerede/{bo}").status == 403
    form = {"command_id": str(UUID(int=1))}
    assert browser.send(f"/importerede/{bo}", **form).status == 403
    for step in ("midler", "opsummering"):
        assert browser.send(f"/importerede/aktivering/{step}", alle="true", **form).status == 403


def test_another_organisations_users_are_unknown(browser: Browser, bring_in: Import) -> None:
    bring_in(create())
    stranger = UUID(int=5)
    assert browser.open(f"/importerede/{stranger}").status == 404
    page = browser.open("/importerede")
    assert browser.press(page, CHOSEN, valgt=[str(stranger)]).status == 404
