"""What a stop on the way through all pages is, and the steps that lead to states no address leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.browser_page import BrowserPage
    from tests.e2e.demo_pages import DemoPages

Steps = Callable[["BrowserPage", "DemoPages"], None]


@dataclass(frozen=True)
class Case:
    """A page in a state: opened by one of `ROLES` or by nobody, at `path` or at its route; then the steps.

    In `path` stand names of `Place.ids`. `sees` must be on the page.
    """

    name: str
    route: str
    by: str | None
    sees: str
    path: str = ""
    steps: Steps | None = None
    status: int = 200


def presses(*words: str) -> Steps:
    def steps(page: BrowserPage, _place: DemoPages) -> None:
        for word in words:
            page.press(word)

    return steps


def fills(press: str, fields: dict[str, str]) -> Steps:
    """Fill in fields, named by how their labels begin, and press."""

    def steps(page: BrowserPage, _place: DemoPages) -> None:
        for label, value in fields.items():
            page.fill(label, value)
        page.press(press)

    return steps


def ticks(*labels: str, press: str) -> Steps:
    def steps(page: BrowserPage, _place: DemoPages) -> None:
        for label in labels:
            page.tick(label)
        page.press(press)

    return steps


def unfolds(*headings: str) -> Steps:
    def steps(page: BrowserPage, _place: DemoPages) -> None:
        for heading in headings:
            page.unfold(heading)

    return steps


def unfolds_all(page: BrowserPage, _place: DemoPages) -> None:
    """Whatever is folded."""
    for one in page.driver.locator("main details:not([open]) > summary:visible").all()[::-1]:
        one.click()


def opens_dropdown(label: str) -> Steps:
    """A dropdown."""

    def steps(page: BrowserPage, _place: DemoPages) -> None:
        page.dropdown(label).locator("summary").first.click()

    return steps


def opens_narrow_menu(page: BrowserPage, _place: DemoPages) -> None:
    """The menu of a phone."""
    page.driver.set_viewport_size({"width": 360, "height": 740})
    page.driver.locator("details.menu-narrow summary").click()


def chain(*several: Steps) -> Steps:
    def steps(page: BrowserPage, demo_pages: DemoPages) -> None:
        for one in several:
            one(page, demo_pages)

    return steps
