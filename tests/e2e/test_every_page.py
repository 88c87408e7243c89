"""Every page and each of its states: on a desk and a phone, with scripts and without, and WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import cases_bulk, cases_logged_out, cases_organisation, cases_users
from tests.e2e.browser_page import BrowserPage
from tests.e2e.cases import Case
from tests.e2e.conftest import BROWSER_KINDS, BrowserKind, OpenPage
from tests.e2e.demo_pages import DemoPages, open_demo_pages
from tests.entrypoints.web.test_matrix import routes

CASES = (
    *cases_users.CASES,
    *cases_bulk.CASES,
    *cases_organisation.CASES,
    *cases_logged_out.CASES,
)
DESK, PHONE, PLAIN, _ = BROWSER_KINDS

NO_PAGES = {
    "/brugere/skabelon.csv",
    "/brugere/fil/{upload_id}/kvittering.csv",
    "/rapporter/{slug}.csv",
    # for what watches over the process
    "/livez",
    "/readyz",
    # a part of the page that shows how far something is
    "/brugere/fil/{upload_id}/nu",
    "/importerede/aktivering/{upload_id}/nu",
}
"""Addresses that answer with a file, a part of a page, or a machine's answer."""


@pytest.fixture(scope="session")
def demo_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPages]:
    with open_demo_pages(tmp_path_factory.mktemp("place")) as demo_pages:
        yield demo_pages


@pytest.fixture
def kind() -> BrowserKind:
    """Each page is opened at a desk, and then the window is made as narrow as a phone."""
    return DESK


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The short form stops at every tenth, the full one everywhere."""
    if "case" in metafunc.fixturenames:
        cases = CASES if metafunc.config.getoption("full") else CASES[::10]
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def test_page(case: Case, open_page: OpenPage, demo_pages: DemoPages) -> None:
    page = open_page(demo_pages.served_pages)
    visit(case, page, demo_pages)
    title, heading = page.driver.title(), page.driver.locator("h1").inner_text()
    assert demo_pages.titles.setdefault(title, heading) == heading
    look_both_ways(page)
    if page.uses_scripts():
        without = open_page(demo_pages.served_pages, PLAIN)
        visit(case, without, demo_pages)
        look_both_ways(without)


def visit(case: Case, page: BrowserPage, demo_pages: DemoPages) -> None:
    demo_pages.served_pages.reset_rate_limits()
    if case.by:
        demo_pages.log_in(page, case.by)
    if case.path or "{" not in case.route:
        answer = page.driver.goto(
            demo_pages.served_pages.address + (case.path or case.route).format(**demo_pages.ids)
        )
        assert answer is not None
        assert answer.status == case.status
    if case.steps:
        case.steps(page, demo_pages)
    page.sees(case.sees)


def look_both_ways(page: BrowserPage) -> None:
    for size in (PHONE, DESK):
        page.driver.set_viewport_size({"width": size.width, "height": size.height})
        page.looks_like(f"{size.name}{'' if page.scripts else '-plain'}", again=False)


def test_no_page_is_forgotten(demo_pages: DemoPages) -> None:
    pages = {
        name.removeprefix("GET ") for name in routes(demo_pages.served_pages.app) if name.startswith("GET ")
    }
    assert pages - NO_PAGES <= {case.route for case in CASES}
    assert len({case.name for case in CASES}) == len(CASES)
