"""Fixtures of tests of commands."""

from uuid import UUID

import pytest

from tests.org_driver import OrgDriver


@pytest.fixture
def ida(org: OrgDriver) -> UUID:
    return org.create_active()
