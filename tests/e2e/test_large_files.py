"""A large file is imported in a browser: one sees how far it is, and other pages stay quick meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from brugerbog.application.commands.imports import importer
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.web import background_jobs
from tests.application.commands.imports.csv_rows import create, file_of
from tests.e2e.browser_page import BrowserPage
from tests.e2e.conftest import BROWSER_KINDS, CLOCK, BrowserKind, OpenPage
from tests.e2e.served_pages import ServedPages, serve_pages
from tests.given import BORN
from tests.org_driver import CPRS_A_DAY, OrgDriver, open_service, register_org
from tests.people import made_up_cpr

PATIENCE = 300
QUICK = 3.0
"""Seconds within which any page must be there."""

AMONG_MANY = 10.0
"""The same on a machine that does all other tests meanwhile: nobody waits until the import is over."""


@pytest.fixture
def kind() -> BrowserKind:
    return BROWSER_KINDS[0]


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[ServedPages]:
    """A store in a file, in which others read while one writes."""
    url = f"sqlite:///{tmp_path / 'org.db'}"
    with (
        open_service(url, tmp_path, clock=CLOCK, catches_up=False) as service,
        serve_pages(service, CLOCK) as own,
    ):
        yield own


@pytest.fixture
def own_org(own_stage: ServedPages) -> OrgDriver:
    return register_org(own_stage.service, CLOCK)


def file_with(rows: int) -> bytes:
    return file_of(
        *(
            create(
                serial % CPRS_A_DAY,
                cpr=made_up_cpr(BORN + timedelta(serial // CPRS_A_DAY), serial % CPRS_A_DAY),
            )
            for serial in range(rows)
        )
    )


def watch(page: BrowserPage, other: BrowserPage, heading: str) -> tuple[list[int], float]:
    """How far it is said to be until it is over, and the longest that others waited for a page."""
    far, slowest = [0], 0.0
    until = time.monotonic() + PATIENCE
    while page.driver.locator("h1").inner_text() != heading:
        assert time.monotonic() < until, f"it isn't over: {page.text()}"
        begun = time.monotonic()
        other.open("/brugere")
        slowest = max(slowest, time.monotonic() - begun)
        said = re.search(r"([\d.]+) af [\d.]+ rækker", page.text())
        if said:
            far.append(int(said[1].replace(".", "")))
    return far, slowest


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes long enough to be followed, on any machine."""
    monkeypatch.setattr(background_jobs, "START_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(background_jobs, "PROGRESS_SECONDS", 0.1)


def imports(open_page: OpenPage, org: OrgDriver, at: ServedPages, rows: int) -> tuple[list[int], float]:
    ida = org.create_active("Ida", "Administrator")
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    page, other = open_page(at), open_page(at)
    at.log_in(page, ida, org.id, [Role.USER_ADMINISTRATOR])
    page.open("/brugere/fil")
    page.pick_file("Vælg fil", "brugere.csv", file_with(rows))
    page.press("Næste")
    watch(page, other, "Filen er kontrolleret")
    page.press("Importér")
    followed = watch(page, other, "Kvittering")
    page.sees(f"Oprettet {rows:,}".replace(",", "."))
    return followed


@pytest.mark.usefixtures("followed")
def test_one_sees_how_far_an_import_is_while_others_work(
    open_page: OpenPage, own_stage: ServedPages, own_org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK", 50)
    far, slowest = imports(open_page, own_org, own_stage, 1_000)
    assert far == sorted(far)
    assert len(set(far)) > 1
    assert slowest < AMONG_MANY


def test_ten_thousand_rows_are_followed_and_keep_nobody_waiting(
    open_page: OpenPage,
    own_stage: ServedPages,
    own_org: OrgDriver,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    if not full:
        pytest.skip("runs with --full")
    far, slowest = imports(open_page, own_org, own_stage, 10_000)
    assert far == sorted(far)
    assert len(set(far)) > 1
    assert slowest < QUICK
