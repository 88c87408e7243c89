"""Whoever opens a mailed link proves at the broker who he is, and comes back to his link."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.web.login.oidc import IDENTITY_RETURN
from brugerbog.infrastructure.web.settings import STANDARD_CLAIMS
from tests.application.mail.captured_mails import CapturedMails
from tests.entrypoints.web.browser import BASE_URL, Page
from tests.entrypoints.web.login.fake_broker import FakeBroker
from tests.entrypoints.web.login.login_pages import (
    LEVEL,
    SUBSTANTIAL,
    LoginPages,
    broker_parameters,
    codes_logged,
    open_login_pages,
)
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR, BIRTHDATE = STANDARD_CLAIMS["cpr"], STANDARD_CLAIMS["birthdate"]
IBS_CPR = made_up_cpr(BORN, 0)
FAILED = "Loginudbyderen svarede ikke, som den skulle."
NOT_HE = "Det MitID, du har brugt, tilhører ikke den person, som linket er sendt til."
HIGH = SUBSTANTIAL.replace("Substantial", "High")
START = "Bekræft din identitet med dit private MitID"


class Threshold:
    """Ib before his link, at a broker that knows him."""

    def __init__(self, org: OrgDriver, broker: FakeBroker, **said: Any) -> None:  # noqa: ANN401 - of NewUser
        self.login_pages: LoginPages = open_login_pages(org, broker, identity_scopes="openid mitid")
        self.org, self.broker = org, broker
        org.administration.change_settings(org.actor, {"ial": "high"})
        self.ib = org.create("Ib", "Ny", email="ib@by.test", means=(Means.APP,), **said)
        self.path = f"/aktivering/{CapturedMails(org).token(self.ib)}"
        broker.claims.clear()
        broker.claims |= {CPR: IBS_CPR, BIRTHDATE: BORN.isoformat(), LEVEL: HIGH}

    def start_login(self) -> dict[str, str]:
        browser = self.login_pages.browser
        return broker_parameters(browser.press(browser.open(self.path), START))

    def return_from_broker(self, asked: dict[str, str], **said: str) -> Page:
        return self.login_pages.return_from_broker(asked, IDENTITY_RETURN, **said)

    def go_there_and_back(self) -> Page:
        return self.return_from_broker(self.start_login())

    @property
    def facts(self) -> list[User.IdentityConfirmed]:
        log = self.org.service.log
        told = log.events_until(self.org.id, self.org.clock.now(), user_id=self.ib)
        return [event for _, event in told if isinstance(event, User.IdentityConfirmed)]


@pytest.fixture
def ib(org: OrgDriver, broker: FakeBroker, caplog: pytest.LogCaptureFixture) -> Threshold:
    """Who is known by his CPR number."""
    caplog.set_level("INFO", "brugerbog")
    return Threshold(org, broker, cpr=IBS_CPR)


def is_not_proved(page: Page, why: str) -> bool:
    return (page.status, page.heading) == (422, "Din identitet er ikke bekræftet") and page.alert == why


def test_the_user_is_asked_anew_even_if_somebody_is_logged_in_at_the_broker(ib: Threshold) -> None:
    asked = ib.start_login()
    assert (asked["prompt"], asked["max_age"], asked["scope"]) == ("login", "0", "openid mitid")
    assert asked["redirect_uri"] == f"{BASE_URL}{IDENTITY_RETURN}"


def test_the_user_comes_back_to_their_link_and_takes_the_next_step(ib: Threshold) -> None:
    page = ib.go_there_and_back()
    assert (page.path, START in page.text) == (ib.path, False)
    (confirmed,) = ib.facts
    assert (confirmed.broker, confirmed.by, confirmed.ial) == ("127.0.0.1", "cpr", "high")
    assert (confirmed.actor, confirmed.door) == (ib.ib, "web")


@pytest.mark.parametrize(
    ("auth_time", "code"),
    [
        (-3600, "auth_time_too_old"),
        (-120, "auth_time_too_old"),
        (3600, "auth_time_too_old"),
        (None, "auth_time_missing"),
        ("nu", "token_invalid:InvalidClaimError"),
        (True, "auth_time_missing"),
    ],
)
def test_a_broker_that_overlooks_that_proves_nothing(
    ib: Threshold, caplog: pytest.LogCaptureFixture, auth_time: object, code: str
) -> None:
    # OpenID Connect Core, 3.1.2.1 and 3.1.3.7
    is_shift = isinstance(auth_time, int) and auth_time is not True
    ib.broker.instead["auth_time"] = int(time.time()) + auth_time if is_shift else auth_time
    assert is_not_proved(ib.go_there_and_back(), FAILED)
    assert codes_logged(caplog) == [code]
    assert ib.facts == []


def test_nobody_is_logged_in_by_it(ib: Threshold) -> None:
    ib.go_there_and_back()
    assert not ib.login_pages.has_session
    assert "brugerbog-identity" not in ib.login_pages.browser.client.cookies


def test_a_birth_date_is_enough_for_whom_no_more_is_known_of(org: OrgDriver, broker: FakeBroker) -> None:
    ib = Threshold(org, broker)
    del broker.claims[CPR]
    assert ib.go_there_and_back().path == ib.path
    assert [fact.by for fact in ib.facts] == ["date_of_birth"]


def test_a_cpr_number_shows_the_birth_date(org: OrgDriver, broker: FakeBroker) -> None:
    ib = Threshold(org, broker)
    del broker.claims[BIRTHDATE]
    assert ib.go_there_and_back().path == ib.path


def test_somebody_else_comes_no_further_and_may_try_again(
    ib: Threshold, caplog: pytest.LogCaptureFixture
) -> None:
    other = made_up_cpr(date(1980, 2, 3), 0)
    ib.broker.claims |= {CPR: other, BIRTHDATE: "1980-02-03"}
    page = ib.go_there_and_back()
    assert page.alert.startswith(NOT_HE)
    assert page.link("Prøv igen") == ib.path
    assert ib.facts == []
    assert "code=identity_does_not_match" in caplog.text
    assert other not in caplog.text + page.html


def test_who_breaks_off_may_try_again(ib: Threshold) -> None:
    page = ib.return_from_broker(ib.start_login(), code="", error="access_denied")
    assert is_not_proved(page, "Du afbrød bekræftelsen.")
    assert page.link("Prøv igen") == ib.path


@pytest.mark.parametrize("level", ["low", None])
def test_too_low_a_level_is_shown(ib: Threshold, level: str | None) -> None:
    ib.broker.instead[LEVEL] = level
    assert is_not_proved(ib.go_there_and_back(), "Dit MitID har et for lavt sikringsniveau.")
    assert ib.facts == []


def test_one_lower_than_their_organisation_asks_for_is_reported_too(ib: Threshold) -> None:
    ib.broker.instead[LEVEL] = SUBSTANTIAL
    assert ib.go_there_and_back().alert.startswith("Dit MitID har et lavere sikringsniveau, end din")
    assert ib.facts == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "says neither": ({CPR: None, BIRTHDATE: None}, "claims_missing"),
    "no CPR number at all": ({CPR: "Ib Ny"}, "person_unreadable"),
    "no date": ({BIRTHDATE: "7. september"}, "person_unreadable"),
    "another nonce": ({"nonce": "en-anden"}, "token_invalid:InvalidClaimError"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_a_broker_says_wrong_proves_nothing(
    ib: Threshold, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    said, code = WRONG[wrong]
    ib.broker.instead |= said
    assert is_not_proved(ib.go_there_and_back(), FAILED)
    assert (codes_logged(caplog), ib.facts) == ([code], [])
    assert not [personal for personal in (IBS_CPR, "Ib", "september") if personal in caplog.text]


def test_a_trip_that_took_too_long_leads_back_to_the_mail(ib: Threshold) -> None:
    asked = ib.start_login()
    ib.org.clock.advance(timedelta(minutes=10))
    page = ib.return_from_broker(asked)
    assert page.status == 422
    assert page.alert == "Din identitet er ikke bekræftet. Åbn linket i din e-mail igen, og prøv igen."


def test_a_link_that_is_voided_meanwhile_says_so(ib: Threshold) -> None:
    asked = ib.start_login()
    ib.org.administration.resend_activation_mail(ib.org.actor, ib.ib)
    page = ib.return_from_broker(asked)
    assert page.status == 410
    assert ib.facts == []


def test_a_broker_that_is_down_keeps_nobody_from_trying_again(ib: Threshold) -> None:
    ib.broker.close()
    page = ib.login_pages.browser.send(f"{ib.path}/identitet")
    assert is_not_proved(page, FAILED)
    assert page.link("Prøv igen") == ib.path


def test_neither_link_nor_cpr_number_is_logged(ib: Threshold, caplog: pytest.LogCaptureFixture) -> None:
    ib.go_there_and_back()
    told = [line.getMessage() for line in caplog.records if line.name.startswith("brugerbog")]
    assert told
    assert not [line for line in told if IBS_CPR in line or ib.path.rpartition("/")[2] in line]
