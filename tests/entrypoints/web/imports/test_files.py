"""Opret og redigér flere brugere: a file is chosen, checked, imported, and its receipt shown."""

import csv
import io
import logging
import time
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from uuid import UUID

import pytest
from sqlalchemy import select

from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.imports.template import template
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.http.security_middleware import MAX_UPLOAD_BYTES
from brugerbog.entrypoints.http.uploads import NoFileChosen, UploadMemory
from brugerbog.entrypoints.web import background_jobs
from brugerbog.entrypoints.web.imports import receipts
from brugerbog.infrastructure.web.sessions import Session
from brugerbog.infrastructure.web.uploads import STALLED_AFTER, State, UploadKind, web_uploads
from tests.application.commands.imports.csv_rows import cpr, create, delete, file_of, update
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver

PATIENCE = 20
GOOD = file_of(create(1), create(2))
MIXED = file_of(create(1), create(2, email="ingen"), create(3, cpr="070961111"))


def choose(browser: Browser, content: bytes, name: str = "brugere.csv", goer: str = "") -> Page:
    page = browser.open(f"/brugere/fil{goer}")
    return come_to_rest(browser, browser.press(page, "Næste", files={"fil": (name, content, "text/csv")}))


def come_to_rest(browser: Browser, page: Page) -> Page:
    """The page once nothing is under way any more."""
    until = time.monotonic() + PATIENCE
    while page.soup.select_one("[data-follows]") and time.monotonic() < until:
        time.sleep(0.05)
        page = browser.open(page.path)
    return page


def import_it(browser: Browser, page: Page, **filled: object) -> Page:
    return come_to_rest(browser, browser.press(page, "Importér", **filled))


def session_of(browser: Browser) -> Session:
    session = browser.web_context.sessions.find(
        Secret(str(browser.client.cookies.get(browser.web_context.cookie)))
    )
    assert session is not None
    return session


def counts(page: Page) -> dict[str, str]:
    return {row.dt.text: row.dd.text for row in page.soup.select(".counts > div")}  # type: ignore[union-attr]


def downloaded(browser: Browser, page: Page, text: str) -> list[dict[str, str]]:
    response = browser.client.get(page.link(text))
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_the_page_leads_to_the_template_and_takes_a_file(browser: Browser) -> None:
    page = browser.open("/brugere/fil")
    assert page.heading == "Opret og redigér flere brugere"
    assert "brugerimport" in page.text
    assert (
        browser.client.get(page.link("Download Brugeradministration CSV skabelon (.csv)")).content
        == template()
    )


def test_to_edit_it_is_the_same_page_with_another_introduction(browser: Browser) -> None:
    page = browser.open("/brugere/fil?goer=rediger")
    assert page.heading == "Opret og redigér flere brugere"
    assert "U i kolonnen Aktion" in page.text


def test_a_file_is_checked_and_nothing_is_changed(org: OrgDriver, browser: Browser) -> None:
    page = choose(browser, MIXED)
    assert page.heading == "Filen er kontrolleret"
    assert (counts(page)["Bliver oprettet"], counts(page)["Bliver afvist"]) == ("1", "2")
    assert [row[0] for row in page.rows()] == ["3", "4"]
    assert "CPR" in page.rows()[1][2]
    assert org.names(imported=True) == []
    assert not org.queries.menu(org.seen_by(org.ids()[0]).actor).has_imported


def test_what_is_wrong_is_shown_without_the_number(browser: Browser) -> None:
    page = choose(browser, MIXED)
    assert "070961111" not in page.html
    assert "0709611111" not in page.html


def test_it_is_imported_and_its_receipt_leads_to_the_imported(org: OrgDriver, browser: Browser) -> None:
    page = import_it(browser, choose(browser, MIXED))
    assert page.heading == "Kvittering"
    assert (counts(page)["Oprettet"], counts(page)["Afvist"]) == ("1", "2")
    assert [row[:3] for row in page.rows()] == [
        ["3", "Opret", "Afvist"],
        ["4", "Opret", "Afvist"],
        ["2", "Opret", "Oprettet"],
    ]
    assert page.rows()[2][3] == str(org.ids(imported=True)[0])
    assert page.link("Gå til importerede brugere") == "/importerede"
    assert "Importerede brugere" in browser.open("/brugere").menu


def test_the_receipt_is_downloaded_row_by_row(browser: Browser) -> None:
    checked = choose(browser, MIXED)
    assert [row["Resultat"] for row in downloaded(browser, checked, "Download kontrollen (.csv)")] == [
        "oprettet",
        "afvist",
        "afvist",
    ]
    rows = downloaded(browser, import_it(browser, checked), "Download kvittering (.csv)")
    assert [(row["Række"], row["Resultat"], row["Kolonne"]) for row in rows] == [
        ("2", "oprettet", ""),
        ("3", "afvist", "E-mail"),
        ("4", "afvist", "CPR"),
    ]
    assert UUID(rows[0]["UUID"])


def test_all_or_nothing_one_refused_row_holds_back_the_rest(org: OrgDriver, browser: Browser) -> None:
    page = import_it(browser, choose(browser, MIXED), all_or_nothing="true")
    assert page.alert.startswith("Intet er gennemført")
    assert counts(page)["Oprettet"] == "0"
    assert org.names(imported=True) == []


def test_users_are_edited_and_deleted_by_a_file(org: OrgDriver, browser: Browser) -> None:
    import_it(browser, choose(browser, GOOD))
    first, second = org.ids(imported=True)
    content = file_of(update(user_id=str(first), phone="87654321"), delete(user_id=str(second)))
    checked = choose(browser, content, goer="?goer=rediger")
    assert "1 bruger bliver slettet permanent." in checked.text
    page = import_it(browser, checked)
    assert (counts(page)["Redigeret"], counts(page)["Slettet"]) == ("1", "1")
    assert org.show(first).phone == "87654321"
    assert org.ids(imported=True) == [first]


def test_a_file_that_changes_nothing_has_no_button_to_import_it(browser: Browser) -> None:
    page = choose(browser, file_of(create(1, email="ingen")))
    assert "alle rækker bliver afvist" in page.alert
    assert "Importér" not in [one.text for one in page.soup.select("main button")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Filen er tom"),
        (GOOD.replace(b";", b","), "adskilt af komma"),
        (b"PK\x03\x04\0\0", "ikke en CSV-fil"),
        (";".join(COLUMNS[:14]).encode(), "14 kolonner"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_where_it_was_chosen(
    browser: Browser, content: bytes, said: str
) -> None:
    page = choose(browser, content)
    assert (page.status, page.heading) == (422, "Opret og redigér flere brugere")
    assert said in page.wrong["fil"]
    assert page.soup.select_one("#fejl a[href='#fil']")


def test_next_without_a_file_says_so(browser: Browser) -> None:
    page = choose(browser, b"", name="")
    assert page.wrong["fil"] == NoFileChosen().message
    assert browser.send("/brugere/fil", fil="tekst").wrong["fil"] == NoFileChosen().message


def test_the_largest_file_lies_in_memory_only(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def rollover(_: object) -> None:
        raise AssertionError("the file went to a disk")

    monkeypatch.setattr(SpooledTemporaryFile, "rollover", rollover)
    page = choose(browser, file_of(*(create(surname="B" * 300) for _ in range(10_000))))
    assert "Bliver afvist" in page.text


def test_a_file_too_large_is_refused(browser: Browser) -> None:
    assert choose(browser, b"x" * (51 << 20)).status == 413
    assert "større end 50 MB" in choose(browser, b"x" * (50 << 20) + b"xx").wrong["fil"]


def test_when_as_many_are_read_as_there_is_room_for_others_are_shown(browser: Browser) -> None:
    memory: UploadMemory = browser.app.state.upload_memory
    with memory.reserve(UUID(int=1)) as take, memory.reserve(UUID(int=2)) as take_more:
        take(2 * MAX_UPLOAD_BYTES)
        take_more(2 * MAX_UPLOAD_BYTES)
        page = choose(browser, GOOD)
    assert (page.status, page.wrong["fil"][:34]) == (503, "Der bliver læst for mange filer li")


def test_many_files_in_a_short_time_are_refused(browser: Browser) -> None:
    for _ in range(20):
        choose(browser, b"", name="")
    assert choose(browser, GOOD).status == 429


def test_pressed_twice_it_is_one_import(org: OrgDriver, browser: Browser) -> None:
    checked = choose(browser, GOOD)
    first = import_it(browser, checked)
    second = import_it(browser, checked)
    assert (counts(first)["Oprettet"], counts(second)["Oprettet"]) == ("2", "2")
    assert len(org.ids(imported=True)) == 2


def test_only_the_user_who_chose_the_file_sees_the_result(browser: Browser, log_in_as: LogInAs) -> None:
    page = choose(browser, GOOD)
    other = log_in_as(Role.USER_ADMINISTRATOR, first_name="Bo")
    for path in (page.path, f"{page.path}/nu", f"{page.path}/kvittering.csv"):
        assert other.open(path).status == 404
    assert other.send(page.path).status == 404


@pytest.mark.parametrize("role", [Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR])
def test_no_other_administrator_imports(log_in_as: LogInAs, role: Role) -> None:
    browser = log_in_as(role)
    for path in ("/brugere/fil", "/brugere/skabelon.csv"):
        assert browser.open(path).status == 403
    assert browser.send("/brugere/fil", files={"fil": ("a.csv", GOOD)}).status == 403


def test_a_long_import_shows_how_far_it_is(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_jobs, "START_WAIT_SECONDS", 0)
    monkeypatch.setattr(background_jobs, "PAUSE_SECONDS", 0.3)
    checked = choose(browser, file_of(*map(create, range(3000))))
    page = browser.press(checked, "Importér")
    assert page.heading == "Brugerne bliver importeret"
    assert "3.001 af" not in page.text, "how far the check before it came is another matter"
    seen = set[str]()
    while (part := browser.open(f"{page.path}/nu")).path.endswith("/nu"):
        seen.add(part.soup.p.text)  # type: ignore[union-attr]
        time.sleep(0.05)
    assert "1.001 af 3.001 rækker" in seen
    assert part.heading == "Kvittering"


def test_an_import_that_somebody_died_at_is_gone_on_with(org: OrgDriver, browser: Browser) -> None:
    checked = choose(browser, GOOD)
    session = session_of(browser)
    upload_id = UUID(checked.path.rsplit("/", 1)[1])
    assert browser.web_context.uploads.acquire(session, upload_id, State.CHECKED, State.WORKING)
    assert browser.open(checked.path).heading == "Brugerne bliver importeret"
    org.clock.advance(STALLED_AFTER + timedelta(seconds=1))
    page = browser.open(checked.path)
    assert page.heading == "Importen blev afbrudt"
    done = come_to_rest(browser, browser.press(page, "Fortsæt"))
    assert counts(done)["Oprettet"] == "2"
    assert len(org.ids(imported=True)) == 2


def test_a_server_that_stops_cuts_an_import_off_where_nothing_is_lost(
    org: OrgDriver, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_jobs, "START_WAIT_SECONDS", 0)
    monkeypatch.setattr(background_jobs, "PAUSE_SECONDS", 0.3)
    checked = choose(browser, file_of(*map(create, range(3000))))
    browser.press(checked, "Importér")
    browser.web_context.background_jobs.close()
    assert browser.open(checked.path).heading == "Importen blev afbrudt"
    assert len(org.ids(imported=True)) < 3000


def test_the_file_goes_with_the_import_and_the_receipt_with_the_session(browser: Browser) -> None:
    page = import_it(browser, choose(browser, GOOD))
    session, upload_id = session_of(browser), UUID(page.path.rsplit("/", 1)[1])
    assert browser.web_context.uploads.content(session, upload_id) is None
    browser.send("/log-af")
    assert browser.web_context.uploads.find(session, upload_id) is None


def test_nothing_of_a_file_lies_in_the_clear_nor_in_a_log_or_an_address(
    org: OrgDriver, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, "brugerbog", "sqlalchemy.engine", "python_multipart"):
        caplog.set_level(logging.DEBUG, name)
    content = file_of(create(1, surname="Kanariefugl"), create(2, first_name="Kanariefugl", email="forkert"))
    marks = ("Kanariefugl", cpr(1), cpr(2), "kanarie.csv")
    checked = choose(browser, content, name="kanarie.csv")
    told = [checked.path, lies_in(org)]
    done = import_it(browser, checked)
    told += [done.path, lies_in(org), caplog.text]
    assert "request" in caplog.text
    assert [mark for mark in marks for one in told if mark in one] == []
    assert done.rows()[0][2] == "Afvist"


def lies_in(org: OrgDriver) -> str:
    """All that lies in the table of what was handed in."""
    with org.service.log.backend.read.connect() as connection:
        rows = connection.execute(select(web_uploads)).all()
    assert rows
    return "".join(
        one.decode("latin-1") if isinstance(one, bytes) else str(one) for row in rows for one in row
    )


def test_of_many_rows_a_page_shows_the_first(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "MAX_SHOWN", 2)
    checked = choose(browser, file_of(create(1), *(create(serial, email="x") for serial in range(2, 7))))
    assert len(checked.rows()) == 2
    assert "3 mere" in checked.text
    assert len(downloaded(browser, checked, "Download kontrollen (.csv)")) == 6


def test_a_file_of_another_kind_is_not_looked_at_here(browser: Browser) -> None:
    upload_id = browser.web_context.ids.random_id()
    browser.web_context.uploads.add(
        session_of(browser), upload_id, UploadKind.SENDING, b"[]", state=State.CHECKED
    )
    assert browser.open(f"/brugere/fil/{upload_id}").status == 404
