"""A browser without a screen or scripts: it keeps cookies, follows links, and fills in and sends forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bs4 import BeautifulSoup, Tag
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import Response

    from brugerbog.domain.kernel.roles import Role
    from brugerbog.entrypoints.web.context import WebContext

BASE_URL = "http://127.0.0.1:8000"


class Page:
    """What a browser shows."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.url.raw_path.decode()
        self.html = response.text
        self.soup = BeautifulSoup(self.html, "html.parser")

    @property
    def title(self) -> str:
        return _words(self.soup.title)

    @property
    def heading(self) -> str:
        return _words(self.soup.h1)

    @property
    def text(self) -> str:
        """All words of the page's own part, without the menu."""
        return _words(self.soup.main)

    @property
    def menu(self) -> list[str]:
        """The words of the menu, in order."""
        return [_words(link) for link in self.soup.select(".menu-wide a")]

    @property
    def alert(self) -> str:
        """What is said at the top: that something is done, or what is wrong."""
        return _words(self.soup.select_one(".alert"))

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong with each field."""
        found = self.soup.select(".form-error-message")
        return {str(one["id"]).removesuffix("-error"): _words(one).removeprefix("Fejl: ") for one in found}

    def rows(self, selector: str = "tbody tr") -> list[list[str]]:
        """The words of a table, cell by cell."""
        return [[_words(cell) for cell in row.select("td, th")] for row in self.soup.select(selector)]

    def value(self, name: str) -> str:
        """What stands in a field."""
        field = self.soup.select_one(f'[name="{name}"]')
        assert field is not None, name
        chosen = field.select_one("option[selected]") if field.name == "select" else field
        return "" if chosen is None else str(chosen.get("value", "") or chosen.text.strip())

    def link(self, text: str) -> str:
        """Where a link leads."""
        found = [link for link in self.soup.select("main a") if _words(link) == text]
        assert found, f"no link '{text}' among {[_words(link) for link in self.soup.select('main a')]}"
        return str(found[0]["href"])


class Browser:
    """One browser with its cookies; `web_context` is what the pages it looks at are served with."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.web_context: WebContext = app.state.web_context
        self.client = TestClient(app, base_url=BASE_URL, raise_server_exceptions=True)

    def log_in(self, user_id: UUID, organisation_id: UUID, roles: frozenset[Role] | None = None) -> Browser:
        """As if the broker had just vouched for him; with the roles he holds unless others are said."""
        if roles is None:
            organisation = self.web_context.service.log.organisation(organisation_id)
            assert organisation is not None
            roles = organisation.roles_of(user_id)
        token = self.web_context.sessions.begin(user_id, organisation_id, roles)
        self.client.cookies.set(self.web_context.cookie, token.reveal(), domain="127.0.0.1", path="/")
        return self

    def open(self, path: str) -> Page:
        return Page(self.client.get(path, headers={"sec-fetch-site": "same-origin"}))

    def send(self, path: str, files: Any = None, **fields: Any) -> Page:  # noqa: ANN401 - a form's fields
        """Send a form's fields as they are."""
        headers = {"sec-fetch-site": "same-origin"}
        return Page(self.client.post(path, data=fields, files=files, headers=headers))

    def press(self, page: Page, text: str, *, files: Any = None, **filled: Any) -> Page:  # noqa: ANN401
        """Press a button: its form is sent with what stands in it, and what is filled in here."""
        buttons = [one for one in page.soup.select("main button") if _words(one) == text]
        assert buttons, f"no button '{text}' among {[_words(one) for one in page.soup.select('main button')]}"
        button = buttons[0]
        form = button.find_parent("form")
        assert form is not None
        fields = _fields(form)
        if button.get("name"):
            fields[str(button["name"])] = str(button["value"])
        for name, value in filled.items():
            name = name.removesuffix("_")  # noqa: PLW2901 - `ord_` and `class_` for words that Python keeps
            assert files or form.select_one(f'[name="{name}"]'), f"the form has no field '{name}'"
            fields[name] = value
        fields = {name: value for name, value in fields.items() if value not in (None, False)}
        action = str(form.get("action") or page.path)
        if str(form.get("method", "get")).lower() == "get":
            return Page(self.client.get(action, params=fields))
        return self.send(action, files=files, **fields)


LogInAs = Callable[..., Browser]
"""Log a new user with these roles in, and return their browser."""


def _fields(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form as it stands."""
    fields: dict[str, Any] = {}
    for one in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(one["name"]), one.get("type", "text")
        if kind in ("checkbox", "radio"):
            if not one.has_attr("checked"):
                continue
            value = str(one.get("value", "on"))
            fields[name] = [*fields.get(name, []), value] if kind == "checkbox" else value
        elif one.name == "select":
            options = one.select("option")
            chosen = one.select_one("option[selected]") or (options[0] if options else None)
            fields[name] = "" if chosen is None else str(chosen.get("value", ""))
        elif one.name == "textarea":
            fields[name] = one.text.removeprefix("\n")
        elif kind != "file":
            fields[name] = _besides(fields.get(name), str(one.get("value", "")))
    return fields


def _besides(before: Any, value: str) -> Any:  # noqa: ANN401 - one text, or several of one name
    if before is None:
        return value
    return [*before, value] if isinstance(before, list) else [before, value]


def _words(tag: Tag | None) -> str:
    return "" if tag is None else " ".join(tag.get_text(" ").split()).replace(" ,", ",").replace(" .", ".")
