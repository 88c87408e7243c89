"""A real browser's window, used by the words that a person reads on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.inspector import Inspector

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Locator, Page

_EXPECTED = re.compile(r"status of (400|403|404|409|410|422|429)")
"""Chromium calls every page an error whose status says that something was refused."""

_SCRIPTED = "[data-copies], [data-ticks], [data-counts], [data-follows], [data-says], noscript"

CREATE_ARROW = "Flere måder at oprette og redigere brugere på"
"""What the arrow beside the create button is called for those who can't see it."""


@dataclass
class BrowserPage:
    """One page in a window. `looks` is where its pictures go; `wrong` is what its scripts complain of."""

    driver: Page
    address: str
    looks: Path
    inspector: Inspector
    scripts: bool
    wrong: list[str] = field(default_factory=list)
    _count: int = 0

    def listen(self) -> None:
        """Note what goes wrong in the page without being seen."""
        self.driver.on("pageerror", self._failed)
        self.driver.on("console", self._heard)

    def leave(self) -> None:
        """Let somebody else use the window."""
        self.driver.remove_listener("pageerror", self._failed)
        self.driver.remove_listener("console", self._heard)

    def _failed(self, error: object) -> None:
        self.wrong.append(str(error))

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not _EXPECTED.search(said.text):
            self.wrong.append(said.text)

    def open(self, path: str) -> None:
        self.driver.goto(f"{self.address}{path}")

    @property
    def path(self) -> str:
        """Where it is, without the place on the page."""
        return self.driver.url.removeprefix(self.address).partition("#")[0]

    def follow(self, *words: str) -> None:
        """Follow the menu and links by their words, as `Menu > Brugere` says."""
        for word in words:
            menu = self.driver.locator("details.menu-narrow")
            if menu.is_visible() and not menu.evaluate("one => one.open") and self._in_menu(word):
                menu.locator("summary").click()
            self.link(word).click()

    def _in_menu(self, word: str) -> bool:
        return any(word in text for text in self.driver.locator(".menu-narrow a").all_text_contents())

    def menu(self) -> list[str]:
        """The words of the menu, in order."""
        return [text.strip() for text in self.driver.locator(".menu-wide a").all_text_contents()]

    def link(self, word: str) -> Locator:
        return self.driver.locator("a:visible", has_text=re.compile(rf"^\s*{re.escape(word)}")).first

    def button(self, word: str) -> Locator:
        """What is pressed, by all its words: a button, or what looks like one."""
        named = re.compile(rf"^\s*{re.escape(word)}\s*$")
        found = self.driver.locator("main :is(button, a, summary):visible", has_text=named)
        assert found.count(), f"no button '{word}' on {self.driver.url}: {self.text()[:2000]}"
        return found.first

    def press(self, word: str) -> None:
        self.button(word).click()

    def field(self, label: str) -> Locator:
        """A field, by how its label begins."""
        named = self.driver.locator("label:visible", has_text=re.compile(rf"^\s*{re.escape(label)}"))
        return self.driver.locator(f'[id="{named.first.get_attribute("for")}"]')

    def fill(self, label: str, value: str) -> None:
        self.field(label).fill(value)

    def choose(self, label: str, option: str) -> None:
        self.field(label).select_option(label=option)

    def tick(self, label: str) -> None:
        """People press a box's label, by which it is drawn; in a list that says nothing, the box itself."""
        pressed = self.driver.locator("label:visible", has_text=re.compile(rf"^\s*{re.escape(label)}")).first
        if pressed.locator(".sr-only").count():
            pressed = self.driver.locator(f'[id="{pressed.get_attribute("for")}"]')
        pressed.click()

    def pick_file(self, label: str, name: str, content: str | bytes) -> None:
        """Choose a file of one's own."""
        self.field(label).set_input_files(
            {
                "name": name,
                "mimeType": "text/csv",
                "buffer": content.encode() if isinstance(content, str) else content,
            }
        )

    def section(self, heading: str) -> Locator:
        """A part of the page that folds."""
        return self.driver.locator(
            "details.section", has=self.driver.locator("h2", has_text=re.compile(rf"^{heading}$"))
        )

    def unfold(self, heading: str) -> None:
        part = self.section(heading)
        if not part.evaluate("one => one.open"):
            part.locator("summary").first.click()

    def cells(self, caption: str, column: int) -> list[str]:
        """What stands in a column of a table, by how its caption begins."""
        table = self.driver.locator(
            "table", has=self.driver.locator("caption", has_text=re.compile(rf"^{caption}"))
        )
        return table.locator(f"tbody tr > :nth-child({column})").all_inner_texts()

    def text(self) -> str:
        return " ".join(self.driver.locator("main").inner_text().split())

    def sees(self, *texts: str) -> None:
        shown = self.text()
        for text in texts:
            assert text in shown, f"'{text}' isn't on {self.driver.url}: {shown[:2000]}"

    def sees_not(self, *texts: str) -> None:
        shown = self.text()
        for text in texts:
            assert text not in shown, f"'{text}' is on {self.driver.url}"

    def reads(self, *texts: str) -> None:
        """See them in this order."""
        shown, demo_pages = self.text(), 0
        for text in texts:
            demo_pages = shown.find(text, demo_pages)
            assert demo_pages >= 0, f"'{text}' isn't where it should be on {self.driver.url}: {shown[:2000]}"
            demo_pages += len(text)

    def dropdown(self, label: str) -> Locator:
        """The arrow of the create button, or the three dots of a row."""
        return self.driver.locator(
            "details.dropdown", has=self.driver.locator(f'[aria-label^="{label}"]:visible')
        )

    def opens(self, word: str, label: str = CREATE_ARROW) -> None:
        """Open a dropdown, and choose from it."""
        self.dropdown(label).locator("summary").click()
        self.dropdown(label).locator("a", has_text=re.compile(rf"^{re.escape(word)}$")).click()

    def choices(self, label: str = CREATE_ARROW) -> list[str]:
        """What a dropdown offers."""
        return self.dropdown(label).locator("a").all_text_contents()

    def is_above(self, upper: Locator, lower: Locator) -> bool:
        one, other = upper.bounding_box(), lower.bounding_box()
        assert one is not None and other is not None  # noqa: PT018 - both are seen
        return one["y"] + one["height"] <= other["y"] + 1

    def uses_scripts(self) -> bool:
        """Whether the page would look or behave differently without."""
        return self.driver.locator(_SCRIPTED).count() > 0

    def width(self) -> Any:  # noqa: ANN401 - what the page answers
        """How wide the page is, and the window."""
        return self.driver.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")

    def looks_like(self, name: str, *, again: bool = True) -> None:
        """Keep a picture of the page, and hold it against WCAG 2.2 A and AA."""
        self._count += 1
        self.driver.wait_for_load_state()
        page_width, width = self.width()
        assert page_width <= width, f"{self.driver.url} is {page_width} px wide in a window of {width} px"
        picture = self.looks / f"{self._count:02}-{name}.png"
        self.inspector.look(self.driver, picture, scripts=self.scripts, again=again)
