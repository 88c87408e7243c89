"""Check of the settings for serving the web pages."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from brugerbog.application.diagnostics import findings
from brugerbog.infrastructure.web.settings import read_web_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding

_DEFAULT_ADDRESS: Final = "http://127.0.0.1:8000"


def pages() -> Iterator[Finding]:
    """Raises: WebSettingInvalid, WebSettingMissing, MailSettingInvalid."""
    settings = read_web_settings(served_at=_DEFAULT_ADDRESS)
    if find_spec("fastapi") is None:
        yield findings.PAGES_NOT_INSTALLED.finding()
    elif settings.oidc is None:
        yield findings.PAGES_NOT_SET.finding()
    else:
        yield findings.PAGES_SET.finding(address=settings.base_url, issuer=settings.oidc.issuer)
