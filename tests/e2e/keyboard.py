"""Somebody who uses no mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.browser_page import BrowserPage

FURTHEST = 80
"""So often Tab is pressed in search of something before it counts as out of reach."""

_FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0] ?? one.closest("summary") ?? one;
  const seen = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
                          || style.boxShadow !== "none";
  const isSeen = seen(getComputedStyle(one)) || seen(getComputedStyle(label, "::before"))
                 || seen(getComputedStyle(label));
  return {called: one.getAttribute("aria-label") ?? label.innerText ?? "", isSeen, id: one.id};
}"""


class Keyboard:
    """Tab, Enter, Space and Escape in a window; wherever the focus stands, it must be seen."""

    def __init__(self, page: BrowserPage) -> None:
        self._window = page
        self._keys = page.driver.keyboard

    @property
    def focused(self) -> Any:  # noqa: ANN401 - what the page answers
        """What has the focus: what it is called, its id, and whether one sees that it has it."""
        return self._window.driver.evaluate(_FOCUSED)

    def tabs_to(self, called: str) -> None:
        """Go forward to what is called so."""
        for _ in range(FURTHEST):
            self._keys.press("Tab")
            one = self.focused
            assert one["isSeen"] or not one["called"], f"the focus on '{one['called']}' can't be seen"
            if one["called"].strip().startswith(called):
                return
        raise AssertionError(f"'{called}' is out of reach on {self._window.driver.url}")

    def types(self, called: str, text: str) -> None:
        self.tabs_to(called)
        self._keys.type(text)

    def presses(self, called: str, key: str = "Enter") -> None:
        self.tabs_to(called)
        self._keys.press(key)

    def escapes(self) -> None:
        self._keys.press("Escape")
