"""The pages of an organisation behind a fake broker."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.entrypoints.web.login.fake_broker import FakeBroker, serve_fake_broker
from tests.entrypoints.web.login.login_pages import LoginPages, open_login_pages
from tests.org_driver import OrgDriver


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    """A broker of the test's own."""
    with serve_fake_broker() as broker:
        yield broker


@pytest.fixture
def pages(org: OrgDriver, broker: FakeBroker, caplog: pytest.LogCaptureFixture) -> LoginPages:
    """The pages behind that broker, with what they log."""
    caplog.set_level(logging.INFO, "brugerbog")
    return open_login_pages(org, broker)
