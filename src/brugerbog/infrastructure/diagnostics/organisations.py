"""Check of the MACs of organisations' events, on which roles and clients depend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.diagnostics import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext


def organisations(context: CheckContext) -> Iterator[Finding]:
    """Load each organisation, which checks its events' MACs. Raises: OrganisationForged."""
    yield findings.ORGANISATIONS_GENUINE.finding(count=context.log().check_organisations())
