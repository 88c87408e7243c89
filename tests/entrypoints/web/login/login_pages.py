"""The pages with a broker in front of them, and a browser that is sent there and comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.oidc import LOGIN_RETURN, OidcLogin
from brugerbog.infrastructure.web.oidc_client import OidcClient
from brugerbog.infrastructure.web.settings import STANDARD_CLAIMS, OidcSettings, WebSettings
from tests.entrypoints.web.browser import BASE_URL, Browser, Page
from tests.entrypoints.web.login.fake_broker import CLIENT, SECRET, FakeBroker
from tests.org_driver import OrgDriver

CVR, UUID_, LEVEL = (STANDARD_CLAIMS[name] for name in ("cvr", "uuid", "level"))
SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/Substantial"


FAILED = "Loginudbyderen svarede ikke, som den skulle. Prøv igen."
DENIED = "Du afbrød login med MitID. Prøv igen, når du er klar."
TOO_LOW = "Dit MitID har et for lavt sikringsniveau til at logge ind her."
REFUSED = "Du kunne ikke logges ind. Din bruger skal være oprettet og aktiv i MitID Erhverv."


@dataclass
class LoginPages:
    """An organisation's pages behind a broker, in which Ida is a user administrator."""

    org: OrgDriver
    broker: FakeBroker
    browser: Browser
    ida: UUID
    seconds: list[float]

    @property
    def has_session(self) -> bool:
        return self.browser.web_context.cookie in self.browser.client.cookies

    def start_login(self, path: str = "/log-ind") -> dict[str, str]:
        """Press the button: what the broker is asked, and where."""
        return broker_parameters(self.browser.send(path))

    def return_from_broker(self, asked: dict[str, str], path: str = LOGIN_RETURN, **said: str) -> Page:
        """As the broker sends the browser back, save for what is said otherwise; empty is left out."""
        query = {"state": asked["state"], "code": self.broker.grant(asked["nonce"])} | said
        return self.browser.open(f"{path}?{urlencode({name: one for name, one in query.items() if one})}")

    def log_in(self, path: str = "/log-ind") -> Page:
        return self.return_from_broker(self.start_login(path))


def broker_parameters(page: Page) -> dict[str, str]:
    """What the link of a page that leads to the broker asks there; its address without that is `address`."""
    link = page.link("Fortsæt her")
    refresh = page.soup.select_one("meta[http-equiv=refresh]")
    assert refresh is not None
    assert refresh["content"] == f"0; url={link}"
    parts = urlsplit(link)
    return dict(parse_qsl(parts.query)) | {"address": f"{parts.scheme}://{parts.netloc}{parts.path}"}


def assert_turned_away(page: Page, why: str) -> None:
    assert (page.heading, page.alert) == ("Log ind i MitID Erhverv", why)


def codes_logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why nobody was vouched for, each time."""
    return re.findall(r"event=not_vouched_for .*?code=(\S+)", caplog.text)


def open_login_pages(org: OrgDriver, broker: FakeBroker, **settings: Any) -> LoginPages:  # noqa: ANN401 - of OidcSettings
    """Open an organisation's pages with a broker that confirms Ida at the level the organisation requires."""
    org.administration.change_settings(org.actor, {"ial": "substantial"})
    ida = org.create_active("Ida", "Administrator", email="ida-a@by.test")
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    broker.claims |= {CVR: "90000001", UUID_: str(ida), LEVEL: SUBSTANTIAL}
    seconds = [0.0]
    oidc = OidcSettings(
        **{"issuer": broker.issuer, "client_id": CLIENT, "client_secret": Secret(SECRET)} | settings
    )
    way = OidcLogin(oidc, OidcClient(oidc, seconds=lambda: seconds[0]))
    app = application(org.service, WebSettings(base_url=BASE_URL, oidc=oidc), way)
    return LoginPages(org, broker, Browser(app), ida, seconds)
