"""Looks at pages: takes their pictures, and holds each shape of page against WCAG 2.2 A and AA once."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,
}

_SHAPE = """() => {
  const said = ["class", "role", "type", "scope", "lang", "tabindex", "autocomplete", "fill", "stroke",
                "aria-sort", "aria-current", "aria-invalid", "aria-live", "aria-hidden"];
  const attribute = ({name, value}) =>
    said.includes(name) ? `${name}=${value}` : value.trim() ? name : `${name}=`;
  const shape = (one) => {
    const attributes = [...one.attributes].map(attribute).sort().join(" ");
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const parts = [...one.children].map(shape).filter((part, place, all) => part !== all[place - 1]);
    return `<${one.tagName} ${attributes}>${words ? "…" : ""}${parts.join("")}`;
  };
  return shape(document.documentElement);
}"""
"""A page without its words: what the rules judge by, apart from whether there are any.

Rows of the same kind count once.
"""


@dataclass
class Inspector:
    """Knows which shapes it has seen: the same one again, with other words in it, is judged the same."""

    _judged: set[tuple[int, str]] = field(default_factory=set)
    _pictured: set[tuple[int, str]] = field(default_factory=set)

    def look(self, page: Page, picture: Path, *, scripts: bool) -> None:
        """Without scripts the rules can't be asked, and a picture is kept only of what isn't the same."""
        assert page.viewport_size is not None
        key = page.viewport_size["width"], _digest(page.evaluate(_SHAPE))
        if scripts or key not in self._pictured:
            self._pictured.add(key)
            take_picture(page, picture)
        if scripts and key not in self._judged:
            found = Axe().run(page, options=_RULES)
            assert not found.violations_count, f"{page.url}: {found.generate_report()}"
            self._judged.add(key)


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


def _digest(shape: Any) -> str:  # noqa: ANN401 - what the page answers
    return sha256(str(shape).encode()).hexdigest()
