"""Every page and each of its states: on a desk and a phone, with scripts and without, and WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import stops_many, stops_organisation, stops_outside, stops_users
from tests.e2e.conftest import KINDS, Kind, Stands
from tests.e2e.place import Place, furnished
from tests.e2e.stops import Stop
from tests.e2e.window import Window
from tests.entrypoints.web.test_matrix import routes

STOPS = (*stops_users.STOPS, *stops_many.STOPS, *stops_organisation.STOPS, *stops_outside.STOPS)
DESK, PHONE, PLAIN, _ = KINDS

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
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with furnished(tmp_path_factory.mktemp("place")) as place:
        yield place


@pytest.fixture
def kind() -> Kind:
    """Each page is opened at a desk, and then the window is made as narrow as a phone."""
    return DESK


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The short form stops at every tenth, the full one everywhere."""
    if "stop" in metafunc.fixturenames:
        stops = STOPS if metafunc.config.getoption("full") else STOPS[::10]
        metafunc.parametrize("stop", stops, ids=[stop.name for stop in stops])


def test_page(stop: Stop, stands_by: Stands, place: Place) -> None:
    window = stands_by(place.stage)
    visit(stop, window, place)
    title, heading = window.page.title(), window.page.locator("h1").inner_text()
    assert place.titles.setdefault(title, heading) == heading
    look_both_ways(window)
    if window.uses_scripts():
        without = stands_by(place.stage, PLAIN)
        visit(stop, without, place)
        look_both_ways(without)


def visit(stop: Stop, window: Window, place: Place) -> None:
    place.stage.forget_rates()
    if stop.by:
        place.log_in(window, stop.by)
    if stop.path or "{" not in stop.route:
        answer = window.page.goto(place.stage.address + (stop.path or stop.route).format(**place.ids))
        assert answer is not None
        assert answer.status == stop.status
    if stop.steps:
        stop.steps(window, place)
    window.sees(stop.sees)


def look_both_ways(window: Window) -> None:
    for size in (PHONE, DESK):
        window.page.set_viewport_size({"width": size.width, "height": size.height})
        window.looks_like(f"{size.name}{'' if window.scripts else '-plain'}", again=False)


def test_no_page_is_forgotten(place: Place) -> None:
    pages = {name.removeprefix("GET ") for name in routes(place.stage.app) if name.startswith("GET ")}
    assert pages - NO_PAGES <= {stop.route for stop in STOPS}
    assert len({stop.name for stop in STOPS}) == len(STOPS)
