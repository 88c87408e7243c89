"""The pages' judge: what it would miss, no test of a page would show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.inspector import Inspector

Judges = Callable[[str], str]


@pytest.fixture
def judges(browser: Browser, tmp_path: Path) -> Iterator[Judges]:
    page, inspector = browser.new_page(), Inspector()

    def judge(body: str) -> str:
        page.set_content(f"<html lang=da><title>Prøve</title><header>MitID</header><main>{body}</main>")
        try:
            inspector.look(page, tmp_path / "picture.png", scripts=True, again=True)
        except AssertionError as wrong:
            return str(wrong)
        assert (tmp_path / "picture.png").stat().st_size > 0
        return ""

    yield judge
    page.close()


def test_it_finds_what_is_wrong_wherever_it_stands(judges: Judges) -> None:
    good = "<p>Ord</p><label for=a>Navn</label><input id=a>"
    assert judges(good) == ""
    assert "label" in judges(f"{good}<input id=b>")
    assert "button-name" in judges(f"{good}<ul><li>Et<li>To<li><button></button></ul>")
    assert "color-contrast" in judges(f"<p>Ord</p><p style='color: #ccc'>Ord</p>{good}")
    assert judges(good) == ""
