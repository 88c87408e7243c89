"""Rapporter: numbers as a table, as a chart that says the same, and as a file, as of any day."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.web.organisation.reports import KINDS
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.given import EAN, P_NUMBER
from tests.org_driver import OrgDriver

ADMINISTRATOR = Role.USER_ADMINISTRATOR
CHARTED = ["status", "identifikationsmidler", "afventer", "omkostninger"]


def described(page: Page) -> str:
    svg = page.soup.select_one("svg[role=img] desc")
    assert svg is not None
    return svg.get_text()


def footer(page: Page) -> list[str]:
    return page.rows("tfoot tr")[0]


def file_of(browser: Browser, page: Page) -> list[list[str]]:
    got = browser.client.get(page.link("Hent som CSV-fil"))
    assert got.headers["content-type"].startswith("text/csv")
    text = got.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_overview_leads_to_every_report(browser: Browser) -> None:
    links = browser.open("/rapporter").soup.select(".reports a")
    assert [link["href"] for link in links] == [f"/rapporter/{slug}" for slug in KINDS]
    assert [browser.open(str(link["href"])).heading for link in links] == [
        one.title for one in KINDS.values()
    ]


def test_users_are_counted_by_status_with_a_total(org: OrgDriver, browser: Browser) -> None:
    org.create_many(3)
    org.create_active("Bo")
    page = browser.open("/rapporter/status")
    assert page.rows()[1] == ["Afventer aktivering", "3"]
    assert page.rows()[3] == ["Aktiv", "2"]
    assert footer(page) == ["I alt", "5"]


@pytest.mark.parametrize("slug", CHARTED)
def test_a_chart_says_what_the_table_beside_it_says(org: OrgDriver, log_in_as: LogInAs, slug: str) -> None:
    for serial, user_id in enumerate(org.create_many(5, means=(Means.APP, Means.CHIP))):
        org.clock.advance(timedelta(days=9 * serial))
        if serial % 2:
            org.administration.activate_user(org.actor, user_id)
    page = log_in_as(ADMINISTRATOR).open(f"/rapporter/{slug}")
    told = page.rows(".numbers:has(svg) tbody tr")
    drawn = [group.partition(": ") for group in described(page).split("; ")]
    assert [row[0].rpartition(" · ")[2] for row in told] == [name for name, _, _ in drawn]
    assert [row[1:] for row in told] == [re.findall(r"[\d.]+(?:,\d\d)?", numbers) for _, _, numbers in drawn]


def test_a_report_shows_any_day_past_or_to_come(org: OrgDriver, log_in_as: LogInAs) -> None:
    before = org.clock.now()
    org.create_active("Før")
    org.clock.advance(timedelta(days=10))
    browser = log_in_as(ADMINISTRATOR)
    user_id = org.create_active("Bo")
    leaves = org.clock.now() + timedelta(days=3)
    org.deactivate(user_id, leaves.date())

    now, later = browser.open("/rapporter/status"), browser.open(f"/rapporter/status?dato={leaves:%d.%m.%Y}")
    then = browser.open(f"/rapporter/status?dato={before:%d.%m.%Y}")

    assert [dict(one.rows()).get("Aktiv") for one in (now, then, later)] == ["3", "1", "2"]
    assert "ud fra det, der er registreret nu" in later.text
    assert "ud fra" not in then.text
    assert later.value("dato") == f"{leaves:%d.%m.%Y}"


def test_a_day_counts_to_its_end(org: OrgDriver, log_in_as: LogInAs) -> None:
    day = org.clock.now()
    org.create("Tidlig")
    org.clock.advance(timedelta(hours=6))
    org.create("Sen")
    org.clock.advance(timedelta(days=1))
    assert footer(log_in_as(ADMINISTRATOR).open(f"/rapporter/status?dato={day:%d.%m.%Y}")) == ["I alt", "2"]


@pytest.mark.parametrize("written", ["32.13.2027", "i morgen", "1.1", "010190-1234"])
def test_a_date_that_cant_be_read_is_shown_at_its_field(browser: Browser, written: str) -> None:
    page = browser.open(f"/rapporter/status?dato={written}")
    assert (page.status, list(page.wrong)) == (422, ["dato"])
    assert page.value("dato") == written


@pytest.mark.parametrize("day", ["01.01.0001", "31.12.9999"])
@pytest.mark.parametrize("slug", KINDS)
def test_the_first_and_the_last_day_there_is_can_be_asked_for(browser: Browser, slug: str, day: str) -> None:
    assert browser.open(f"/rapporter/{slug}?dato={day}").status == 200


def test_a_report_comes_as_a_file_for_a_spreadsheet(org: OrgDriver, browser: Browser) -> None:
    org.create_many(2)
    page = browser.open("/rapporter/status")
    assert file_of(browser, page)[:3] == [
        ["Status", "Brugere"],
        ["Importeret", "0"],
        ["Afventer aktivering", "2"],
    ]
    got = browser.client.get(page.link("Hent som CSV-fil"))
    today = f"{org.clock.now():%Y-%m-%d}"
    assert got.headers["content-disposition"] == f'attachment; filename="rapport-status-{today}.csv"'


def test_the_file_is_of_the_day_that_is_shown(org: OrgDriver, log_in_as: LogInAs) -> None:
    before = org.clock.now()
    org.create("Før")
    org.clock.advance(timedelta(days=2))
    org.create_many(2)
    browser = log_in_as(ADMINISTRATOR)
    page = browser.open(f"/rapporter/status?dato={before:%d.%m.%Y}")
    assert dict(file_of(browser, page)[1:])["Afventer aktivering"] == "1"


def test_money_is_in_kroner_with_two_decimals(org: OrgDriver, browser: Browser) -> None:
    org.administration.change_settings(org.actor, {"prices": {"user": 123456, "free_users": 1}})
    org.create_many(1, ean=EAN)
    page = browser.open("/rapporter/omkostninger")
    assert footer(page)[-1] == "1.234,56"
    assert file_of(browser, page)[-1][1:] == [EAN, "bruger", "1", "1234,56"]


def test_a_month_without_costs_stands_between_others_with_nothing(org: OrgDriver, log_in_as: LogInAs) -> None:
    org.create("Først")
    org.clock.advance(timedelta(days=62))
    page = log_in_as(ADMINISTRATOR).open("/rapporter/omkostninger")
    months = [row[0] for row in page.rows(".numbers:has(svg) tbody tr")]
    assert months == ["Marts 2026", "April 2026", "Maj 2026"]


def test_the_longest_waiting_stands_first_by_name_with_a_link(org: OrgDriver, log_in_as: LogInAs) -> None:
    first = org.create("Gert", "Gammel")
    org.clock.advance(timedelta(days=31))
    second = org.create("Nina", "Ny")
    page = log_in_as(ADMINISTRATOR).open("/rapporter/afventer")
    people = page.soup.select(".stacks tbody tr")
    assert [one.a.get_text() for one in people if one.a] == ["Gert Gammel", "Nina Ny"]
    assert [one.a["href"] for one in people if one.a] == [f"/brugere/{first}", f"/brugere/{second}"]
    assert "Link udløbet" in people[0].get_text()
    assert "Udløber" in people[1].get_text()


def test_a_long_list_of_those_waited_for_goes_on_on_a_next_page(org: OrgDriver, browser: Browser) -> None:
    org.create_many(103)
    first = browser.open("/rapporter/afventer")
    second = browser.open(first.link("Næste side"))
    assert [len(page.soup.select(".stacks tbody tr")) for page in (first, second)] == [100, 3]


def test_whom_nobody_belongs_to_has_no_column(org: OrgDriver, browser: Browser) -> None:
    org.create("Bo", p_number=P_NUMBER)
    page = browser.open("/rapporter/tilhoersforhold")
    assert [one.get_text() for one in page.soup.select("thead th")] == ["P-nummer", "Status", "Brugere"]
    assert footer(page) == ["I alt", "", "2"]


def test_a_report_that_counts_nothing_says_so(org: OrgDriver, browser: Browser) -> None:
    assert "Ingen brugere afventer aktivering" in browser.open("/rapporter/afventer").text
    before = org.clock.now() - timedelta(days=2)
    page = browser.open(f"/rapporter/status?dato={before:%d.%m.%Y}")
    assert "Organisationen har ingen brugere" in page.text
    assert page.soup.select_one("table, svg[role=img]") is None


def test_a_report_that_doesnt_exist_is_not_found(browser: Browser) -> None:
    assert browser.open("/rapporter/loenninger").status == 404
    assert browser.open("/rapporter/loenninger.csv").status == 404


@pytest.mark.parametrize("role", [None, Role.TRUSTED_EMPLOYEE])
@pytest.mark.parametrize("path", ["/rapporter", "/rapporter/status", "/rapporter/afventer.csv"])
def test_reports_are_closed_to_who_administrates_nothing(
    log_in_as: LogInAs, role: Role | None, path: str
) -> None:
    assert log_in_as(*filter(None, [role])).open(path).status == 403
