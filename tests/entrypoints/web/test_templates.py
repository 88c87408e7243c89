"""Text that somebody typed is shown as text on every page: no tag and no attribute comes of it."""

import pytest

from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.org_driver import OrgDriver

PLANTED = 'Ib<planted>"planted="1" \'planted=1'
EVERYTHING = (Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)


@pytest.fixture
def all_seeing(log_in_as: LogInAs) -> Browser:
    return log_in_as(*EVERYTHING)


def became_markup(page: Page) -> list[str]:
    found = [*page.soup.select("planted"), *page.soup.find_all(attrs={"planted": True})]
    return [str(one) for one in found]


@pytest.mark.parametrize("path", ["", "/rediger", "/deaktiver", "/slet", "/identifikationsmidler"])
def test_a_name_is_text_on_every_page_of_a_user(org: OrgDriver, all_seeing: Browser, path: str) -> None:
    # ASVS 5.0, 1.2.1
    user_id = org.create_active(PLANTED, PLANTED)
    page = all_seeing.open(f"/brugere/{user_id}{path}")
    assert (page.status, became_markup(page)) == (200, [])
    assert "<planted>" in page.soup.get_text() + "".join(
        str(one["value"]) for one in page.soup.select("input[value]")
    )


def test_a_name_is_text_in_lists_and_in_the_log(org: OrgDriver, all_seeing: Browser) -> None:
    org.create_active(PLANTED, PLANTED)
    for path in ("/brugere", "/haendelseslog"):
        page = all_seeing.open(path)
        assert (page.status, became_markup(page)) == (200, []), path
        assert "<planted>" in page.soup.get_text(), path


def test_what_a_form_said_wrongly_is_shown_as_text(all_seeing: Browser) -> None:
    form = all_seeing.open("/brugere/opret")
    page = all_seeing.press(form, "Opret bruger", first_name=PLANTED, email=PLANTED)
    assert (page.status, became_markup(page)) == (422, [])
    assert page.value("email") == PLANTED
