"""Looks at pages: takes their pictures, and holds every shape of page against WCAG 2.2 A and AA once."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
_RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,
}
_WITHOUT_COLOURS = {"color-contrast": {"enabled": False}}
"""Most of the work; colours are the same in every width."""


@dataclass
class Inspector:
    """Knows what it has judged: a part of the same shape, with other words, would be judged the same."""

    _judged: dict[int, set[str]] = field(default_factory=dict)
    _pictured: set[tuple[int, str]] = field(default_factory=set)

    def look(self, page: Page, picture: Path, *, scripts: bool, again: bool) -> None:
        """Keep a picture, `again` also of a shape that has one. Without scripts no rules can be asked."""
        assert page.viewport_size is not None
        width = page.viewport_size["width"]
        page.evaluate(_SCRIPT)
        seen = page.evaluate("() => inspector.look()")
        assert not seen["twice"], f"{page.url} has several elements of one id: {seen['twice']}"
        if (again and scripts) or (width, seen["shape"]) not in self._pictured:
            self._pictured.add((width, seen["shape"]))
            take_picture(page, picture)
        if scripts and seen["shape"] not in self._judged.setdefault(width, set()):
            self._judge(page, width, seen)

    def _judge(self, page: Page, width: int, seen: dict[str, Any]) -> None:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        known = any(seen["shape"] in judged for judged in self._judged.values())
        rules = _RULES | {"rules": _WITHOUT_COLOURS if known else {}}
        judged = self._judged[width]
        wrong = page.evaluate("([judged, rules]) => inspector.judge(judged, rules)", [sorted(judged), rules])
        assert not wrong, f"{page.url}: {wrong}"
        judged |= {seen["shape"], *seen["blocks"]}


def take_picture(page: Page, path: Path) -> None:
    """The whole page; asked for directly, it costs two thirds of what `page.screenshot` does."""
    session = page.context.new_cdp_session(page)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    taken = session.send(
        "Page.captureScreenshot",
        {"captureBeyondViewport": True, "optimizeForSpeed": True, "clip": {**size, "scale": 1}},
    )
    path.write_bytes(b64decode(taken["data"]))
    session.detach()
