"""Whether every organisation's events were recorded by this installation: roles and clients hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application import signs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.checkup import Finding
    from brugerbog.infrastructure.checks.ground import Ground


def organisations(ground: Ground) -> Iterator[Finding]:
    """Load each organisation, whose events' codes are checked with that. Raises: OrganisationForged."""
    yield signs.ORGANISATIONS_GENUINE.found(count=ground.log().check_organisations())
