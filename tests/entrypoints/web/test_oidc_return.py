"""What a browser may bring back from the broker, or not from there, that lets nobody in."""

from datetime import timedelta

import pytest

from brugerbog.application.rate_limits import FAILURES_OF_ADDRESS, FAILURES_OF_TICKET
from brugerbog.entrypoints.web.login.oidc import IDENTITY_RETURN, LOGIN_RETURN
from brugerbog.infrastructure.web.used_logins import web_used_tickets
from tests.entrypoints.web.lobby import DENIED, FAILED, Lobby, asked_of_broker, codes_logged, is_turned_away

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
    front: Lobby, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    # ASVS 5.0, 10.1.2; RFC 9207
    said, code = WRONG[wrong]
    state = said.get("state", "")
    said |= {"state": state.encode("utf-8", "ignore").decode()} if state else {}
    is_turned_away(front.come_back(front.set_off(), **said), FAILED)
    assert codes_logged(caplog) == [code]
    assert not front.has_session
    assert "Ida" not in caplog.text


def test_a_broker_that_names_itself_in_its_answers_must_do_so_in_each(
    front: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    front.broker.metadata["authorization_response_iss_parameter_supported"] = True
    is_turned_away(front.log_in(), FAILED)
    assert codes_logged(caplog) == ["issuer_wrong"]
    assert front.come_back(front.set_off(), iss=front.broker.issuer).path == "/brugere"


def test_who_breaks_off_at_the_broker_is_told_so(front: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    asked = front.set_off("/log-ind?videre=%2Frapporter")
    page = front.come_back(asked, code="", error="access_denied", error_description="Ida Prøve")
    is_turned_away(page, DENIED)
    assert page.path == "/log-ind?fordi=denied&videre=%2Frapporter"
    assert codes_logged(caplog) == ["denied"]
    assert "Ida" not in caplog.text


def test_a_trip_is_made_once_whoever_has_copied_its_cookie(
    front: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    asked = front.set_off()
    kept = dict(front.browser.client.cookies)
    assert front.come_back(asked).path == "/brugere"
    front.browser.client.cookies.clear()
    front.browser.client.cookies.update(kept)
    is_turned_away(front.come_back(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_used"]
    assert not front.has_session


def test_a_used_trip_is_forgotten_once_it_would_have_ended_anyway(front: Lobby) -> None:
    used = front.browser.desk.used_logins
    assert [used.use("en"), used.use("en"), used.use("en anden")] == [True, False, True]
    front.town.clock.advance(timedelta(minutes=11))
    assert used.use("en tredje")
    with front.town.service.log.backend.read.connect() as connection:
        assert len(connection.execute(web_used_tickets.select()).all()) == 1


def test_a_trip_takes_ten_minutes_at_most(front: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    asked = front.set_off()
    front.town.clock.advance(timedelta(minutes=10))
    is_turned_away(front.come_back(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_invalid"]


def test_a_little_less_is_in_time(front: Lobby) -> None:
    asked = front.set_off()
    front.town.clock.advance(timedelta(minutes=10, seconds=-1))
    assert front.come_back(asked).path == "/brugere"


def test_a_browser_that_never_set_off_is_not_let_in_by_anothers_return(
    front: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    asked = front.set_off()
    front.browser.client.cookies.clear()
    is_turned_away(front.come_back(asked), FAILED)
    assert codes_logged(caplog) == ["ticket_invalid"]


@pytest.mark.parametrize("forged", ["", "AAAA", "æ", "A" * 400])
def test_nobody_else_can_write_a_ticket(front: Lobby, forged: str) -> None:
    asked = front.set_off()
    front.browser.client.cookies.clear()
    headers = {"cookie": f"brugerbog-login={forged}".encode()}
    query = {"state": asked["state"], "code": front.broker.grant(asked["nonce"])}
    answer = front.browser.client.get(LOGIN_RETURN, params=query, headers=headers, follow_redirects=False)
    assert answer.headers["location"] == "/log-ind?fordi=failed"


def test_one_whole_return_played_again_lets_nobody_in(front: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    asked = front.set_off()
    ticket = front.browser.client.cookies["brugerbog-login"]
    code = front.broker.grant(asked["nonce"])
    assert front.come_back(asked, code=code).path == "/brugere"
    front.browser.client.cookies.clear()
    front.browser.client.cookies.set("brugerbog-login", ticket, domain="127.0.0.1", path="/")
    is_turned_away(front.come_back(asked, code=code), FAILED)
    assert codes_logged(caplog) == ["ticket_used"]


def test_a_ticket_for_one_trip_is_none_for_another(front: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    asked = front.set_off()
    ticket = front.browser.client.cookies["brugerbog-login"]
    front.browser.client.cookies.set("brugerbog-identity", ticket, domain="127.0.0.1", path="/")
    page = front.come_back(asked, IDENTITY_RETURN)
    assert page.status == 422
    assert codes_logged(caplog) == ["ticket_invalid"]


def test_whoever_sets_off_in_two_windows_comes_back_from_the_later(front: Lobby) -> None:
    earlier, later = front.set_off(), front.set_off()
    is_turned_away(front.come_back(earlier), FAILED)
    assert front.come_back(asked_of_broker(front.browser.send("/log-ind"))).path == "/brugere"
    assert later["state"] != earlier["state"]


def test_a_whole_municipality_may_set_off_from_one_address(front: Lobby) -> None:
    often = FAILURES_OF_ADDRESS.most + 1
    assert {front.browser.send("/log-ind").status for _ in range(often)} == {200}
    assert front.log_in().path == "/brugere"


def test_forged_returns_are_stopped_by_ticket_and_others_log_in_meanwhile(front: Lobby) -> None:
    # ASVS 5.0, 2.4.1
    asked = front.set_off()
    ticket = dict(front.browser.client.cookies)
    answers = []
    for _ in range(FAILURES_OF_TICKET.most + 1):
        front.browser.client.cookies.update(ticket)
        answers.append(front.come_back(asked, state="en-anden"))

    assert [page.status for page in answers] == [200] * FAILURES_OF_TICKET.most + [429]
    assert front.log_in().path == "/brugere"


def test_returns_without_a_ticket_are_stopped_by_address_and_others_log_in_meanwhile(front: Lobby) -> None:
    # ASVS 5.0, 2.4.1
    client, path = front.browser.client, f"{LOGIN_RETURN}?state=a&code=b"
    answers = [client.get(path, follow_redirects=False) for _ in range(FAILURES_OF_ADDRESS.most + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {303}
    assert (answers[-1].status_code, int(answers[-1].headers["retry-after"]) > 0) == (429, True)
    assert front.log_in().path == "/brugere"


def test_a_broker_that_fails_is_nobody_s_failure(front: Lobby) -> None:
    for _ in range(FAILURES_OF_TICKET.most + 2):
        page = front.come_back(front.set_off(), error="temporarily_unavailable")
        is_turned_away(page, FAILED)
