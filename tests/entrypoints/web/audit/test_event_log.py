"""Hændelseslog: who did what to whom, found by words, person, kind and day; and how all stood then."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from tests.application.activity_reports import activity_report, record_reports
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver

AUDITOR = Role.ORGANISATION_ADMINISTRATOR
READ = "Loggen læst"
NOTHING = "\N{EN DASH}"


@pytest.fixture
def browser(log_in_as: LogInAs) -> Browser:
    """Of somebody who may read the log."""
    return log_in_as(AUDITOR)


def deeds(page: Page) -> list[str]:
    """What was done, the newest first, without the readings of the log."""
    told = [str(one.get_text()) for one in page.soup.select(".log td > strong")]
    return [one for one in told if one != READ]


def readings(org: OrgDriver) -> list[LogRead]:
    return list(org.service.log.events.get(log_reading_stream_id(org.id)))  # type: ignore[arg-type]


def narrowed(browser: Browser, **filters: str) -> Page:
    return browser.press(browser.open("/haendelseslog"), "Vis", **filters)


def test_an_entry_shows_who_did_what_to_whom_as_what_and_where(org: OrgDriver, log_in_as: LogInAs) -> None:
    bo = org.create_active("Bo", "Berg")
    chief = org.create_active("Kaj", "Chef")
    org.administration.give_role(org.actor, chief, Role.USER_ADMINISTRATOR)
    OrgDriver(org.service, Actor(chief, org.id, Door.API), org.clock).edit(bo, phone="12345678")

    page = log_in_as(AUDITOR).open(f"/haendelseslog?om={bo}")

    (row,) = [one for one in page.soup.select(".log > tbody > tr") if "Kontaktoplysninger" in one.get_text()]
    links = {str(one.get_text()): str(one["href"]) for one in row.select("td > a")}
    assert links == {"Bo Berg": f"/brugere/{bo}", "Kaj Chef": f"/brugere/{chief}"}
    assert "brugeradministrator via API" in row.get_text()
    assert [cell.get_text() for cell in row.select(".changes tbody th, .changes td")] == [
        "Telefon",
        NOTHING,
        "12345678",
    ]
    assert str(bo) in row.get_text()


def test_the_operator_and_the_organisation_lead_to_nobody(browser: Browser) -> None:
    page = browser.open("/haendelseslog?art=organisation.registered")
    assert "Operatør" in page.text
    assert page.soup.select(".log td > a") == []


def test_words_are_found_and_stand_in_no_address(org: OrgDriver, browser: Browser) -> None:
    org.create("Åse", "Ø")
    org.create("Bo", "Berg")
    page = narrowed(browser, ord_="åse")
    assert set(deeds(page)) == {
        "Bruger oprettet",
        "Aktiveringsmail sendt",
        "Midlertidig aktiveringskode dannet",
    }
    assert "Bo Berg" not in page.text
    assert page.path.startswith("/haendelseslog?soegning=")
    assert "se" not in page.path.removeprefix("/haendelseslog?soegning=")
    assert page.value("ord") == "åse"


def test_entries_are_found_by_kind_and_by_who_did_it(org: OrgDriver, browser: Browser) -> None:
    ida = org.create_active()
    org.edit(ida, phone="12345678")
    assert deeds(narrowed(browser, art="user.contact_changed")) == ["Kontaktoplysninger ændret"]
    assert "Ingen hændelser passer" in narrowed(browser, af=str(ida)).text


def test_entries_are_found_by_days_the_last_one_included(org: OrgDriver, log_in_as: LogInAs) -> None:
    org.create("Før")
    org.clock.advance(timedelta(days=10))
    day = f"{org.clock.now():%d.%m.%Y}"
    org.create("Nu")
    org.clock.advance(timedelta(days=10))

    browser = log_in_as(AUDITOR)

    assert deeds(narrowed(browser, fra=day, til=day)).count("Bruger oprettet") == 1
    assert narrowed(browser, fra=day, til=day).value("til") == day


def test_activities_come_along_when_asked_for(org: OrgDriver, browser: Browser) -> None:
    ida = org.create_active()
    record_reports(org, activity_report(ida))
    assert "Aktivitet hos en tjeneste" not in deeds(browser.open("/haendelseslog"))
    assert "Aktivitet hos en tjeneste" in deeds(narrowed(browser, aktiviteter="true"))


def test_the_older_entries_follow_on_the_next_page(org: OrgDriver, browser: Browser) -> None:
    org.create_many(30)
    first = browser.open("/haendelseslog")
    second = browser.open(first.link("Ældre"))
    positions = [int(row[0]) for page in (first, second) for row in _positions(page)]
    assert len(positions) > 60
    assert positions == sorted(set(positions), reverse=True)
    assert deeds(browser.open(second.link("Nyeste")))[:40] == deeds(first)[:40]


def _positions(page: Page) -> list[list[str]]:
    return [[one.get_text()] for one in page.soup.select(".numbers-of div:first-child dd")]


def test_a_place_that_isnt_one_begins_the_log_anew(browser: Browser) -> None:
    page = browser.open("/haendelseslog?efter=opdigtet")
    assert page.alert.startswith("Stedet i loggen kan ikke findes igen")
    assert deeds(page)


def test_the_events_of_one_action_are_shown_together(org: OrgDriver, browser: Browser) -> None:
    org.create()
    page = browser.open("/haendelseslog?art=user.created")
    together = browser.open(str(page.soup.select(".log dd a")[0]["href"]))
    assert deeds(together)[-1] == "Bruger oprettet"
    assert len(deeds(together)) == 3


def test_every_page_that_is_read_is_recorded_with_its_filters(org: OrgDriver, browser: Browser) -> None:
    ida = org.create()
    browser.open("/haendelseslog")
    narrowed(browser, om=str(ida), ord_="prøve")
    told = readings(org)
    assert [one.about for one in told] == [None, None, ida]
    assert [one.by_words for one in told] == [False, False, True]
    assert "Det bliver noteret i loggen" in browser.open("/haendelseslog").text


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"fra": "32.1.2027"}, "fra"),
        ({"til": "snart"}, "til"),
        ({"om": "Ida"}, "om"),
        ({"af": "0709611111"}, "af"),
        ({"fra": "2.1.2027", "til": "1.1.2027"}, "fra"),
    ],
)
def test_what_cant_be_read_is_shown_at_its_field_and_nothing_is_read(
    org: OrgDriver, browser: Browser, filters: dict[str, str], field: str
) -> None:
    page = browser.send("/haendelseslog/soeg", **filters)
    assert (page.status, list(page.wrong)) == (422, [field])
    assert [page.value(name) for name in filters] == list(filters.values())
    assert readings(org) == []


def test_a_user_nobody_knows_is_shown_at_the_field(browser: Browser) -> None:
    page = browser.open(f"/haendelseslog?om={uuid4()}")
    assert (page.status, list(page.wrong)) == (404, ["om"])


def test_an_erased_person_is_shown_without_a_name(org: OrgDriver, browser: Browser) -> None:
    ida = org.create("Ida", "Krabbe")
    org.delete(ida)
    page = browser.open(f"/haendelseslog?om={ida}")
    assert "Slettet bruger" in page.text
    assert "Krabbe" not in page.text


@pytest.mark.parametrize("role", [None, Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR])
@pytest.mark.parametrize(
    "path",
    ["/haendelseslog", "/haendelseslog/tidspunkt", "/haendelseslog/forskel", "/haendelseslog/eksport"],
)
def test_the_log_is_closed_to_all_but_organisation_administrators(
    log_in_as: LogInAs, role: Role | None, path: str
) -> None:
    browser = log_in_as(*filter(None, [role]))
    assert browser.open(path).status == 403
    assert "Hændelseslog" not in browser.open("/brugere").menu


# The past


def test_the_organisation_is_shown_as_it_stood_at_the_end_of_a_day(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    org.create_active("Ida", "Prøve")
    day = org.clock.now()
    org.clock.advance(timedelta(days=3))
    org.create("Ny")
    org.administration.change_settings(org.actor, {"ial": "substantial"})

    browser = log_in_as(AUDITOR)
    then = browser.open(f"/haendelseslog/tidspunkt?dato={day:%d.%m.%Y}")
    now = browser.press(then, "Vis", dato=f"{org.clock.now():%d.%m.%Y}")

    assert dict(then.rows(".narrow tbody tr")[:4])["Aktiv"] == "1"
    assert dict(now.rows(".narrow tbody tr")[:4])["Afventer aktivering"] == "1"
    assert ("Ingen havde en rolle" in then.text, "Ida Administrator" in now.text) == (True, True)
    assert "høj" in then.text
    assert [one.what for one in readings(org)] == ["state", "state"]


def test_a_moment_can_be_entered_to_the_minute(org: OrgDriver, log_in_as: LogInAs) -> None:
    org.create("Før")
    org.clock.advance(timedelta(hours=2))
    org.create("Efter")
    browser = log_in_as(AUDITOR)
    day = f"{org.clock.now():%d.%m.%Y}"
    waiting = [
        dict(browser.open(f"/haendelseslog/tidspunkt?dato={day}&kl={clock}").rows(".narrow tbody tr")[:4])
        for clock in ("13.30", "15:30", "1530", "16")
    ]
    assert [one["Afventer aktivering"] for one in waiting] == ["1", "2", "2", "2"]


@pytest.mark.parametrize(
    ("asked", "field", "status"),
    [
        ("dato=i+dag", "dato", 422),
        ("dato=1.1.2027&kl=25.00", "kl", 422),
        ("dato=1.1.1980", "dato", 404),
    ],
)
def test_a_moment_that_isnt_one_is_shown_at_its_field(
    browser: Browser, asked: str, field: str, status: int
) -> None:
    page = browser.open(f"/haendelseslog/tidspunkt?{asked}")
    assert (page.status, list(page.wrong)) == (status, [field])


def test_without_a_moment_nothing_is_read(org: OrgDriver, browser: Browser) -> None:
    browser.open("/haendelseslog/tidspunkt")
    browser.open("/haendelseslog/forskel")
    assert readings(org) == []


def test_between_two_moments_people_came_left_and_changed(org: OrgDriver, log_in_as: LogInAs) -> None:
    gone, there = org.create("Gert", "Gået"), org.create("Bo", "Berg")
    first = org.clock.now()
    org.clock.advance(timedelta(days=2))
    came = org.create("Nina", "Ny")
    org.edit(there, phone="12345678")
    org.delete(gone)
    org.administration.change_settings(org.actor, {"ial": "substantial"})

    page = log_in_as(AUDITOR).open(f"/haendelseslog/forskel?fra={first:%d.%m.%Y}&fra_kl=23.00")

    assert links_in(page, "kommet") >= {came}
    assert links_in(page, "slettet") == {gone}
    assert links_in(page, "aendret") == {there}
    assert ["Telefon", NOTHING, "12345678"] in page.rows("#aendret tbody tr")
    assert "Organisationen" in page.text


def links_in(page: Page, part: str) -> set[UUID]:
    return {UUID(str(one["href"]).rpartition("/")[2]) for one in page.soup.select(f"#{part} a")}


def test_two_moments_the_wrong_way_round_are_shown_so(browser: Browser) -> None:
    page = browser.open("/haendelseslog/forskel?fra=2.1.2027&til=1.1.2027")
    assert (page.status, list(page.wrong)) == (422, ["fra"])


def test_where_nothing_is_different_that_is_said(org: OrgDriver, browser: Browser) -> None:
    today = f"{org.clock.now():%d.%m.%Y}"
    page = browser.open(f"/haendelseslog/forskel?fra={today}&fra_kl=14.00&til={today}&til_kl=14.00")
    assert "Intet er anderledes" in page.text


@pytest.mark.parametrize("day", ["01.01.0001", "31.12.9999"])
def test_the_first_and_the_last_day_there_is_can_be_asked_for(browser: Browser, day: str) -> None:
    for path in (f"tidspunkt?dato={day}", f"forskel?fra={day}&til={day}", f"tidspunkt?dato={day}&kl=23.59"):
        assert browser.open(f"/haendelseslog/{path}").status in (200, 404)
