"""Fixtures of tests of commands."""

from uuid import UUID

import pytest

from tests.org_driver import Town


@pytest.fixture
def ida(town: Town) -> UUID:
    return town.create_active()
