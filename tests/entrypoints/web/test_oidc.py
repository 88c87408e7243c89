"""Login at a broker that keeps to the protocol."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.testclient import TestClient

from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.oidc import LOGIN_RETURN, OidcLogin
from brugerbog.infrastructure.web.settings import OidcSettings, WebSettings
from tests.entrypoints.web.browser import BASE_URL
from tests.entrypoints.web.crooked_broker import CLIENT, SECRET, CrookedBroker
from tests.entrypoints.web.lobby import LEVEL, UUID_, Lobby, lobby
from tests.journeys.town import Town


def test_the_broker_is_asked_for_a_code_with_pkce_state_and_nonce(front: Lobby) -> None:
    # ASVS 5.0, 10.1.2 and 10.2.1
    asked = front.set_off()
    assert asked["address"] == f"{front.broker.issuer}/authorize"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["client_id"], asked["scope"]) == (CLIENT, "openid")
    assert asked["redirect_uri"] == f"{BASE_URL}{LOGIN_RETURN}"
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 20
    assert len(asked["code_challenge"]) == 43


def test_each_trip_has_secrets_of_its_own(front: Lobby) -> None:
    one, other = front.set_off(), front.set_off()
    assert not [name for name in ("state", "nonce", "code_challenge") if one[name] == other[name]]


def test_the_ticket_lies_in_a_cookie_that_no_script_and_no_foreign_form_gets_at(front: Lobby) -> None:
    (said,) = front.browser.send("/log-ind").response.headers.get_list("set-cookie")
    name, _, value = said.partition("=")
    assert name == "brugerbog-login"
    assert value.partition("; ")[2].split("; ") == ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"]


def test_over_https_the_cookie_is_bound_to_the_host(town: Town, broker: CrookedBroker) -> None:
    oidc = OidcSettings(issuer=broker.issuer, client_id=CLIENT)
    settings = WebSettings(base_url="https://brugere.test", oidc=oidc)
    with TestClient(
        application(town.service, settings, OidcLogin(oidc)), base_url=settings.base_url
    ) as client:
        said = client.post("/log-ind", headers={"sec-fetch-site": "same-origin"}).headers["set-cookie"]
    assert said.startswith("__Host-brugerbog-login=")
    assert said.endswith("; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure")


def test_the_ticket_can_be_read_by_nobody_else(front: Lobby) -> None:
    asked = front.set_off()
    ticket = front.browser.client.cookies["brugerbog-login"]
    assert not [value for value in asked.values() if value in ticket]


def test_whoever_is_vouched_for_is_let_in(front: Lobby) -> None:
    page = front.log_in()
    assert (page.path, page.heading) == ("/brugere", "Brugere")
    assert "Ida Administrator" in page.html


def test_he_comes_to_the_page_that_he_asked_for(front: Lobby) -> None:
    page = front.browser.open(f"/brugere?efter={front.ida}")
    assert page.path == "/log-ind?videre=%2Fbrugere"
    asked = front.set_off(page.path)
    assert front.come_back(asked).path == "/brugere"


@pytest.mark.parametrize("elsewhere", ["//ond.test/", "https://ond.test/", "/\\ond.test", "/" + "a" * 5000])
def test_he_comes_nowhere_else(front: Lobby, elsewhere: str) -> None:
    asked = front.set_off(f"/log-ind?{urlencode({'videre': elsewhere})}")
    assert front.come_back(asked).path == "/brugere"


def test_the_code_is_redeemed_with_the_verifier_and_the_clients_secret(front: Lobby) -> None:
    asked = front.set_off()
    front.come_back(asked)
    (form,) = front.broker.forms
    assert create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
    assert (form["basic"], form["redirect_uri"]) == (f"{CLIENT}:{SECRET}", f"{BASE_URL}{LOGIN_RETURN}")


def test_a_broker_that_takes_no_basic_gets_the_secret_in_the_form(front: Lobby) -> None:
    front.broker.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    front.log_in()
    (form,) = front.broker.forms
    assert ("basic" in form, form["client_secret"]) == (False, SECRET)


def test_the_ticket_is_gone_afterwards(front: Lobby) -> None:
    front.log_in()
    assert "brugerbog-login" not in front.browser.client.cookies


def test_a_login_has_a_new_token_and_ends_the_session_before(front: Lobby) -> None:
    # ASVS 5.0, 7.2.4
    front.log_in()
    earlier = front.browser.client.cookies["brugerbog"]
    front.log_in()
    assert front.browser.client.cookies["brugerbog"] != earlier
    front.browser.client.cookies.set("brugerbog", earlier, domain="127.0.0.1", path="/")
    assert front.browser.open("/brugere").path.startswith("/log-ind?")


def test_claims_that_only_userinfo_tells_count_too(front: Lobby) -> None:
    front.broker.userinfo = dict(front.broker.claims)
    front.broker.claims.clear()
    assert front.log_in().path == "/brugere"


def test_what_the_id_token_says_is_not_said_otherwise_by_userinfo(front: Lobby) -> None:
    front.broker.userinfo = {UUID_: str(uuid4()), LEVEL: "low"}
    assert front.log_in().path == "/brugere"


def test_a_broker_is_asked_for_what_the_installation_says(town: Town, broker: CrookedBroker) -> None:
    front = lobby(town, broker, scopes="openid nemlogin", parameters={"acr_values": "urn:dk:substantial"})
    asked = front.set_off()
    assert (asked["scope"], asked["acr_values"]) == ("openid nemlogin", "urn:dk:substantial")
    assert "prompt" not in asked
