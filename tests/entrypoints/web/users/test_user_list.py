from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver


def names(page: Page) -> list[str]:
    return [link.get_text() for link in page.soup.select("td[data-title=Navn] a")]


def stands_before(page: Page, first: str, then: str) -> bool:
    return page.html.index(first) < page.html.index(then)


def test_up_to_eight_users_the_create_button_stands_after_the_list_and_there_is_no_search(
    org: OrgDriver, browser: Browser
) -> None:
    org.create_many(7)
    page = browser.open("/brugere")
    assert len(names(page)) == 8
    assert stands_before(page, "<table", ">Opret bruger<")
    assert page.soup.select_one("input[type=search]") is None


def test_from_nine_users_it_stands_before_the_list_with_a_search(org: OrgDriver, browser: Browser) -> None:
    org.create_many(8)
    page = browser.open("/brugere")
    assert stands_before(page, ">Opret bruger<", "<table")
    assert page.soup.select_one("input[type=search]") is not None


def test_the_create_button_has_three_choices(browser: Browser) -> None:
    choices = browser.open("/brugere").soup.select(".split-button ul a")
    assert [one.get_text() for one in choices] == [
        "Opret bruger",
        "Opret brugere via .csv-fil",
        "Redigér brugere via .csv-fil",
    ]


def test_what_is_searched_for_stands_in_no_address(org: OrgDriver, browser: Browser) -> None:
    org.create_many(8)
    org.create("Åse", "Ø", email="aase@by.test")
    page = browser.press(browser.open("/brugere"), "Søg", ord_="åse")
    assert names(page) == ["Åse Ø"]
    assert "se" not in page.path.removeprefix("/brugere?soegning=")


def test_the_next_page_begins_behind_a_user_by_their_id(org: OrgDriver, browser: Browser) -> None:
    org.create_many(30)
    first = browser.open("/brugere?sortering=created&retning=ned")
    second = browser.open(first.link("Næste side"))
    assert (len(names(first)), len(names(second))) == (25, 6)
    assert not set(first.soup.select("td a")) & set(second.soup.select("td a"))


def test_a_page_behind_somebody_who_is_erased_is_the_first_one(org: OrgDriver, browser: Browser) -> None:
    somebody, *_ = org.create_many(9)
    org.delete(somebody)
    page = browser.open(f"/brugere?efter={somebody}")
    assert page.alert.startswith("Listen er ændret")
    assert len(names(page)) == 9


def test_a_rights_administrator_sees_users_and_no_way_to_change_them(log_in_as: LogInAs) -> None:
    page = log_in_as(Role.RIGHTS_ADMINISTRATOR).open("/brugere")
    assert names(page) == ["Ida Administrator"]
    assert "Opret bruger" not in page.text
    assert "Slet" not in page.text
