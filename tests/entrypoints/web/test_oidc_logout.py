"""Logging off ends the session here, and at a broker that takes part in it."""

import pytest

from tests.entrypoints.web.browser import BASE_URL, Page
from tests.entrypoints.web.crooked_broker import CLIENT
from tests.entrypoints.web.lobby import Lobby, asked_of_broker

LOGGED_OUT = "Du er nu logget ud."


@pytest.fixture
def inside(front: Lobby) -> Lobby:
    """Ida is logged in, at a broker that one can log off at."""
    front.broker.metadata["end_session_endpoint"] = f"{front.broker.issuer}/logaf"
    front.log_in()
    return front


def log_off(front: Lobby) -> Page:
    return front.browser.send("/log-af")


def test_the_browser_is_led_to_the_broker_and_back(inside: Lobby) -> None:
    # ASVS 5.0, 7.6.1
    asked = asked_of_broker(log_off(inside))
    assert asked["address"] == f"{inside.broker.issuer}/logaf"
    assert asked["client_id"] == CLIENT
    back = asked["post_logout_redirect_uri"]
    assert back == f"{BASE_URL}/log-af/retur"
    page = inside.browser.open(f"/log-af/retur?state={asked['state']}")
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", LOGGED_OUT)


def test_nobody_is_named_on_the_way(inside: Lobby) -> None:
    # ASVS 5.0, 14.2.1
    assert asked_of_broker(log_off(inside)).keys() == {
        "address",
        "client_id",
        "post_logout_redirect_uri",
        "state",
    }


def test_the_session_is_over_before_the_broker_is_reached(inside: Lobby) -> None:
    # ASVS 5.0, 7.4.1
    token = inside.browser.client.cookies["brugerbog"]
    log_off(inside)
    assert not inside.has_session
    inside.browser.client.cookies.set("brugerbog", token, domain="127.0.0.1", path="/")
    assert inside.browser.open("/brugere").path == "/log-ind?videre=%2Fbrugere&fordi=session_over"


def test_a_broker_that_takes_no_part_is_left_alone(front: Lobby) -> None:
    front.log_in()
    page = log_off(front)
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", LOGGED_OUT)


def test_one_who_never_came_in_may_log_off_too(front: Lobby) -> None:
    assert log_off(front).alert == LOGGED_OUT


def test_a_broker_out_of_reach_keeps_nobody_in(front: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    front.broker.close()
    assert log_off(front).alert == LOGGED_OUT
    assert "event=not_vouched_for purpose=logout code=broker_out_of_reach" in caplog.text
