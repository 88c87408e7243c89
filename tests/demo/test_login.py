"""The demo's way in, and that nothing but `brugerbog demo` leads to it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import brugerbog
from brugerbog.demo.identity_page import DemoIdentityData
from brugerbog.demo.login import DemoLogin, Person
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.oidc import OidcLogin
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.folder_transport import FolderTransport
from brugerbog.infrastructure.web.settings import OidcSettings, WebSettings
from tests.application.mail.captured_mails import CapturedMails
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.org_driver import OrgDriver

SOURCE = Path(brugerbog.__file__).parent
DEMO_PAGES = ("/demo/log-ind", "/demo/post", "/demo/bekraeft-identitet")


def imported_by(file: Path) -> set[str]:
    """The modules of ours that one imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {name for name in found if name.startswith("brugerbog")}


def knowing(modules: set[str]) -> set[str]:
    return {file.stem for file in SOURCE.rglob("*.py") if modules & imported_by(file)}


def test_only_the_program_and_the_demo_import_the_login_without_mitid() -> None:
    importing = {
        file.relative_to(SOURCE).parts[0]
        for file in SOURCE.rglob("*.py")
        if any(one.startswith("brugerbog.demo") for one in imported_by(file))
    }
    assert importing == {"__main__.py", "demo"}


def test_no_setting_is_about_it() -> None:
    settings = [SOURCE / "infrastructure" / "web" / "settings.py", SOURCE / "infrastructure" / "settings.py"]
    assert [file for file in settings if "demo" in file.read_text("utf-8").casefold()] == []


@pytest.mark.parametrize("path", DEMO_PAGES)
def test_pages_behind_a_broker_have_none_of_the_demos(org: OrgDriver, path: str) -> None:
    oidc = OidcSettings(issuer="http://127.0.0.1:9", client_id="brugerbog")
    browser = Browser(application(org.service, WebSettings(base_url=BASE_URL, oidc=oidc), OidcLogin(oidc)))
    assert browser.open(path).status == browser.send(path, person=str(org.id), videre="/").status == 404


@pytest.fixture
def played(org: OrgDriver, tmp_path: Path) -> Browser:
    """The demo's pages, in which one may be Ida, a user administrator; mails lie in a folder."""
    ida = org.create_active("Ida", "Administrator")
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    person = Person(ida, org.id, "Ida Administrator", "Prøve Kommune", "Brugeradministrator", "Prøv det.")
    way = DemoLogin([person], [DemoIdentityData("Ida", "070961-0000")], tmp_path)
    return Browser(application(org.service, WebSettings(base_url=BASE_URL), way))


def test_the_login_page_says_that_it_is_a_demo_with_made_up_people(played: Browser) -> None:
    page = played.press(played.open("/log-ind"), "Log ind med MitID")
    assert page.path.startswith("/demo/log-ind")
    assert "Dette er en demo. Personer, numre og organisationer er opdigtede" in page.alert


def test_one_is_whom_one_chooses_and_goes_on_where_one_was_going(played: Browser) -> None:
    page = played.press(played.open("/demo/log-ind?videre=/min-profil"), "Ida Administrator")
    assert page.path == "/min-profil"


def test_nobody_but_those_named_may_be_played(org: OrgDriver, played: Browser) -> None:
    somebody = org.create_active("Bo", "Prøve", email="bo@by.test")
    page = played.send("/demo/log-ind", person=str(somebody), videre="/")
    assert (page.path, played.open("/brugere").path.partition("?")[0]) == ("/demo/log-ind", "/log-ind")


def test_mails_are_read_newest_first_and_their_links_work(
    org: OrgDriver, played: Browser, tmp_path: Path
) -> None:
    post, transport = CapturedMails(org), FolderTransport(tmp_path, Sender("demo@by.test", "Demo"))
    post.dispatch()
    org.clock.advance()
    org.create("Eva", "Ny", email="eva@by.test")
    for letter in post.dispatch():
        transport.deliver(replace(letter, text=letter.text.replace("http://by.test", BASE_URL)))
    page = played.open("/demo/post")
    subjects = [one.get_text() for one in page.soup.select("summary h2")]
    assert subjects == ["Aktivér dig som bruger i MitID Erhverv", "Du har fået en rolle i MitID Erhverv"]
    assert "Kære Eva Ny" in page.text
    (link,) = page.soup.select(".letter a")
    assert played.open(str(link["href"])).heading == "Aktivér dig som bruger i MitID Erhverv"


def test_there_may_be_no_mail(played: Browser) -> None:
    assert "Der er ingen mails endnu." in played.open("/demo/post").text
