"""Logging off ends the session here, and at a broker that takes part in it."""

import pytest

from tests.entrypoints.web.browser import BASE_URL, Page
from tests.entrypoints.web.login.fake_broker import CLIENT
from tests.entrypoints.web.login.login_pages import LoginPages, broker_parameters

LOGGED_OUT = "Du er nu logget ud."


@pytest.fixture
def inside(pages: LoginPages) -> LoginPages:
    """Ida is logged in, at a broker that one can log off at."""
    pages.broker.metadata["end_session_endpoint"] = f"{pages.broker.issuer}/logaf"
    pages.log_in()
    return pages


def log_off(pages: LoginPages) -> Page:
    return pages.browser.send("/log-af")


def test_the_browser_is_led_to_the_broker_and_back(inside: LoginPages) -> None:
    # ASVS 5.0, 7.6.1
    asked = broker_parameters(log_off(inside))
    assert asked["address"] == f"{inside.broker.issuer}/logaf"
    assert asked["client_id"] == CLIENT
    back = asked["post_logout_redirect_uri"]
    assert back == f"{BASE_URL}/log-af/retur"
    page = inside.browser.open(f"/log-af/retur?state={asked['state']}")
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", LOGGED_OUT)


def test_nobody_is_named_on_the_way(inside: LoginPages) -> None:
    # ASVS 5.0, 14.2.1
    assert broker_parameters(log_off(inside)).keys() == {
        "address",
        "client_id",
        "post_logout_redirect_uri",
        "state",
    }


def test_the_session_is_over_before_the_broker_is_reached(inside: LoginPages) -> None:
    # ASVS 5.0, 7.4.1
    token = inside.browser.client.cookies["brugerbog"]
    log_off(inside)
    assert not inside.has_session
    inside.browser.client.cookies.set("brugerbog", token, domain="127.0.0.1", path="/")
    assert inside.browser.open("/brugere").path == "/log-ind?videre=%2Fbrugere&fordi=session_over"


def test_a_broker_that_takes_no_part_is_left_alone(pages: LoginPages) -> None:
    pages.log_in()
    page = log_off(pages)
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", LOGGED_OUT)


def test_one_who_never_came_in_may_log_off_too(pages: LoginPages) -> None:
    assert log_off(pages).alert == LOGGED_OUT


def test_a_broker_out_of_reach_keeps_nobody_in(pages: LoginPages, caplog: pytest.LogCaptureFixture) -> None:
    pages.broker.close()
    assert log_off(pages).alert == LOGGED_OUT
    assert "event=not_vouched_for purpose=logout code=broker_out_of_reach" in caplog.text
