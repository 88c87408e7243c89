"""What every request passes, and what every answer carries."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from anyio import run
from httpx2 import Response
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from brugerbog.application.rate_limits import FAILURES_OF_ADDRESS
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.http.security_middleware import (
    MAX_FORM_BYTES,
    MAX_UPLOAD_BYTES,
    UPLOADS,
    SecurityMiddleware,
)
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.system import SystemIds
from brugerbog.infrastructure.web.settings import WebSettings
from tests.entrypoints.web.browser import BASE_URL, Browser, LogInAs
from tests.null_observer import NULL_OBSERVER
from tests.org_driver import OrgDriver

ELSEWHERE = "https://ond.test"
FROM_HERE = {"sec-fetch-site": "same-origin"}
POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def boom() -> None:
    raise RuntimeError("Ida Prøve, 070961-1111, i en fejlmeddelelse")


@pytest.fixture
def client(browser: Browser) -> TestClient:
    """A user administrator's, who follows no redirect by himself."""
    browser.client.app.add_api_route("/fejl", boom)
    browser.client.follow_redirects = False
    return browser.client


# Whose page sent it


def log_off(client: TestClient, **headers: str) -> Response:
    return client.post("/log-af", headers={name.replace("_", "-"): value for name, value in headers.items()})


FROM_OUR_PAGES = [
    {"sec_fetch_site": "same-origin"},
    {"sec_fetch_site": "same-origin", "origin": BASE_URL},
    {"sec_fetch_site": "same-origin", "origin": "null"},
    {"sec_fetch_site": "none"},
    {"origin": BASE_URL},
]
FROM_ELSEWHERE = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "cross-site", "origin": ELSEWHERE},
    {"sec_fetch_site": "cross-site", "origin": BASE_URL},
    {"sec_fetch_site": "cross-site", "origin": "null"},
    {"sec_fetch_site": "same-site", "origin": BASE_URL},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": ""},
    {"sec_fetch_site": "Same-Origin"},
    {"origin": ELSEWHERE},
    {"origin": "null"},
    {"origin": ""},
    {"origin": f"{BASE_URL}.ond.test"},
    {"origin": BASE_URL.replace("http:", "https:")},
    {"origin": BASE_URL.replace(":8000", ":8001")},
    {"referer": f"{BASE_URL}/brugere"},
    {},
]


@pytest.mark.parametrize("headers", FROM_OUR_PAGES, ids=str)
def test_a_form_of_our_own_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert log_off(client, **headers).status_code == 303
    assert "brugerbog" not in client.cookies


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
def test_a_form_of_anybody_elses_is_not(client: TestClient, headers: dict[str, str]) -> None:
    # ASVS 5.0, 3.5.1
    answer = log_off(client, **headers)
    assert (answer.status_code, "afvist" in answer.text) == (403, True)
    assert client.get("/brugere").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_way_of_asking_goes_round_it(client: TestClient, method: str) -> None:
    answer = client.request(method, "/log-af", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == (405 if method == "OPTIONS" else 403)


def test_nothing_is_changed_by_looking(client: TestClient) -> None:
    # ASVS 5.0, 3.5.3
    assert client.get("/log-af").status_code == 405
    assert client.get("/brugere").status_code == 200


def test_a_page_may_be_opened_from_anywhere(client: TestClient) -> None:
    """Else no link in a mail would lead here."""
    assert client.get("/brugere", headers={"sec-fetch-site": "cross-site"}).status_code == 200


# Under which name we are asked


@pytest.mark.parametrize("host", ["ond.test", "127.0.0.1", "127.0.0.1:8001", "127.0.0.1:8000.ond.test", ""])
def test_under_another_name_we_are_not_found(client: TestClient, host: str) -> None:
    answer = client.get("/brugere", headers={"host": host})
    assert (answer.status_code, answer.text) == (421, f"Siderne findes på {BASE_URL}\n")


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://Brugere.Test", "brugere.test"),
        ("https://brugere.test:443", "brugere.test"),
        ("https://brugere.test:8443", "brugere.test:8443"),
        ("https://brugere.købing.test", "brugere.xn--kbing-vua.test"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_we_go_by_the_name_that_browsers_say(org: OrgDriver, base_url: str, host: str) -> None:
    settings = WebSettings(base_url)
    client = TestClient(application(org.service, settings, DemoLogin([])), base_url=BASE_URL)
    assert client.get("/log-ind", headers={"host": host}).status_code == 200
    assert settings.origin == f"{base_url.partition(':')[0]}://{host}"


# How much is taken


def in_pieces(size: int, piece: bytes = b"a" * 65536) -> Iterator[bytes]:
    for _ in range(size // len(piece) + 1):
        yield piece


FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


def test_a_form_that_says_it_is_too_large_is_not_read(client: TestClient) -> None:
    # ASVS 5.0, 5.2.1
    answer = client.post("/brugere/opret", content=b"a" * (MAX_FORM_BYTES + 1), headers=FROM_HERE | FORM_TYPE)
    assert (answer.status_code, "for stort" in answer.text) == (413, True)


def test_one_that_does_not_say_so_is_shown_the_same(client: TestClient) -> None:
    answer = client.post(
        "/brugere/opret", content=in_pieces(MAX_FORM_BYTES + 1), headers=FROM_HERE | FORM_TYPE
    )
    assert (answer.status_code, "for stort" in answer.text) == (413, True)


def test_and_is_read_no_further() -> None:
    taken, answered = 0, []

    async def receive() -> Message:
        nonlocal taken
        taken += 65536
        return {"type": "http.request", "body": b"a" * 65536, "more_body": True}

    async def answer(message: Message) -> None:
        answered.append(message.get("status"))

    async def greedy(_scope: Scope, receive: Receive, _send: Send) -> None:
        while True:
            await receive()

    scope = {"type": "http", "method": "POST", "path": "/brugere/opret"}
    scope["headers"] = [(b"host", b"127.0.0.1:8000"), (b"sec-fetch-site", b"same-origin")]
    tell = lambda status, said: PlainTextResponse(said, status)  # noqa: E731 - as `create_app` hands it in
    guarded = SecurityMiddleware(greedy, WebSettings(BASE_URL), tell, NULL_OBSERVER, SystemIds())
    # In a thread of its own: where browsers are driven, this one has a loop already.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(run, guarded, scope, receive, answer).result()
    assert (answered[0], taken) == (413, MAX_FORM_BYTES + 65536)


def test_a_file_may_be_larger_than_a_form(client: TestClient) -> None:
    assert MAX_FORM_BYTES * 10 < MAX_UPLOAD_BYTES
    whole = {"fil": ("brugere.csv", b"a" * (MAX_FORM_BYTES + 1))}
    assert client.post(UPLOADS[0], files=whole, headers=FROM_HERE).status_code != 413
    answer = client.post(
        UPLOADS[0], content=b"", headers=FROM_HERE | {"content-length": str(MAX_UPLOAD_BYTES + 1)}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "a", "٣", "9" * 30])
def test_a_length_that_is_none_is_too_large(client: TestClient, length: str) -> None:
    headers = {**FROM_HERE, **FORM_TYPE, "content-length": length.encode()}
    assert client.post("/log-af", content=b"", headers=headers).status_code == 413


# What every answer carries


def a_form_with_too_little(client: TestClient) -> Response:
    return client.post("/brugere/opret", data={}, headers=FROM_HERE)


def too_often(client: TestClient) -> Response:
    *_, last = [client.get(f"/aktivering/{number}") for number in range(FAILURES_OF_ADDRESS.most + 1)]
    return last


def without_a_role(client: TestClient) -> Response:
    return client.get("/indstillinger")


ANSWERS: dict[str, tuple[int, Callable[[TestClient], Response]]] = {
    "a page": (200, lambda client: client.get("/brugere")),
    "the login page": (200, lambda client: client.get("/log-ind")),
    "elsewhere": (303, lambda client: client.get("/")),
    "out": (303, lambda client: client.post("/log-af", headers=FROM_HERE)),
    "not understood": (400, a_form_with_too_little),
    "not from here": (403, lambda client: client.post("/log-af", headers={"origin": ELSEWHERE})),
    "not his": (403, without_a_role),
    "not there": (404, lambda client: client.get("/findes-ikke")),
    "not so": (405, lambda client: client.get("/log-af")),
    "too large": (
        413,
        lambda client: client.post("/log-af", content=b"a" * (MAX_FORM_BYTES + 1), headers=FROM_HERE),
    ),
    "not by that name": (421, lambda client: client.get("/", headers={"host": "ond.test"})),
    "too often": (429, too_often),
    "a fault of ours": (500, lambda client: client.get("/fejl")),
    "a file of ours": (200, lambda client: client.get("/static/app.css")),
    "no file of ours": (404, lambda client: client.get("/static/findes-ikke.css")),
    "a file above ours": (404, lambda client: client.get("/static/%2e%2e/pages.py")),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_carries_all_headers(client: TestClient, kind: str) -> None:
    # ASVS 5.0, 3.4.3 to 3.4.6
    status, ask = ANSWERS[kind]
    answer = ask(client)
    assert answer.status_code == status
    (policy,) = answer.headers.get_list("content-security-policy")
    assert set(policy.split("; ")) == POLICY
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }
    assert len(answer.headers.get_list("x-request-id")) == 1
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    kept = answer.request.url.path.startswith("/static/")
    assert answer.headers.get_list("cache-control") == ["public, max-age=3600" if kept else "no-store"]


def test_over_https_browsers_are_instructed_to_stay_with_it(org: OrgDriver) -> None:
    # ASVS 5.0, 3.4.1 and 3.3.1 to 3.3.4
    settings = WebSettings("https://brugere.test")
    client = TestClient(
        application(org.service, settings, DemoLogin([])),
        base_url="https://brugere.test",
        follow_redirects=False,
    )
    for path in ("/log-ind", "/brugere", "/findes-ikke", "/static/app.css"):
        said = client.get(path).headers["strict-transport-security"]
        assert said == "max-age=31536000; includeSubDomains", path


# What goes wrong is told without what went wrong


def test_a_fault_of_ours_is_a_page_that_shows_nothing_of_it(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    # ASVS 5.0, 16.5.1 and 16.5.4
    caplog.set_level("DEBUG", "brugerbog")
    answer = client.get("/fejl")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "Der skete en uventet fejl" in answer.text
    told = answer.text + caplog.text
    assert not [said for said in ("RuntimeError(", "Traceback", "boom", "Ida", "070961") if said in told]
    assert "event=page_failed failure=RuntimeError" in caplog.text


def test_what_a_form_said_is_not_said_back_when_it_is_none_of_ours(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "brugerbog")
    answer = client.post("/brugere/opret", data={"cpr": "0709611111", "hack": "Krabbeløs"}, headers=FROM_HERE)
    assert answer.status_code == 400
    assert not [said for said in ("0709611111", "070961", "Krabbeløs") if said in answer.text + caplog.text]


def test_what_is_asked_for_is_logged_by_its_kind_alone(
    log_in_as: LogInAs, caplog: pytest.LogCaptureFixture
) -> None:
    # ASVS 5.0, 16.2.5
    caplog.set_level("INFO", "brugerbog.web")
    browser = log_in_as(Role.USER_ADMINISTRATOR)
    browser.open("/brugere?sortering=Krabbel%C3%B8s")
    browser.open("/aktivering/et-token-som-ingen-maa-se")
    browser.open("/brugere/0197F0A0-0000-7000-8000-00000000000A")
    browser.client.get("/api/v1/users/0197F0A0-0000-7000-8000-00000000000A")
    browser.client.get("/api/v1/findes/070961-1111")
    browser.client.get("/findes/070961-1111")
    told = [line.getMessage() for line in caplog.records if line.name == "brugerbog.web"]
    assert [line.partition(" status")[0] for line in told] == [
        "event=request method=GET page=/brugere",
        "event=request method=GET page=/aktivering/{token}",
        "event=request method=GET page=/brugere/{user_id}",
        "event=request method=GET page=/api/v1/users/{user_id}",
        "event=request method=GET page=/api/v1",
        "event=request method=GET page=none",
    ]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_nothing_shows_how_the_pages_are_made(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
