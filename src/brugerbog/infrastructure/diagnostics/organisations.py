"""Whether every organisation's events were recorded by this installation: roles and clients hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.diagnostics import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext


def organisations(context: CheckContext) -> Iterator[Finding]:
    """Load each organisation, whose events' codes are checked with that. Raises: OrganisationForged."""
    yield findings.ORGANISATIONS_GENUINE.finding(count=context.log().check_organisations())
