"""A real browser's window, used by the words that a person reads on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@dataclass
class Window:
    """One page in a window. `looks` is where screenshots go; without scripts, axe can't be asked."""

    page: Page
    address: str
    looks: Path
    scripts: bool
    wrong: list[str] = field(default_factory=list)
    _count: int = 0

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def goes_to(self, *words: str) -> None:
        """Follow the menu and links by their words, as `Menu > Brugere` says."""
        for word in words:
            menu = self.page.locator("details.menu-narrow")
            if menu.is_visible() and not menu.evaluate("one => one.open") and self._in_menu(word):
                menu.locator("summary").click()
            self.link(word).click()

    def _in_menu(self, word: str) -> bool:
        return any(word in text for text in self.page.locator(".menu-narrow a").all_text_contents())

    def link(self, word: str) -> Locator:
        links = self.page.get_by_role("link", name=re.compile(rf"^\s*{re.escape(word)}"))
        return links.locator("visible=true").first

    def press(self, word: str) -> None:
        """A button, or what looks like one, by its words."""
        named = re.compile(rf"^\s*{re.escape(word)}\s*$")
        for role in ("button", "link"):
            found = self.page.locator("main").get_by_role(role, name=named).locator("visible=true")  # type: ignore[arg-type]
            if found.count():
                found.first.click()
                return
        raise AssertionError(f"no button '{word}' on {self.page.url}: {self.text()[:2000]}")

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).locator("visible=true").first.fill(value)

    def choose(self, label: str, option: str) -> None:
        named = self.page.get_by_label(re.compile(rf"^{re.escape(label)}"))
        named.locator("visible=true").first.select_option(label=option)

    def tick(self, label: str) -> None:
        """The box itself is drawn by its label, which is what people press."""
        self.page.locator("label", has_text=re.compile(rf"^\s*{re.escape(label)}")).locator(
            "visible=true"
        ).first.click()

    def unfold(self, heading: str) -> None:
        """A part of the page that is folded."""
        part = self.page.locator(
            "details.section", has=self.page.get_by_role("heading", name=heading, exact=True)
        )
        if not part.evaluate("one => one.open"):
            part.locator("summary").first.click()

    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    def sees(self, *texts: str) -> None:
        shown = self.text()
        for text in texts:
            assert text in shown, f"'{text}' isn't on {self.page.url}: {shown[:2000]}"

    def sees_not(self, *texts: str) -> None:
        shown = self.text()
        for text in texts:
            assert text not in shown, f"'{text}' is on {self.page.url}"

    def looks_like(self, name: str) -> None:
        """Keep a picture of the page, and hold it against WCAG 2.2 A and AA."""
        self._count += 1
        self.page.screenshot(path=self.looks / f"{self._count:02}-{name}.png", full_page=True)
        width: Any = self.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{self.page.url} is {width[0]} px wide in a window of {width[1]} px"
        if not self.scripts:
            return
        found = Axe().run(self.page, options=_RULES)
        assert not found.violations_count, f"{self.page.url}: {found.generate_report()}"
