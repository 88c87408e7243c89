"""Text that databases can't store or UTF-8 can't encode causes no error: every entry point, both engines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES
from brugerbog.domain.organisation.clients import CLIENT_ROLES
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.api.api_client import API, ApiClient, connect
from tests.entrypoints.api.endpoints import ENDPOINTS
from tests.entrypoints.scim.scim_client import CORE, PATCH_OP, ScimClient, user_resource
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.org_driver import OrgDriver, open_org
from tests.rate_limits import reset_rate_limits

UNUSUAL_TEXTS = ["a\0b", "\0", "a\ud83db", "\udc00"]
"""NUL, which PostgreSQL can't store in text, and single surrogates, which UTF-8 can't encode."""


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path, clock=FrozenClock(), catches_up=False) as org:
        yield org


@pytest.fixture
def app(org: OrgDriver) -> FastAPI:
    return application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))


@pytest.fixture
def api(app: FastAPI, org: OrgDriver) -> ApiClient:
    return connect(app, org, *CLIENT_ROLES)


def text_paths(document: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Yield the paths of the texts in a document."""
    if isinstance(document, str):
        yield at
    if isinstance(document, dict | list):
        for name, part in document.items() if isinstance(document, dict) else enumerate(document):
            yield from text_paths(part, (*at, name))


def with_text(document: Any, at: tuple[Any, ...], text: str) -> Any:  # noqa: ANN401 - as above
    """Return a copy with an unusual text at a path."""
    changed = deepcopy(document)
    part = changed
    for name in at[:-1]:
        part = part[name]
    part[at[-1]] = text
    return changed


def test_unusual_text_in_api_bodies(api: ApiClient, org: OrgDriver) -> None:
    for name, endpoint in ENDPOINTS.items():
        if endpoint.body is None:
            continue
        reset_rate_limits(org.service)
        user_id = org.create_active("Ida", email=f"{uuid4().hex}@by.test")
        document = endpoint.body(user_id)
        for at in text_paths(document):
            for text in UNUSUAL_TEXTS:
                request = endpoint.request(user_id) | {"json": None}
                answer = api.request(
                    request["method"],
                    request["path"],
                    content=json.dumps(with_text(document, at, text)),
                    headers={"content-type": "application/json"},
                )
                assert answer.status_code < 500, (name, at, text, answer.text)


FILLED = {"first_name", "surname", "email", "phone", "reference_text", "ean", "p_number", "se_number", "cpr"}


def test_by_the_api_in_every_fact_of_a_user(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    for name in sorted(FILLED):
        for text in UNUSUAL_TEXTS:
            content = json.dumps({name: text})
            headers = {"content-type": "application/json"}
            answer = api.patch(f"/users/{user_id}", content=content, headers=headers)
            assert answer.status_code < 500, (name, text, answer.text)


def test_unusual_text_in_api_queries(api: ApiClient, org: OrgDriver) -> None:
    user_id = org.create("Ida")
    document = api.get("/openapi.json").json()
    tried = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = path.replace("{user_id}", str(user_id))
            for parameter in operation.get("parameters", ()):
                reset_rate_limits(org.service)
                name = parameter["name"]
                if parameter["in"] == "query":
                    for text in ("a%00b", "%00", "%ED%A0%BD", "%FF"):
                        answer = api.request(method.upper(), f"{where.removeprefix(API)}?{name}={text}")
                        assert answer.status_code < 500, (method, path, name, text, answer.text)
                        tried += 1
                if parameter["in"] == "path" and name != "user_id":
                    answer = api.request(method.upper(), path.removeprefix(API).replace(f"{{{name}}}", "%00"))
                    assert answer.status_code < 500, (method, path, name, answer.text)
    assert tried > 40


def test_unusual_text_in_api_credentials(app: FastAPI) -> None:
    client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=False)
    for text in ("%00", "90000001.%00", "%ED%A0%BD", "90000001%00.x"):
        form = f"grant_type=client_credentials&client_id={text}&client_secret={text}"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert client.post(f"{API}/token", content=form, headers=headers).status_code == 401
    for authorization in (b"Bearer \xff\xfe", b"Bearer 90000001.\xff.\xff", b"Basic \xff"):
        for path in (f"{API}/users", "/scim/v2/Users"):
            assert client.get(path, headers={"authorization": authorization}).status_code == 401, (
                authorization,
                path,
            )


FILTERED = ["userName", "externalId", "id", "emails.value", "name.givenName", "displayName", "pNumber"]


def test_by_scim_in_a_filter(app: FastAPI, org: OrgDriver) -> None:
    scim = ScimClient.of(org, app)
    for name in FILTERED:
        for text in (r"\ud83d", r"a\u0000b", "\0"):
            wanted = quote(f'{name} eq "{text}"')
            request = scim.send("GET", f"/Users?filter={wanted}")
            searched = scim.send("POST", "/Users/.search", {"filter": f'{name} eq "{text}"'})
            for answer in (request, searched):
                assert answer.status_code == 400, (name, text, answer.text)
                assert answer.json()["scimType"] == "invalidFilter"


def test_unusual_text_in_scim_queries(app: FastAPI, org: OrgDriver) -> None:
    scim = ScimClient.of(org, app)
    for name in ("sortBy", "attributes", "excludedAttributes", "startIndex", "count", "cursor"):
        for text in ("%00", "a%00b", "%ED%A0%BD"):
            assert scim.send("GET", f"/Users?{name}={text}").status_code < 500, (name, text)
    for text in ("%00", "%ED%A0%BD"):
        assert scim.send("GET", f"/Users/{text}").status_code == 404


def test_unusual_text_in_scim_bodies(app: FastAPI, org: OrgDriver) -> None:
    scim = ScimClient.of(org, app)
    whole = user_resource(1, ours={"referenceText": "Hold", "pNumber": "1000000001", "ean": "5790000000001"})
    user_id = scim.create(2, userName="to@katalog.test", externalId="to")["id"]
    for at in text_paths(whole):
        for text in UNUSUAL_TEXTS:
            document = with_text(whole, at, text)
            for method, path in (("POST", "/Users"), ("PUT", f"/Users/{user_id}")):
                answer = scim.send(method, path, document)
                assert answer.status_code < 500, (method, at, text, answer.text)
    for text in UNUSUAL_TEXTS:
        for path in ("userName", f"{CORE}:displayName", f'emails[type eq "{text}"].value', text):
            body = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": path, "value": text}]}
            answer = scim.send("PATCH", f"/Users/{user_id}", body)
            assert answer.status_code < 500, (path, text, answer.text)


def test_on_the_pages(app: FastAPI, org: OrgDriver) -> None:
    user_id = org.create_active("Ida")
    for role in ASSIGNABLE_ROLES:
        org.administration.give_role(org.actor, user_id, role)
    browser = Browser(app).log_in(user_id, org.id)
    cookies = dict(browser.client.cookies)
    client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=False, cookies=cookies)
    own = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    for path in ("/brugere", "/haendelseslog", f"/brugere/{user_id}", "/rapporter", "/brugere/valgte"):
        page = client.get(path)
        names = set(re.findall(r'name="([^"]+)"', page.text))
        actions = set(re.findall(r'action="([^"]+)"', page.text)) | {path}
        for action in actions:
            if "log-af" in action:
                continue
            for text in ("%00", "a%00b", "%ED%A0%BD"):
                content = "&".join(f"{name}={text}" for name in names)
                for method in ("GET", "POST"):
                    document = {"content": content} if method == "POST" else {}
                    query = "" if method == "POST" else f"?{content}"
                    answer = client.request(method, action.partition("#")[0] + query, headers=own, **document)
                    assert answer.status_code < 500, (method, action, text)
    for path in ("/aktivering/%00", "/aktivering/%ED%A0%BD/kode", "/log-ind?videre=%00&fordi=%00"):
        assert client.get(path).status_code < 500, path
