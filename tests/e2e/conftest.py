"""The pages of a town in a real browser: on a desk and on a phone, with scripts and without."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from brugerbog.domain.act import Role
from brugerbog.entrypoints.web.demo_way import DemoWay
from brugerbog.entrypoints.web.serving import application, listen
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.e2e.window import Window
from tests.journeys.town import Town, open_town

LOOKS = Path(__file__).parents[2] / ".e2e"
"""Where screenshots are kept, by test and kind of window."""

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


class Kind(NamedTuple):
    """A kind of window."""

    name: str
    width: int
    height: int
    scripts: bool


KINDS = (
    Kind("desk", 1280, 900, scripts=True),
    Kind("phone", 360, 740, scripts=True),
    Kind("desk-plain", 1280, 900, scripts=False),
    Kind("phone-plain", 360, 740, scripts=False),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        if os.environ.get("BRUGERBOG_REQUIRE_BROWSER"):
            pytest.fail("BRUGERBOG_REQUIRE_BROWSER is set, but there is no Chromium", pytrace=False)
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield opened
        opened.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(
        f"sqlite:///{tmp_path / 'town.db'}", tmp_path, clock=FrozenClock(), catches_up=False
    ) as town:
        yield town


@dataclass
class Served:
    """An application at an address."""

    app: FastAPI
    address: str


@pytest.fixture
def served(town: Town) -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = application(town.service, WebSettings(base_url=address), DemoWay([]))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(app, address)
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


Sits = Callable[..., Window]


@pytest.fixture
def sits_down(
    request: pytest.FixtureRequest, browser: Browser, served: Served, town: Town, kind: Kind
) -> Iterator[Sits]:
    """Somebody with these roles, logged in, in a window of his own."""
    looks = LOOKS / re.sub(r"[^\w-]+", "-", request.node.name.removeprefix("test_")).strip("-")
    shutil.rmtree(looks, ignore_errors=True)
    looks.mkdir(parents=True)
    opened = []

    def sit(*roles: Role, user_id: UUID | None = None) -> Window:
        if user_id is None:
            user_id = town.create_active("Ida", "Administrator", email="ida@by.test")
        for role in roles:
            town.administration.give_role(town.actor, user_id, role)
        desk = served.app.state.desk
        token = desk.sessions.begin(user_id, town.id, frozenset(roles))
        context = browser.new_context(
            viewport={"width": kind.width, "height": kind.height},
            java_script_enabled=kind.scripts,
            locale="da-DK",
            timezone_id="Europe/Copenhagen",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.add_cookies([{"name": desk.cookie, "value": token.reveal(), "url": served.address}])
        context.set_default_timeout(10_000)
        window = Window(context.new_page(), served.address, looks, kind.scripts)
        window.page.on("pageerror", lambda error: window.wrong.append(str(error)))
        window.page.on(
            "console", lambda said: window.wrong.append(said.text) if said.type == "error" else None
        )
        opened.append((context, window))
        return window

    yield sit
    for context, window in opened:
        context.close()
        broken = [one for one in window.wrong if "422" not in one]
        assert not broken, broken


@pytest.fixture
def window(sits_down: Sits) -> Window:
    """A user administrator's, at the list of users."""
    opened = sits_down(Role.USER_ADMINISTRATOR)
    opened.open("/brugere")
    return opened
