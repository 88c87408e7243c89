"""Brokers that don't keep to the protocol, or don't answer, let nobody in."""

import logging
import time
from collections.abc import Callable

import pytest
from joserfc.jwk import RSAKey

from brugerbog.entrypoints.web.login.oidc import LOGIN_RETURN
from brugerbog.infrastructure.web import oidc_client as broker_module
from tests.entrypoints.web.browser import BASE_URL
from tests.entrypoints.web.login.fake_broker import (
    ACCESS_TOKEN,
    CLIENT,
    SECRET,
    SHARED_KEY,
    FakeBroker,
    a_key,
)
from tests.entrypoints.web.login.login_pages import (
    CVR,
    FAILED,
    UUID_,
    LoginPages,
    assert_turned_away,
    broker_parameters,
    codes_logged,
    open_login_pages,
)
from tests.org_driver import OrgDriver


def lies(**instead: object) -> Callable[[FakeBroker], object]:
    return lambda broker: broker.instead.update(instead)


def answers(path: str, status: int, body: str) -> Callable[[FakeBroker], object]:
    return lambda broker: broker.answers.update({path: (status, body)})


def changes(**facts: object) -> Callable[[FakeBroker], object]:
    return lambda broker: [setattr(broker, name, value) for name, value in facts.items()]


WRONG: dict[str, tuple[Callable[[FakeBroker], object], str]] = {
    "another nonce": (lies(nonce="en-anden"), "token_invalid"),
    "no nonce": (lies(nonce=None), "token_invalid"),
    "another issuer": (lies(iss="https://en-anden.test"), "token_invalid"),
    "no issuer": (lies(iss=None), "token_invalid"),
    "for another client": (lies(aud="en-anden"), "token_invalid"),
    "for another client, though by way of us": (lies(aud="en-anden", azp=CLIENT), "token_invalid"),
    "by way of another client": (lies(aud=[CLIENT, "en-anden"], azp="en-anden"), "token_invalid"),
    "for nobody": (lies(aud=None), "token_invalid"),
    "expired": (lies(exp=int(time.time()) - 3600), "token_invalid"),
    "of tomorrow": (lies(iat=int(time.time()) + 86400), "token_invalid"),
    "about nobody": (lies(sub=None), "token_invalid"),
    "another access token": (lies(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "token_invalid"),
    "unsigned": (changes(algorithm="none"), "token_invalid"),
    "unsigned, as announced": (
        changes(
            algorithm="none", metadata={"id_token_signing_alg_values_supported": ["RS256", "none", "HS256"]}
        ),
        "token_invalid",
    ),
    "signed with what we know too": (
        changes(
            algorithm="HS256",
            metadata={"id_token_signing_alg_values_supported": ["RS256", "HS256"]},
            more_keys=[SHARED_KEY.as_dict(private=True)],
        ),
        "token_invalid:UnsupportedAlgorithmError",
    ),
    "signs with nothing but that": (
        changes(metadata={"id_token_signing_alg_values_supported": ["HS256"]}),
        "signing_algorithm_unknown",
    ),
    "signed by somebody else": (
        changes(signed_by=RSAKey.generate_key(2048, {"kid": "brokerens"})),
        "token_invalid",
    ),
    "signed by an unknown key": (changes(signed_by=a_key("ukendt")), "token_invalid"),
    "no token": (answers("/token", 200, '{"access_token": "a", "token_type": "Bearer"}'), "token_missing"),
    "no kind of token": (answers("/token", 200, '{"id_token": "a.b.c"}'), "token_invalid"),
    "token endpoint is down": (answers("/token", 503, "Ida Prøve"), "token_refused"),
    "token endpoint talks": (answers("/token", 200, "<html>Ida Prøve</html>"), "token_refused"),
    "token endpoint leads on": (answers("/token", 302, ""), "token_refused"),
    "code is refused": (answers("/token", 400, '{"error": "invalid_grant"}'), "token_refused:invalid_grant"),
    "a sentence as code": (answers("/token", 400, '{"error": "Ida Prøve 070961"}'), "token_refused"),
    "keys are out of reach": (answers("/jwks", 500, "Ida Prøve"), "token_invalid"),
    "keys are none": (answers("/jwks", 200, "[]"), "token_invalid"),
    "no metadata": (answers("/.well-known/openid-configuration", 404, "{}"), "metadata_unreadable"),
    "metadata of another": (changes(metadata={"issuer": "https://en-anden.test"}), "metadata_of_another"),
    "metadata is a list": (answers("/.well-known/openid-configuration", 200, "[]"), "metadata_unreadable"),
    "leads nowhere": (changes(metadata={"authorization_endpoint": None}), "metadata_unusable"),
    "userinfo of somebody else": (changes(userinfo={"sub": "en-anden"}), "userinfo_of_another"),
    "userinfo is down": (
        changes(userinfo={}, answers={"/userinfo": (500, "Ida Prøve")}),
        "userinfo_refused",
    ),
    "no user number": (lies(**{UUID_: None}), "claims_missing"),
    "no CVR number": (lies(**{CVR: None}), "claims_missing"),
    "blank CVR number": (lies(**{CVR: " "}), "claims_missing"),
    "user number is none": (lies(**{UUID_: "Ida Prøve"}), "uuid_unreadable"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_broker_that_does_wrong_lets_nobody_in(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    # ASVS 5.0, 9.1.1 to 9.2.3 and 10.5.1 to 10.5.4
    go_wrong, code = WRONG[wrong]
    go_wrong(pages.broker)
    page = pages.browser.send("/log-ind")
    if page.heading != "Log ind i MitID Erhverv":
        page = pages.return_from_broker(broker_parameters(page))
    assert_turned_away(page, FAILED)
    assert not pages.has_session
    assert [one.partition(":")[0] for one in codes_logged(caplog)] == [code.partition(":")[0]]
    assert code in caplog.text
    assert not [said for said in ("Ida", "070961") if said in caplog.text]


def test_a_broker_that_is_down_is_reported_as_such(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    asked = pages.start_login()
    pages.broker.close()
    assert_turned_away(pages.return_from_broker(asked), FAILED)
    assert codes_logged(caplog) == ["broker_out_of_reach"]


def test_a_broker_that_never_answers_is_waited_for_no_longer_than_ten_seconds(
    pages: LoginPages, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broker_module.TIMEOUT_SECONDS == 10
    asked = pages.start_login()
    monkeypatch.setattr(broker_module, "TIMEOUT_SECONDS", 0.05)
    pages.broker.slow = 0.3
    assert_turned_away(pages.return_from_broker(asked), FAILED)
    assert codes_logged(caplog) == ["broker_too_slow"]


def test_where_one_was_going_outlasts_a_failure(pages: LoginPages) -> None:
    pages.broker.answers["/token"] = (503, "")
    page = pages.log_in("/log-ind?videre=%2Frapporter")
    assert page.soup.select_one("main form")["action"] == "/log-ind?videre=/rapporter"


# What the broker says of itself


METADATA = "/.well-known/openid-configuration"


def test_what_a_broker_says_of_itself_is_asked_once(pages: LoginPages) -> None:
    pages.log_in()
    pages.log_in()
    assert (pages.broker.asked[METADATA], pages.broker.asked["/jwks"]) == (1, 1)


def test_a_failure_to_show_it_is_not_remembered(pages: LoginPages) -> None:
    pages.broker.answers[METADATA] = (500, "")
    assert_turned_away(pages.browser.send("/log-ind"), FAILED)
    pages.broker.answers.clear()
    assert pages.log_in().path == "/brugere"


def test_it_is_asked_again_from_time_to_time(pages: LoginPages) -> None:
    pages.log_in()
    pages.seconds[0] += broker_module.METADATA_SECONDS
    pages.broker.metadata["authorization_endpoint"] = f"{pages.broker.issuer}/flyttet"
    assert pages.start_login()["address"] == f"{pages.broker.issuer}/flyttet"


def test_what_it_said_stands_while_it_cannot_be_asked_again(
    pages: LoginPages, caplog: pytest.LogCaptureFixture
) -> None:
    pages.log_in()
    pages.seconds[0] += broker_module.METADATA_SECONDS
    pages.broker.answers[METADATA] = (500, "")
    assert pages.log_in().path == "/brugere"
    assert "event=broker_not_read code=metadata_unreadable" in caplog.text


def test_a_broker_may_change_its_keys(pages: LoginPages) -> None:
    pages.log_in()
    pages.broker.key = a_key("brokerens næste")
    assert pages.log_in().path == "/brugere"


def test_an_issuer_is_distinguished_from_one_with_a_slash(org: OrgDriver, broker: FakeBroker) -> None:
    broker.metadata["issuer"] = f"{broker.issuer}/"
    pages = open_login_pages(org, broker, issuer=f"{broker.issuer}/")
    broker.instead["iss"] = f"{broker.issuer}/"
    assert pages.log_in().path == "/brugere"
    broker.instead["iss"] = broker.issuer
    assert_turned_away(pages.log_in(), FAILED)


# What is logged


def test_no_secret_of_a_login_is_ever_logged(pages: LoginPages, caplog: pytest.LogCaptureFixture) -> None:
    # ASVS 5.0, 16.2.5
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        asked = pages.start_login()
        pages.return_from_broker(asked)
        pages.broker.instead["nonce"] = "en-anden"
    secrets = {ACCESS_TOKEN, SECRET, asked["state"], asked["nonce"], *pages.broker.tokens}
    secrets |= {value for form in pages.broker.forms for name, value in form.items() if name != "grant_type"}
    secrets.remove(f"{BASE_URL}{LOGIN_RETURN}")
    of_the_test = f"HTTP Request: GET {BASE_URL}"  # its browser says what it asks
    told = [one.getMessage() for one in caplog.records if of_the_test not in one.getMessage()]
    assert not [(secret, line) for secret in secrets for line in told if secret in line]
    assert len(told) > 10
