"""Whom the broker vouches for is let in when he is an active user here, at a sufficient level."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import OPERATOR_ID
from brugerbog.domain.values.means import Ial
from tests.clock import NOON
from tests.entrypoints.web.login.fake_broker import FakeBroker
from tests.entrypoints.web.login.login_pages import (
    CVR,
    FAILED,
    LEVEL,
    REFUSED,
    TOO_LOW,
    UUID_,
    LoginPages,
    assert_turned_away,
    codes_logged,
    open_login_pages,
)
from tests.org_driver import OrgDriver, register_org

ENOUGH = [
    "substantial",
    "Substantial",
    "HIGH",
    "https://data.gov.dk/concept/core/nsis/Substantial",
    "https://data.gov.dk/concept/core/nsis/loa/High",
    "urn:grn:authn:dk:mitid:substantial",
    "http://eidas.europa.eu/LoA/high",
    "3",
    4,
    ["Substantial"],
]
NOT_ENOUGH = ["low", "2", "https://data.gov.dk/concept/core/nsis/Low", "", None, "substantially", "33", True,
              ["Substantial", "High"], {"level": "high"}, "substantial/", "nsis.high", "x/substantial",
              "urn:another:list:high", "https://data.gov.dk/concept/core/nsis/aal/High"]  # fmt: skip


@pytest.mark.parametrize("level", ENOUGH)
def test_a_level_is_known_by_all_that_is_written(pages: LoginPages, level: object) -> None:
    pages.broker.instead[LEVEL] = level
    assert pages.log_in().path == "/brugere"


@pytest.mark.parametrize("level", NOT_ENOUGH)
def test_one_too_low_or_unknown_is_shown(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, level: object
) -> None:
    # ASVS 5.0, 6.8.4
    pages.broker.instead[LEVEL] = level
    assert_turned_away(pages.log_in(), TOO_LOW)
    assert codes_logged(caplog) == ["level_too_low"]


@pytest.mark.parametrize("level", ["substantial", "3"])
def test_an_installation_may_ask_for_the_high_level(org: OrgDriver, broker: FakeBroker, level: str) -> None:
    pages = open_login_pages(org, broker, minimum_level=Ial.HIGH)
    pages.broker.instead[LEVEL] = level
    assert_turned_away(pages.log_in(), TOO_LOW)
    pages.broker.instead[LEVEL] = "High"
    assert pages.log_in().path == "/brugere"


@pytest.mark.parametrize("level", ["substantial", "3", "https://data.gov.dk/concept/core/nsis/Substantial"])
def test_an_organisation_may_ask_for_the_high_level(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, level: str
) -> None:
    pages.org.administration.change_settings(pages.org.actor, {"ial": "high"})
    pages.broker.instead[LEVEL] = level
    assert_turned_away(pages.log_in(), TOO_LOW)
    assert codes_logged(caplog) == ["level_too_low"]
    assert not pages.has_session
    pages.broker.instead[LEVEL] = "High"
    assert pages.log_in().path == "/brugere"


def test_an_installation_can_name_the_levels_of_its_broker(org: OrgDriver, broker: FakeBroker) -> None:
    pages = open_login_pages(org, broker, levels={"urn:en-broker:2": Ial.SUBSTANTIAL})
    pages.broker.instead[LEVEL] = "urn:en-broker:3"
    assert_turned_away(pages.log_in(), TOO_LOW)
    pages.broker.instead[LEVEL] = "URN:en-broker:2"
    assert pages.log_in().path == "/brugere"


@pytest.mark.parametrize("written", ["{0}", "{0.hex}", "{0.urn}"])
def test_a_user_number_is_read_however_it_is_written(pages: LoginPages, written: str) -> None:
    pages.broker.instead[UUID_] = written.format(pages.ida)
    assert pages.log_in().path == "/brugere"


def _pending(org: OrgDriver) -> UUID:
    return org.create("Per", email="per@by.test")


def _deactivated(org: OrgDriver) -> UUID:
    user_id = org.create_active("Dea", email="dea@by.test")
    org.deactivate(user_id)
    return user_id


def _away_by_date(org: OrgDriver) -> UUID:
    """Whose period has begun by its date alone."""
    user_id = org.create_active("Dag", email="dag@by.test")
    org.deactivate(user_id, from_date=date(2026, 3, 21))
    org.clock.set_to(date(2026, 3, 21))
    return user_id


def _deleted(org: OrgDriver) -> UUID:
    user_id = org.create_active("Slet", email="slet@by.test")
    org.delete(user_id)
    return user_id


def _unknown(_org: OrgDriver) -> UUID:
    return uuid4()


def _operator(_org: OrgDriver) -> UUID:
    return OPERATOR_ID


@pytest.mark.parametrize("somebody", [_pending, _deactivated, _away_by_date, _deleted, _unknown, _operator])
def test_anyone_who_is_no_active_user_is_refused(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, somebody: Callable[[OrgDriver], UUID]
) -> None:
    # ASVS 5.0, 7.4.2
    user_id = somebody(pages.org)
    pages.broker.instead[UUID_] = str(user_id)
    assert_turned_away(pages.log_in(), REFUSED)
    assert not pages.has_session
    assert f"event=login_refused code=not_allowed actor={user_id} organisation={pages.org.id}" in caplog.text
    assert f"command=see_oneself code=not_allowed actor={user_id}" in caplog.text


def test_somebody_of_another_organisation_is_refused(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    other = register_org(pages.org.service, pages.org.clock, cvr="90000002", ial="substantial")
    pages.broker.instead[CVR] = "90000002"
    assert_turned_away(pages.log_in(), REFUSED)
    assert f"code=not_allowed actor={pages.ida} organisation={other.id}" in caplog.text


def test_an_organisation_that_is_not_here_is_refused(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    pages.broker.instead[CVR] = "90000009"
    assert_turned_away(pages.log_in(), REFUSED)
    assert f"event=login_refused code=organisation_unknown actor={pages.ida}" in caplog.text
    assert "90000009" not in caplog.text


@pytest.mark.parametrize("cvr", [None, "", []])
def test_no_organisation_is_guessed_even_if_there_is_only_one(pages: LoginPages, cvr: object) -> None:
    pages.broker.instead[CVR] = cvr
    assert_turned_away(pages.log_in(), FAILED)


def test_the_user_is_let_in_again_on_the_day_of_their_return(pages: LoginPages) -> None:
    pages.org.deactivate(pages.ida, to_date=NOON.date())
    assert_turned_away(pages.log_in(), REFUSED)
    pages.org.clock.set_to(date(2026, 3, 21))
    assert pages.log_in().path == "/brugere"


def test_a_user_without_a_role_comes_to_their_own_page(pages: LoginPages) -> None:
    user_id = pages.org.create_active("Uden", email="uden@by.test")
    pages.broker.instead[UUID_] = str(user_id)
    page = pages.log_in()
    assert page.response.history[-1].url.path == "/"
    assert pages.has_session


def test_what_claims_are_called_is_a_setting(org: OrgDriver, broker: FakeBroker) -> None:
    names = {"cvr": "erhverv.cvr", "uuid": "dk:uuid", "level": "loa", "cpr": "cpr", "birthdate": "birthdate"}
    pages = open_login_pages(org, broker, claims=names)
    broker.claims.clear()
    broker.claims |= {"erhverv": {"cvr": "90000001"}, "dk:uuid": str(pages.ida), "loa": "high"}
    assert pages.log_in().path == "/brugere"
