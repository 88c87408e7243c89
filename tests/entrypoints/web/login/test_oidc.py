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
from tests.entrypoints.web.login.fake_broker import CLIENT, SECRET, FakeBroker
from tests.entrypoints.web.login.login_pages import LEVEL, UUID_, LoginPages, open_login_pages
from tests.org_driver import OrgDriver


def test_the_broker_is_asked_for_a_code_with_pkce_state_and_nonce(pages: LoginPages) -> None:
    # ASVS 5.0, 10.1.2 and 10.2.1
    asked = pages.start_login()
    assert asked["address"] == f"{pages.broker.issuer}/authorize"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["client_id"], asked["scope"]) == (CLIENT, "openid")
    assert asked["redirect_uri"] == f"{BASE_URL}{LOGIN_RETURN}"
    assert min(len(asked[name]) for name in ("state", "nonce")) >= 20
    assert len(asked["code_challenge"]) == 43


def test_each_trip_has_secrets_of_its_own(pages: LoginPages) -> None:
    one, other = pages.start_login(), pages.start_login()
    assert not [name for name in ("state", "nonce", "code_challenge") if one[name] == other[name]]


def test_the_ticket_lies_in_a_cookie_that_no_script_and_no_foreign_form_gets_at(
    pages: LoginPages,
) -> None:
    (said,) = pages.browser.send("/log-ind").response.headers.get_list("set-cookie")
    name, _, value = said.partition("=")
    assert name == "brugerbog-login"
    assert value.partition("; ")[2].split("; ") == ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"]


def test_over_https_the_cookie_is_bound_to_the_host(org: OrgDriver, broker: FakeBroker) -> None:
    oidc = OidcSettings(issuer=broker.issuer, client_id=CLIENT)
    settings = WebSettings(base_url="https://brugere.test", oidc=oidc)
    with TestClient(
        application(org.service, settings, OidcLogin(oidc)), base_url=settings.base_url
    ) as client:
        said = client.post("/log-ind", headers={"sec-fetch-site": "same-origin"}).headers["set-cookie"]
    assert said.startswith("__Host-brugerbog-login=")
    assert said.endswith("; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure")


def test_the_ticket_can_be_read_by_nobody_else(pages: LoginPages) -> None:
    asked = pages.start_login()
    ticket = pages.browser.client.cookies["brugerbog-login"]
    assert not [value for value in asked.values() if value in ticket]


def test_anyone_who_is_vouched_for_is_let_in(pages: LoginPages) -> None:
    page = pages.log_in()
    assert (page.path, page.heading) == ("/brugere", "Brugere")
    assert "Ida Administrator" in page.html


def test_log_in_leads_to_the_page_asked_for(pages: LoginPages) -> None:
    page = pages.browser.open(f"/brugere?efter={pages.ida}")
    assert page.path == "/log-ind?videre=%2Fbrugere"
    asked = pages.start_login(page.path)
    assert pages.return_from_broker(asked).path == "/brugere"


@pytest.mark.parametrize("elsewhere", ["//ond.test/", "https://ond.test/", "/\\ond.test", "/" + "a" * 5000])
def test_the_user_comes_nowhere_else(pages: LoginPages, elsewhere: str) -> None:
    asked = pages.start_login(f"/log-ind?{urlencode({'videre': elsewhere})}")
    assert pages.return_from_broker(asked).path == "/brugere"


def test_the_code_is_redeemed_with_the_verifier_and_the_clients_secret(pages: LoginPages) -> None:
    asked = pages.start_login()
    pages.return_from_broker(asked)
    (form,) = pages.broker.forms
    assert create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
    assert (form["basic"], form["redirect_uri"]) == (f"{CLIENT}:{SECRET}", f"{BASE_URL}{LOGIN_RETURN}")


def test_a_broker_that_takes_no_basic_gets_the_secret_in_the_form(pages: LoginPages) -> None:
    pages.broker.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    pages.log_in()
    (form,) = pages.broker.forms
    assert ("basic" in form, form["client_secret"]) == (False, SECRET)


def test_the_ticket_is_gone_afterwards(pages: LoginPages) -> None:
    pages.log_in()
    assert "brugerbog-login" not in pages.browser.client.cookies


def test_a_login_has_a_new_token_and_ends_the_session_before(pages: LoginPages) -> None:
    # ASVS 5.0, 7.2.4
    pages.log_in()
    earlier = pages.browser.client.cookies["brugerbog"]
    pages.log_in()
    assert pages.browser.client.cookies["brugerbog"] != earlier
    pages.browser.client.cookies.set("brugerbog", earlier, domain="127.0.0.1", path="/")
    assert pages.browser.open("/brugere").path.startswith("/log-ind?")


def test_claims_that_only_userinfo_shows_count_too(pages: LoginPages) -> None:
    pages.broker.userinfo = dict(pages.broker.claims)
    pages.broker.claims.clear()
    assert pages.log_in().path == "/brugere"


def test_what_the_id_token_says_is_not_said_otherwise_by_userinfo(pages: LoginPages) -> None:
    pages.broker.userinfo = {UUID_: str(uuid4()), LEVEL: "low"}
    assert pages.log_in().path == "/brugere"


def test_a_broker_is_asked_for_what_the_installation_says(org: OrgDriver, broker: FakeBroker) -> None:
    pages = open_login_pages(
        org, broker, scopes="openid nemlogin", parameters={"acr_values": "urn:dk:substantial"}
    )
    asked = pages.start_login()
    assert (asked["scope"], asked["acr_values"]) == ("openid nemlogin", "urn:dk:substantial")
    assert "prompt" not in asked
