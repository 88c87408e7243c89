"""What a stop on the way through all pages is, and the steps that lead to states no address leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.place import Place
    from tests.e2e.window import Window

Steps = Callable[["Window", "Place"], None]


@dataclass(frozen=True)
class Stop:
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
    def steps(window: Window, _place: Place) -> None:
        for word in words:
            window.press(word)

    return steps


def fills(press: str, fields: dict[str, str]) -> Steps:
    """Fill in fields, named by how their labels begin, and press."""

    def steps(window: Window, _place: Place) -> None:
        for label, value in fields.items():
            window.fill(label, value)
        window.press(press)

    return steps


def ticks(*labels: str, press: str) -> Steps:
    def steps(window: Window, _place: Place) -> None:
        for label in labels:
            window.tick(label)
        window.press(press)

    return steps


def unfolds(*headings: str) -> Steps:
    def steps(window: Window, _place: Place) -> None:
        for heading in headings:
            window.unfold(heading)

    return steps


def unfolds_all(window: Window, _place: Place) -> None:
    """Whatever is folded."""
    for one in window.page.locator("main details:not([open]) > summary:visible").all()[::-1]:
        one.click()


def lets_stand_open(label: str) -> Steps:
    """A dropdown."""

    def steps(window: Window, _place: Place) -> None:
        window.dropdown(label).locator("summary").first.click()

    return steps


def opens_narrow_menu(window: Window, _place: Place) -> None:
    """The menu of a phone."""
    window.page.set_viewport_size({"width": 360, "height": 740})
    window.page.locator("details.menu-narrow summary").click()


def chain(*several: Steps) -> Steps:
    def steps(window: Window, place: Place) -> None:
        for one in several:
            one(window, place)

    return steps
