"""What a browser may bring back from the broker, or not from there, that lets nobody in."""

from datetime import timedelta

import pytest

from brugerbog.application.rate_limits import FAILURES_OF_ADDRESS, FAILURES_OF_TICKET
from brugerbog.entrypoints.web.login.oidc import IDENTITY_RETURN, LOGIN_RETURN
from brugerbog.infrastructure.web.used_logins import web_used_tickets
from tests.entrypoints.web.login.login_pages import (
    DENIED,
    FAILED,
    LoginPages,
    assert_turned_away,
    broker_parameters,
    codes_logged,
)

WRONG = {
    "another state": ({"state": "en-anden"}, "state_wrong"),
    "no state": ({"state": ""}, "state_wrong"),
    "a state no token can have": ({"state": "æ\ud83d"}, "state_wrong"),
    "no code": ({"code": ""}, "code_missing"),
    "a code nobody gave": ({"code": "opfundet"}, "token_refused:invalid_grant"),
    "another broker's answer": ({"iss": "https://en-anden.test"}, "issuer_wrong"),
    "another broker's refusal": ({"iss": "https://en-anden.test", "error": "access_denied"}, "issuer_wrong"),
    "broker is busy": ({"error": "temporarily_unavailable"}, "broker_refused:temporarily_unavailable"),
    "an error in a sentence": ({"error": "Ida Prøve 070961"}, "broker_refused"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_brought_back_wrong_lets_nobody_in(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    # ASVS 5.0, 10.1.2; RFC 9207
    said, code = WRONG[wrong]
    state = said.get("state", "")
    said |= {"state": state.encode("utf-8", "ignore").decode()} if state else {}
    assert_turned_away(pages.return_from_broker(pages.start_login(), **said), FAILED)
    assert codes_logged(caplog) == [code]
    assert not pages.has_session
    assert "Ida" not in caplog.text


def test_a_broker_that_names_itself_in_its_answers_must_do_so_in_each(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    pages.broker.metadata["authorization_response_iss_parameter_supported"] = True
    assert_turned_away(pages.log_in(), FAILED)
    assert codes_logged(caplog) == ["issuer_wrong"]
    assert pages.return_from_broker(pages.start_login(), iss=pages.broker.issuer).path == "/brugere"


def test_a_log_in_broken_off_at_the_broker_is_reported(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login("/log-ind?videre=%2Frapporter")
    page = pages.return_from_broker(asked, code="", error="access_denied", error_description="Ida Prøve")
    assert_turned_away(page, DENIED)
    assert page.path == "/log-ind?fordi=denied&videre=%2Frapporter"
    assert codes_logged(caplog) == ["denied"]
    assert "Ida" not in caplog.text


def test_an_authorization_request_ends_once_even_with_a_copied_cookie(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login()
    kept = dict(pages.browser.client.cookies)
    assert pages.return_from_broker(asked).path == "/brugere"
    pages.browser.client.cookies.clear()
    pages.browser.client.cookies.update(kept)
    assert_turned_away(pages.return_from_broker(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_used"]
    assert not pages.has_session


def test_a_used_trip_is_forgotten_once_it_would_have_ended_anyway(pages: LoginPages) -> None:
    used = pages.browser.web_context.used_logins
    assert [used.use("en"), used.use("en"), used.use("en anden")] == [True, False, True]
    pages.org.clock.advance(timedelta(minutes=11))
    assert used.use("en tredje")
    with pages.org.service.log.backend.read.connect() as connection:
        assert len(connection.execute(web_used_tickets.select()).all()) == 1


def test_a_trip_takes_ten_minutes_at_most(pages: LoginPages, caplog: pytest.LogCaptureFixture) -> None:
    asked = pages.start_login()
    pages.org.clock.advance(timedelta(minutes=10))
    assert_turned_away(pages.return_from_broker(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_invalid"]


def test_a_little_less_is_in_time(pages: LoginPages) -> None:
    asked = pages.start_login()
    pages.org.clock.advance(timedelta(minutes=10, seconds=-1))
    assert pages.return_from_broker(asked).path == "/brugere"


def test_a_browser_that_never_set_off_is_not_let_in_by_anothers_return(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login()
    pages.browser.client.cookies.clear()
    assert_turned_away(pages.return_from_broker(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_invalid"]


@pytest.mark.parametrize("forged", ["", "AAAA", "æ", "A" * 400])
def test_nobody_else_can_write_a_ticket(pages: LoginPages, forged: str) -> None:
    asked = pages.start_login()
    pages.browser.client.cookies.clear()
    headers = {"cookie": f"brugerbog-login={forged}".encode()}
    query = {"state": asked["state"], "code": pages.broker.grant(asked["nonce"])}
    answer = pages.browser.client.get(LOGIN_RETURN, params=query, headers=headers, follow_redirects=False)
    assert answer.headers["location"] == "/log-ind?fordi=failed"


def test_one_whole_return_played_again_lets_nobody_in(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login()
    ticket = pages.browser.client.cookies["brugerbog-login"]
    code = pages.broker.grant(asked["nonce"])
    assert pages.return_from_broker(asked, code=code).path == "/brugere"
    pages.browser.client.cookies.clear()
    pages.browser.client.cookies.set("brugerbog-login", ticket, domain="127.0.0.1", path="/")
    assert_turned_away(pages.return_from_broker(asked, code=code), FAILED)
    assert codes_logged(caplog) == ["ticket_used"]


def test_a_ticket_for_one_trip_is_none_for_another(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login()
    ticket = pages.browser.client.cookies["brugerbog-login"]
    pages.browser.client.cookies.set("brugerbog-identity", ticket, domain="127.0.0.1", path="/")
    page = pages.return_from_broker(asked, IDENTITY_RETURN)
    assert page.status == 422
    assert codes_logged(caplog) == ["ticket_invalid"]


def test_anyone_who_sets_off_in_two_windows_comes_back_from_the_later(pages: LoginPages) -> None:
    earlier, later = pages.start_login(), pages.start_login()
    assert_turned_away(pages.return_from_broker(earlier), FAILED)
    assert pages.return_from_broker(broker_parameters(pages.browser.send("/log-ind"))).path == "/brugere"
    assert later["state"] != earlier["state"]


def test_a_whole_municipality_may_set_off_from_one_address(pages: LoginPages) -> None:
    often = FAILURES_OF_ADDRESS.most + 1
    assert {pages.browser.send("/log-ind").status for _ in range(often)} == {200}
    assert pages.log_in().path == "/brugere"


def test_forged_returns_are_stopped_by_ticket_and_others_log_in_meanwhile(pages: LoginPages) -> None:
    # ASVS 5.0, 2.4.1
    asked = pages.start_login()
    ticket = dict(pages.browser.client.cookies)
    answers = []
    for _ in range(FAILURES_OF_TICKET.most + 1):
        pages.browser.client.cookies.update(ticket)
        answers.append(pages.return_from_broker(asked, state="en-anden"))

    assert [page.status for page in answers] == [200] * FAILURES_OF_TICKET.most + [429]
    assert pages.log_in().path == "/brugere"


def test_returns_without_a_ticket_are_stopped_by_address_and_others_log_in_meanwhile(
    pages: LoginPages,
) -> None:
    # ASVS 5.0, 2.4.1
    client, path = pages.browser.client, f"{LOGIN_RETURN}?state=a&code=b"
    answers = [client.get(path, follow_redirects=False) for _ in range(FAILURES_OF_ADDRESS.most + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert (answers[-1].status_code, int(answers[-1].headers["retry-after"]) > 0) == (429, True)
    assert pages.log_in().path == "/brugere"


def test_a_broker_that_fails_is_nobody_s_failure(pages: LoginPages) -> None:
    for _ in range(FAILURES_OF_TICKET.most + 2):
        page = pages.return_from_broker(pages.start_login(), error="temporarily_unavailable")
        assert_turned_away(page, FAILED)
