"""Login, logout and proof of identity at brokers that others wrote, one of them certified."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.oidc import OidcLogin
from brugerbog.infrastructure.web.settings import STANDARD_CLAIMS, OidcSettings, WebSettings
from tests.application.mail.captured_mails import CapturedMails
from tests.entrypoints.web.browser import BASE_URL, Browser, Page
from tests.entrypoints.web.login.external_brokers import (
    CertifiedBroker,
    ExternalBroker,
    NotInstalled,
    certified_broker,
    mock_broker,
)
from tests.entrypoints.web.login.fake_broker import CLIENT, SECRET
from tests.entrypoints.web.login.login_pages import (
    CVR,
    DENIED,
    LEVEL,
    SUBSTANTIAL,
    TOO_LOW,
    UUID_,
    assert_turned_away,
)
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR, BIRTHDATE = STANDARD_CLAIMS["cpr"], STANDARD_CLAIMS["birthdate"]
HIGH = SUBSTANTIAL.replace("Substantial", "High")
IBS_CPR = made_up_cpr(BORN, 0)


@pytest.fixture(scope="session")
def mock() -> Iterator[ExternalBroker]:
    with mock_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def certified() -> Iterator[CertifiedBroker]:
    try:
        with certified_broker(*STANDARD_CLAIMS.values()) as broker:
            yield broker
    except NotInstalled as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(params=["mock", "certified"])
def real(request: pytest.FixtureRequest) -> ExternalBroker:
    """Each of them in turn."""
    broker: ExternalBroker = request.getfixturevalue(request.param)
    return broker


class ExternalPages:
    """An organisation's pages behind a real broker."""

    def __init__(self, org: OrgDriver, broker: ExternalBroker) -> None:
        oidc = OidcSettings(
            issuer=broker.issuer,
            client_id=CLIENT,
            client_secret=Secret(SECRET),
            scopes=broker.scopes,
            identity_scopes=broker.scopes,
        )
        settings = WebSettings(base_url=BASE_URL, oidc=oidc)
        self.org, self.broker = org, broker
        self.browser = Browser(application(org.service, settings, OidcLogin(oidc)))
        org.administration.change_settings(org.actor, {"ial": "substantial"})
        self.ida = org.create_active("Ida", "Administrator", email="ida-a@by.test")
        org.administration.give_role(org.actor, self.ida, Role.USER_ADMINISTRATOR)

    def expect(self, user_id: UUID, **instead: Any) -> None:  # noqa: ANN401 - any claim
        claims = {CVR: "90000001", UUID_: str(user_id), LEVEL: HIGH} | instead
        self.broker.expect(str(user_id), claims)

    def go(self, page: Page, **filled: str) -> Page:
        """To the broker, and back from there."""
        back = self.broker.visit(page.link("Fortsæt her"), **filled)
        return self.browser.open(back.removeprefix(BASE_URL))

    def log_in(self, **filled: str) -> Page:
        return self.go(self.browser.press(self.browser.open("/log-ind"), "Log ind med MitID"), **filled)


@pytest.fixture
def external_pages(org: OrgDriver, real: ExternalBroker) -> ExternalPages:
    real.forget()
    return ExternalPages(org, real)


def test_somebody_logs_in(external_pages: ExternalPages) -> None:
    external_pages.expect(external_pages.ida)
    page = external_pages.log_in()
    assert (page.path, page.heading) == ("/brugere", "Brugere")


def test_too_low_a_level_is_shown(external_pages: ExternalPages) -> None:
    low = external_pages.org.create_active("Lav", email="lav@by.test")
    external_pages.expect(low, **{LEVEL: SUBSTANTIAL.replace("Substantial", "Low")})
    assert_turned_away(external_pages.log_in(), TOO_LOW)


def test_the_user_logs_off_by_way_of_the_broker(external_pages: ExternalPages) -> None:
    external_pages.expect(external_pages.ida)
    external_pages.log_in()
    page = external_pages.go(external_pages.browser.send("/log-af"), logout="yes")
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", "Du er nu logget ud.")


def test_somebody_breaks_off(org: OrgDriver, certified: CertifiedBroker) -> None:
    certified.forget()
    certified.expect_nobody()
    assert_turned_away(ExternalPages(org, certified).log_in(), DENIED)


def test_who_logs_off_is_logged_off_there_too(org: OrgDriver, certified: CertifiedBroker) -> None:
    external_pages = ExternalPages(org, certified)
    external_pages.expect(external_pages.ida)
    external_pages.log_in()
    certified.expect_nobody()
    assert external_pages.log_in().path == "/brugere"
    external_pages.go(external_pages.browser.send("/log-af"), logout="yes")
    assert_turned_away(external_pages.log_in(), DENIED)


def test_an_identity_is_proved_though_another_user_is_logged_in_there(
    external_pages: ExternalPages,
) -> None:
    external_pages.expect(external_pages.ida)
    external_pages.log_in()
    ib = external_pages.org.create("Ib", "Ny", email="ib@by.test", cpr=IBS_CPR, means=(Means.APP,))
    path = f"/aktivering/{CapturedMails(external_pages.org).token(ib)}"
    start = "Bekræft din identitet med dit private MitID"
    external_pages.expect(ib, **{CPR: IBS_CPR, BIRTHDATE: BORN.isoformat(), LEVEL: HIGH})
    page = external_pages.go(external_pages.browser.press(external_pages.browser.open(path), start))
    assert (page.path, start in page.text) == (path, False)
