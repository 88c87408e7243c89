"""The login page, and the cookie of a session that begins."""

from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from brugerbog.demo.login import LOGIN, DemoLogin, Person
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.completion import local_path
from brugerbog.entrypoints.web.login.login import _REASONS
from brugerbog.infrastructure.web.settings import WebSettings
from tests.entrypoints.web.browser import BASE_URL
from tests.org_driver import OrgDriver

FROM_HERE = {"sec-fetch-site": "same-origin"}


def demo(org: OrgDriver, base_url: str = BASE_URL, role: Role | None = Role.USER_ADMINISTRATOR) -> TestClient:
    """The demo's pages, in which one may play Ida."""
    user_id = org.create_active("Ida", email="ida-a@by.test")
    if role:
        org.administration.give_role(org.actor, user_id, role)
    ida = Person(user_id, org.id, "Ida", "Prøve Kommune", "Brugeradministrator", "Prøv alt")
    app = application(org.service, WebSettings(base_url), DemoLogin([ida]))
    client = TestClient(app, base_url=base_url, follow_redirects=False)
    client.headers.update(FROM_HERE)
    client.ida = user_id
    return client


@pytest.mark.parametrize("reason", _REASONS)
def test_the_login_page_says_why_one_is_there(org: OrgDriver, reason: str) -> None:
    page = demo(org).get(f"/log-ind?fordi={reason}").text
    assert _REASONS[reason] in page


@pytest.mark.parametrize("reason", ["", "opfundet", "<script>", "Ring til 12345678"])
def test_it_says_nothing_that_an_address_puts_into_its_mouth(org: OrgDriver, reason: str) -> None:
    page = demo(org).get("/log-ind", params={"fordi": reason}).text
    assert "alert" not in page
    assert not reason or reason not in page


@pytest.mark.parametrize(
    ("written", "leads_to"),
    [
        ("/brugere", "/brugere"),
        ("/brugere/fil?a=b", "/brugere/fil?a=b"),
        ("/æ", "/æ"),
        ("", "/"),
        (None, "/"),
        ("brugere", "/"),
        ("//ond.test", "/"),
        ("///ond.test", "/"),
        ("/\\\\ond.test", "/"),
        ("/\\tond", "/"),
        ("/\\r\\nset-cookie: a=b", "/"),
        ("https://ond.test", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_one_is_led_to_our_own_pages_only(written: str | None, leads_to: str) -> None:
    # ASVS 5.0, 3.7.2
    assert local_path(written) == leads_to


def test_the_page_that_was_asked_for_comes_after_login(org: OrgDriver) -> None:
    client = demo(org)
    sent_off = client.post("/log-ind?videre=/rapporter").headers["location"]
    assert sent_off == f"{LOGIN}?videre=%2Frapporter"
    entered = client.post(LOGIN, data={"person": str(client.ida), "videre": "/rapporter"})
    assert entered.headers["location"] == "/rapporter"


@pytest.mark.parametrize(
    ("base_url", "begins", "ends"),
    [
        (BASE_URL, "brugerbog=", "; HttpOnly; Path=/; SameSite=lax"),
        ("https://brugere.test", "__Host-brugerbog=", "; HttpOnly; Path=/; SameSite=lax; Secure"),
    ],
)
def test_the_cookie_is_nobody_elses_and_ends_with_the_browser(
    org: OrgDriver, base_url: str, begins: str, ends: str
) -> None:
    # ASVS 5.0, 3.3.1 to 3.3.4
    client = demo(org, base_url)
    (said,) = client.post(LOGIN, data={"person": str(client.ida)}).headers.get_list("set-cookie")
    assert (said.startswith(begins), said.endswith(ends)) == (True, True)
    assert len(said) == len(begins) + 43 + len(ends)


def test_over_https_a_cookie_without_its_prefix_lets_nobody_in(org: OrgDriver) -> None:
    client = demo(org, "https://brugere.test")
    client.post(LOGIN, data={"person": str(client.ida)})
    token = client.cookies["__Host-brugerbog"]
    client.cookies.clear()
    answer = client.get("/brugere", headers={"cookie": f"brugerbog={token}"})
    assert answer.headers["location"] == "/log-ind?videre=%2Fbrugere"


def test_a_login_is_logged_by_ids_alone(org: OrgDriver, caplog: pytest.LogCaptureFixture) -> None:
    # ASVS 5.0, 16.3.1
    caplog.set_level("INFO", "brugerbog")
    client = demo(org)
    client.post(LOGIN, data={"person": str(client.ida)})
    assert f"event=logged_in actor={client.ida} organisation={org.id}" in caplog.text
    assert client.cookies["brugerbog"] not in caplog.text


def test_in_the_demo_nobody_is_played_who_is_not_on_the_page(org: OrgDriver) -> None:
    client = demo(org)
    stranger = org.create_active("Fremmed", email="fremmed@by.test")
    for person in (stranger, uuid4()):
        assert client.post(LOGIN, data={"person": str(person)}).headers["location"] == LOGIN
    assert "brugerbog" not in client.cookies


def test_in_the_demo_too_who_is_no_longer_active_stays_out(org: OrgDriver) -> None:
    client = demo(org)
    org.deactivate(client.ida)
    assert client.post(LOGIN, data={"person": str(client.ida)}).status_code == 403
    assert "brugerbog" not in client.cookies


def test_a_login_ends_the_session_that_the_browser_was_in(org: OrgDriver) -> None:
    # ASVS 5.0, 7.2.4
    client = demo(org)
    client.post(LOGIN, data={"person": str(client.ida)})
    earlier = client.cookies["brugerbog"]
    client.post(LOGIN, data={"person": str(client.ida)})
    assert client.cookies["brugerbog"] != earlier
    client.cookies.clear()
    answer = client.get("/brugere", headers={"cookie": f"brugerbog={earlier}"})
    assert answer.headers["location"].endswith("fordi=session_over")


def test_a_token_that_somebody_made_up_is_not_taken_over(org: OrgDriver) -> None:
    """Nobody can be made to log in into a session whose token another knows."""
    client = demo(org)
    client.cookies.set("brugerbog", "A" * 43, domain="127.0.0.1", path="/")
    client.post(LOGIN, data={"person": str(client.ida)})
    assert client.cookies.get("brugerbog", path="/") != "A" * 43
