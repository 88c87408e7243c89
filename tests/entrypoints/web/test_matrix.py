"""Promise 9 through the pages: each page and form by every role, at home and elsewhere, as the table says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from httpx2 import Response

from brugerbog.application.commands.authorization import PERMISSIONS
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login.oidc import OidcLogin
from brugerbog.infrastructure.web.settings import OidcSettings, WebSettings
from brugerbog.infrastructure.web.uploads import State
from tests.clock import FrozenClock
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.entrypoints.web.pages_and_roles import FOR_EVERYBODY, ROWS, USER, Row, somebody
from tests.org_driver import OrgDriver, open_org, register_org
from tests.rate_limits import reset_rate_limits

ANYBODY = frozenset({Role.USER})
LOGS_OUT = "/min-profil/log-af-overalt"
"""Whoever sends this form is to be logged in again for the next page."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser, and the roles that count in the organisation of the test."""

    org: OrgDriver
    browser: Browser
    user_id: UUID
    roles: frozenset[Role]


@dataclass(frozen=True)
class Actors:
    """An organisation, and all who come to its pages, each by what he is."""

    org: OrgDriver
    app: FastAPI
    visitors: dict[str, Visitor]
    stranger: Visitor
    gone: UUID
    """Who had every role, and is deactivated."""
    folder: Path
    routes: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def actors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actors]:
    with open_org(clock=FrozenClock(), catches_up=False) as org:
        app = application(org.service, WebSettings(BASE_URL), DemoLogin([]))

        def visitor(here: OrgDriver, name: str, roles: frozenset[Role]) -> Visitor:
            user_id = here.create_active(name, email=f"{name}@by.test")
            for role in roles:
                here.administration.give_role(here.actor, user_id, role)
            return Visitor(here, Browser(app).log_in(user_id, here.id), user_id, ANYBODY | roles)

        visitors = {f"a {role}": visitor(org, role.value, frozenset({role})) for role in ASSIGNABLE_ROLES}
        visitors["a user without a role"] = visitor(org, "uden", frozenset())
        other = register_org(org.service, org.clock, cvr="90000002")
        stranger = visitor(other, "fremmed", frozenset(ASSIGNABLE_ROLES))
        gone = visitor(org, "vaek", frozenset(ASSIGNABLE_ROLES)).user_id
        org.deactivate(gone)
        yield Actors(org, app, visitors, stranger, gone, tmp_path_factory.mktemp("files"), routes(app))


@dataclass
class Asking:
    """One page or form, asked for as well as can be by one after another."""

    actors: Actors
    name: str
    row: Row
    said: dict[str, Any]
    """What FastAPI says of the route."""

    def somebody(self) -> UUID | None:
        """A new user whom it may be about, if it is about one."""
        return somebody(self.actors.org, self.row.about, self.actors.folder) if self.row.about else None

    def by(self, visitor: Visitor, about: UUID | None = None, upload: UUID | None = None) -> Response:
        reset_rate_limits(visitor.browser.web_context.service)
        method, path = self.name.split()
        filled = {"user_id": str(about), "upload_id": str(upload or uuid4())}
        filled |= {name: str(about) if one is USER else one for name, one in self.row.filled.items()}
        in_path = {name: filled.pop(name) for name in list(filled) if f"{{{name}}}" in path}
        filled = {name: one for name, one in filled.items() if name not in ("user_id", "upload_id")}
        files = {"fil": ("brugere.csv", b"Aktion")} if self.row.file else None
        fields = self._needed() | filled if method == "POST" else None
        answer = visitor.browser.client.request(
            method,
            path.format(**in_path),
            data=fields,
            files=files,
            headers={"sec-fetch-site": "same-origin"},
        )
        if path == LOGS_OUT:
            self.actors.org.clock.advance(timedelta(seconds=1))
            visitor.browser.log_in(visitor.user_id, visitor.org.id)
        return answer

    def _needed(self) -> dict[str, str]:
        """A harmless value for every field that a form must have."""
        content = self.said.get("requestBody", {}).get("content", {})
        schema = content.get("application/x-www-form-urlencoded", {}).get("schema", {})
        schema = self.said["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
        kinds = {name: schema["properties"][name] for name in schema.get("required", [])}
        return {name: str(uuid4()) if kind.get("format") == "uuid" else "1" for name, kind in kinds.items()}


def routes(app: FastAPI) -> dict[str, dict[str, Any]]:
    """Every page and form of an application, with what FastAPI says of each."""
    told = get_openapi(title="", version="", routes=app.routes)
    schemas = told.get("components", {}).get("schemas", {})
    return {
        f"{method.upper()} {path}": said | {"schemas": schemas}
        for path, methods in told["paths"].items()
        for method, said in methods.items()
    }


@pytest.fixture
def asking(actors: Actors, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Asking:
    caplog.set_level(logging.INFO, "brugerbog.refusals")
    name: str = request.param
    return Asking(actors, name, ROWS[name], actors.routes[name])


def of_rows(*, about: bool = False, upload: bool = False, changing: bool = False) -> pytest.MarkDecorator:
    names = [
        name
        for name, row in ROWS.items()
        if (row.about or not about)
        and bool(row.upload) is upload
        and (name.startswith("POST") or not changing)
    ]
    return pytest.mark.parametrize("asking", names, indirect=True)


def is_out(answer: Response) -> bool:
    return answer.url.path == "/log-ind"


def position(actors: Actors) -> int:
    return actors.org.service.runner.catch_up()


def test_every_page_and_form_is_in_the_table(actors: Actors, tmp_path: Path) -> None:
    oidc = OidcSettings(issuer="https://broker.test", client_id="brugerbog")
    settings = WebSettings(BASE_URL, oidc=oidc)
    apps = (actors.app, application(actors.org.service, settings, OidcLogin(oidc)),
            application(actors.org.service, settings, DemoLogin([], outbox=tmp_path)))  # fmt: skip
    assert {name for app in apps for name in routes(app)} == ROWS.keys() | FOR_EVERYBODY


def test_every_row_names_a_line_of_the_table_of_roles() -> None:
    assert {row.may for row in ROWS.values()} <= PERMISSIONS.keys()


@of_rows()
def test_each_gets_what_their_roles_allow_and_nothing_else(
    asking: Asking, actors: Actors, caplog: pytest.LogCaptureFixture
) -> None:
    # ASVS 5.0, 8.2.1 and 16.3.2
    for who, visitor in actors.visitors.items():
        caplog.clear()
        about, before = asking.somebody(), position(actors)
        answer = asking.by(visitor, about)
        if visitor.roles & PERMISSIONS[asking.row.may]:
            assert answer.status_code in (200, 409, 422), (who, answer.status_code)
            assert is_out(answer) == asking.name.endswith(LOGS_OUT), who
        else:
            assert answer.status_code == 403, (who, answer.status_code)
            assert position(actors) == before, who
            assert f"code=not_allowed actor={visitor.user_id}" in caplog.text, who


@of_rows(about=True)
def test_who_may_everything_elsewhere_comes_no_nearer_to_the_users_here(
    asking: Asking, actors: Actors, caplog: pytest.LogCaptureFixture
) -> None:
    # ASVS 5.0, 8.2.2 and 8.4.1
    about, before = asking.somebody(), position(actors)
    answer = asking.by(actors.stranger, about)
    assert answer.status_code == 404
    assert position(actors) == before
    assert f"code=user_unknown actor={actors.stranger.user_id}" in caplog.text


@of_rows(upload=True)
def test_what_was_handed_in_is_nobody_elses(asking: Asking, actors: Actors) -> None:
    owner = next(one for one in actors.visitors.values() if one.roles & PERMISSIONS[asking.row.may])
    session = owner.browser.web_context.sessions.find(Secret(owner.browser.client.cookies["brugerbog"]))
    assert session is not None
    assert asking.row.upload is not None
    upload_id = uuid4()
    owner.browser.web_context.uploads.add(
        session, upload_id, asking.row.upload, b"indhold", state=State.REFUSED, result={"refused": "Nej"}
    )
    colleague = Browser(actors.app).log_in(owner.user_id, actors.org.id)
    others = [
        *actors.visitors.values(),
        actors.stranger,
        Visitor(actors.org, colleague, owner.user_id, ANYBODY),
    ]
    for other in others:
        answer = asking.by(other, upload=upload_id)
        if other is owner:
            assert answer.status_code in (200, 404, 422)
        else:
            may = other.roles & PERMISSIONS[asking.row.may] or asking.name.endswith(
                ("/nu", "/kvittering.csv")
            )
            assert answer.status_code in ((404,) if may else (403, 404))


@pytest.mark.parametrize("asking", ROWS, indirect=True)
def test_nobody_gets_anything_who_is_not_logged_in(asking: Asking, actors: Actors) -> None:
    about, before = asking.somebody(), position(actors)
    nobody = Visitor(actors.org, Browser(actors.app), uuid4(), frozenset())
    assert is_out(asking.by(nobody, about))
    assert position(actors) == before


@pytest.mark.parametrize("asking", ROWS, indirect=True)
def test_nobody_gets_anything_any_more_who_is_deactivated(asking: Asking, actors: Actors) -> None:
    # ASVS 5.0, 7.4.2
    gone = Visitor(
        actors.org, Browser(actors.app).log_in(actors.gone, actors.org.id), actors.gone, frozenset()
    )
    about, before = asking.somebody(), position(actors)
    answer = asking.by(gone, about)
    assert is_out(answer)
    assert answer.url.query.endswith(b"fordi=not_active")
    assert position(actors) == before
