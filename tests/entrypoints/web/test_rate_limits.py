"""What is done too often is answered with a page that says so, and a header that says for how long."""

from uuid import uuid4

from brugerbog.application.rate_limits import EXPORTS_OF_ACTOR, FILES_OF_ACTOR, MAILS_TO_USER
from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.given import CPR
from tests.org_driver import OrgDriver


def is_stopped(page: Page) -> bool:
    if page.status != 429:
        return False
    assert page.heading == "Vent lidt"
    assert 1 <= int(page.response.headers["retry-after"]) <= 2 * 24 * 3600
    return True


def test_cpr_numbers_are_shown_thirty_a_minute(browser: Browser, org: OrgDriver) -> None:
    ida = org.create("Bo", cpr=CPR)
    pages = [browser.send(f"/brugere/{ida}/cpr", command_id=uuid4()) for _ in range(31)]
    assert [is_stopped(page) for page in pages] == [False] * 30 + [True]
    assert (CPR in pages[29].html.replace("-", ""), CPR in pages[30].html.replace("-", "")) == (True, False)
    assert "Organisationens administratorer får besked" in pages[30].text


def test_mails_are_sent_again_a_few_times_an_hour(browser: Browser, org: OrgDriver) -> None:
    ida = org.create("Bo")
    pages = [
        browser.send(f"/brugere/{ida}/gensend", command_id=uuid4()) for _ in range(MAILS_TO_USER.most + 1)
    ]
    assert [is_stopped(page) for page in pages] == [False] * MAILS_TO_USER.most + [True]


def test_files_and_exports_are_few_a_minute(log_in_as: LogInAs) -> None:
    browser = log_in_as(Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR)
    files = {"fil": ("brugere.csv", b"Aktion")}
    pages = [browser.send("/brugere/fil", files=files) for _ in range(FILES_OF_ACTOR.most + 1)]
    assert [is_stopped(page) for page in pages] == [False] * FILES_OF_ACTOR.most + [True]
    page = browser.open("/haendelseslog/eksport")
    exports = [browser.press(page, "Hent eksport") for _ in range(EXPORTS_OF_ACTOR.most + 1)]
    assert [is_stopped(page) for page in exports] == [False] * EXPORTS_OF_ACTOR.most + [True]
