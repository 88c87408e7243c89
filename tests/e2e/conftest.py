"""The pages in a real browser: on a desk and on a phone, with scripts and without.

Every test has an organisation of its own. Store, server, browser and window are shared by the tests,
because they cost more than the tests.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from brugerbog.domain.kernel.roles import Role
from tests.clock import FrozenClock
from tests.e2e.browser_page import BrowserPage
from tests.e2e.inspector import Inspector
from tests.e2e.served_pages import ServedPages, serve_pages
from tests.org_driver import OrgDriver, open_service, register_org

LOOKS = Path(__file__).parents[2] / ".e2e"
"""Where screenshots are kept, by test and kind of window."""

PATIENCE = 30_000
"""Milliseconds that a page may take on a machine that has much else to do."""

CLOCK = FrozenClock()
"""What all organisations go by; it stands still."""

_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first draws the same pages as the second in two thirds of the time: it draws no window around them."""

_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--lang=da-DK"]  # fmt: skip
_CVRS = map(str, count(90000001))


@dataclass
class Profile:
    """A browser's profile and its windows that nobody uses; what it has fetched of the design it keeps."""

    context: BrowserContext
    _free: list[Page] = field(default_factory=list)

    def take(self) -> Page:
        return self._free.pop() if self._free else self.context.new_page()

    def give_back(self, page: Page) -> None:
        """For the next test, in which nobody is logged in yet."""
        self.context.clear_cookies()
        page.goto("about:blank")
        self._free.append(page)


class BrowserKind(NamedTuple):
    """A kind of window."""

    name: str
    width: int
    height: int
    scripts: bool


BROWSER_KINDS = (
    BrowserKind("desk", 1280, 900, scripts=True),
    BrowserKind("phone", 360, 740, scripts=True),
    BrowserKind("desk-plain", 1280, 900, scripts=False),
    BrowserKind("phone-plain", 360, 740, scripts=False),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the short form each of the fourteen jobs is done in one kind of window: all four take turns."""
    if config.getoption("full"):
        return
    jobs: dict[str, int] = {}
    for item in [one for one in items if "test_fourteen_jobs" in one.nodeid]:
        assert isinstance(item, pytest.Function)
        turn = jobs.setdefault(item.originalname, len(jobs))
        if item.callspec.params["kind"] is not BROWSER_KINDS[turn % len(BROWSER_KINDS)]:
            items.remove(item)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        if os.environ.get("BRUGERBOG_REQUIRE_BROWSER"):
            pytest.fail("BRUGERBOG_REQUIRE_BROWSER is set, but there is no Chromium", pytrace=False)
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def served_pages() -> Iterator[ServedPages]:
    """A store in memory at a time that stands still, and its pages at an address."""
    with open_service(clock=CLOCK, catches_up=False) as service, serve_pages(service, CLOCK) as served_pages:
        yield served_pages


@pytest.fixture
def org(served_pages: ServedPages) -> OrgDriver:
    """An organisation that allows everything."""
    return register_org(served_pages.service, CLOCK, cvr=next(_CVRS))


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """Knows what it has looked at."""
    return Inspector()


ProfileOf = Callable[[BrowserKind], Profile]


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Iterator[ProfileOf]:
    """A browser profile for each kind of window."""
    made: dict[BrowserKind, Profile] = {}

    def of(kind: BrowserKind) -> Profile:
        if kind not in made:
            context = browser.new_context(
                viewport={"width": kind.width, "height": kind.height},
                java_script_enabled=kind.scripts,
                locale="da-DK",
                timezone_id="Europe/Copenhagen",
                permissions=["clipboard-read", "clipboard-write"],
            )
            context.set_default_timeout(PATIENCE)
            made[kind] = Profile(context)
        return made[kind]

    yield of
    for profile in made.values():
        profile.context.close()


@pytest.fixture(params=BROWSER_KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> BrowserKind:
    chosen: BrowserKind = request.param
    return chosen


@pytest.fixture
def looks(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder for the pictures of this test."""
    looks = LOOKS / re.sub(r"[^\w-]+", "-", request.node.name.removeprefix("test_")).strip("-")
    shutil.rmtree(looks, ignore_errors=True)
    looks.mkdir(parents=True)
    yield looks
    if not any(looks.iterdir()):
        looks.rmdir()


OpenPage = Callable[..., BrowserPage]


@pytest.fixture
def open_page(
    profiles: ProfileOf, served_pages: ServedPages, kind: BrowserKind, looks: Path, inspector: Inspector
) -> Iterator[OpenPage]:
    """A window in which nobody is logged in; of another stage or kind than the test's if said."""
    served_pages.reset_rate_limits()
    opened: list[tuple[BrowserPage, Profile]] = []

    def open_window(at: ServedPages = served_pages, of: BrowserKind = kind) -> BrowserPage:
        profile = profiles(of)
        page = BrowserPage(profile.take(), at.address, looks, inspector, of.scripts)
        page.listen()
        opened.append((page, profile))
        return page

    yield open_window
    for page, profile in opened:
        page.leave()
        profile.give_back(page.driver)
    broken = [wrong for page, _ in opened for wrong in page.wrong]
    assert not broken, broken


LogInAs = Callable[..., BrowserPage]


@pytest.fixture
def log_in_as(open_page: OpenPage, served_pages: ServedPages, org: OrgDriver) -> LogInAs:
    """Somebody with these roles, logged in: Ida Administrator, unless another is said."""

    def sit(*roles: Role, user_id: UUID | None = None) -> BrowserPage:
        if user_id is None:
            user_id = org.create_active("Ida", "Administrator", email="ida@by.test")
        for role in roles:
            org.administration.give_role(org.actor, user_id, role)
        page = open_page()
        served_pages.log_in(page, user_id, org.id, roles)
        return page

    return sit


@pytest.fixture
def page(log_in_as: LogInAs) -> BrowserPage:
    """A user administrator's."""
    return log_in_as(Role.USER_ADMINISTRATOR)
