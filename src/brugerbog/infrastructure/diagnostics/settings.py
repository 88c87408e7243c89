"""The check of the installation's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext


def settings(context: CheckContext) -> list[Finding]:
    """Read the settings for the checks that follow; finds nothing. Raises: EnvironmentInvalid."""
    context.read_settings()
    return []
