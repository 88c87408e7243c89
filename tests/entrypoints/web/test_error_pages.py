import pytest

from tests.entrypoints.web.browser import Browser
from tests.org_driver import OrgDriver

NOBODY = "00000000-0000-7000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("path", "status", "heading", "said"),
    [
        ("/kaffe", 404, "Ikke fundet", "Siden findes ikke."),
        (f"/brugere/{NOBODY}", 404, "Ikke fundet", "Brugeren findes ikke i organisationen."),
        ("/indstillinger", 403, "Du har ikke adgang", "Du har ikke en rolle, der giver lov til det."),
        ("/brugere?status=sur", 400, "Siden blev ikke forstået", "Begynd forfra."),
    ],
)
def test_what_went_wrong_is_shown_with_the_menu_around_it(
    browser: Browser, path: str, status: int, heading: str, said: str
) -> None:
    page = browser.open(path)
    assert (page.status, page.heading) == (status, heading)
    assert page.title.startswith(heading)
    assert said in page.alert
    assert "Brugere" in page.menu


def test_who_is_not_logged_in_is_shown_without_a_menu(browser: Browser) -> None:
    browser.client.cookies.clear()
    page = browser.open("/kaffe")
    assert (page.status, page.menu) == (404, [])


def test_a_user_who_is_deleted_is_shown_to_be_gone(org: OrgDriver, browser: Browser) -> None:
    somebody = org.create()
    org.delete(somebody)
    page = browser.open(f"/brugere/{somebody}")
    assert (page.status, page.heading) == (410, "Findes ikke længere")


def test_what_was_left_to_be_said_is_said_there_too(org: OrgDriver, browser: Browser) -> None:
    somebody = org.create("Anne", "Ude")
    page = browser.open(f"/brugere/{somebody}/slet")
    browser.client.post(
        f"/brugere/{somebody}/slet",
        data={"command_id": page.value("command_id")},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    assert browser.open(f"/brugere/{somebody}").alert == "Anne Ude er slettet permanent."


def test_the_title_of_every_page_says_first_that_something_is_wrong(org: OrgDriver, browser: Browser) -> None:
    oneself, _ = org.queries.roles(org.actor)[0]
    page = browser.open(f"/brugere/{oneself}/slet")
    assert page.title.startswith("Slet bruger")
    assert browser.press(page, "Ok").title.startswith("Fejl: Slet bruger")
