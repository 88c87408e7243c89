"""The requests of a client of the API, in order; names in braces stand for ids that are known or answered."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.testclient import TestClient

API = "/api/v1"
AT = "2026-03-15T12:00:00Z"

Request = tuple[str, str, Any, dict[str, str]]
"""Method, path, JSON body or text, and headers; `remember` is no header: the answer's member and its name."""


def _get(path: str, **headers: str) -> Request:
    return "GET", path, None, headers


def _post(path: str, said: Any = None, **headers: str) -> Request:  # noqa: ANN401 - any JSON
    return "POST", path, said, headers


def _on(user: str, verb: str, said: Any = None) -> Request:  # noqa: ANN401 - any JSON
    return _post(f"/users/{{{user}}}/{verb}", said)


KEY = {"Idempotency-Key": "11111111-1111-4111-8111-000000000001"}
NEW = {"first_name": "Jens", "surname": "Juul", "email": "jens@kommune.test", "date_of_birth": "1961-09-07"}
ACTIVITY = {
    "user_id": "{Bo}",
    "occurred_at": "2026-03-19T08:00:00Z",
    "transaction": "Log ind",
    "service_provider": "Skat",
    "service_type": "public",
    "reference": "s1",
}
NOBODY = "11111111-1111-4111-8111-111111111111"

QUESTIONS: tuple[Request, ...] = (
    _get("/users?limit=1000"),
    _get("/users?search=æ&sort=created&descending=true&limit=3"),
    _get("/users?status=active"),
    _get("/users?imported=true"),
    _get(f"/users?at={AT}"),
    _get("/users/all"),
    _get("/users?sort=nothing"),
    _get("/users?limit=0"),
    *(
        _get(f"/users/{{{name}}}")
        for name in ("Anne", "Bo", "Carl", "Frida", "Gorm", "Helle", "Ærlig", "Hans")
    ),
    _get(f"/users/{NOBODY}"),
    _get("/users/nobody"),
    _get(f"/users/{{Bo}}?at={AT}"),
    _get("/users/{Anne}/history"),
    _get("/users/{Gorm}/history"),
    _get("/users/{Anne}/replaced"),
    _post("/names", {"ids": ["{Anne}", "{Gorm}"]}),
    _get("/notices"),
    _get("/organisation"),
    _get("/organisation/roles"),
    _post("/organisation/settings/concerns", {"allow_anonymous": False}),
    _get("/sessions"),
    _get("/clients"),
    _get("/imports/template"),
    *(
        _post(f"/foresight/{what}", {"user_ids": ["{Bo}", "{Ærlig}", "{Gerda}"]})
        for what in ("sending", "resending", "deactivating", "deleting")
    ),
    *(_get(f"/reports/{name}") for name in ("status", "placement", "means", "pending", "cost", "nothing")),
    _get("/reports/status?format=csv"),
    _get("/changes?limit=5"),
    _get("/changes?after=10"),
    _get("/changes/position"),
    _get("/log?limit=20"),
    _get("/log?about={Bo}&words=true"),
    _get(f"/log/state?at={AT}"),
    _get(f"/log/difference?earlier=2026-03-09T12:00:00Z&later={AT}"),
    _get("/log/export"),
    _get("/users/{Anne}/export?with_personal_data=true"),
    _get("/mails"),
    _get("/mails/counts"),
    _get("/problems"),
    _get("/problems/already_deleted"),
    _get("/problems/nothing"),
    _get("/nowhere"),
)
COMMANDS: tuple[Request, ...] = (
    _post("/users", NEW | {"means": ["app"]}, **KEY, remember="subject new"),
    _post("/users", NEW | {"means": ["app"]}, **KEY),
    _post("/users", NEW, **KEY),
    _post("/users", {"first_name": "", "email": "nowhere"}),
    _post("/users", NEW | {"cpr": "0101010101"}),
    _get("/users/{new}"),
    ("PATCH", "/users/{new}", {"phone": "12345678", "ean": None}, {}),
    ("PATCH", "/users/{new}", {"phone": "x"}, {}),
    ("PATCH", "/users/{new}", {"surname": "Ø"}, {"If-Match": '"99"'}),
    _on("new", "place", {"p_number": "1003456789"}),
    _on("new", "resend-activation-mail"),
    _on("new", "issue-code"),
    _on("new", "activate"),
    _on("new", "activate"),
    _on("new", "assign-means", {"means": ["chip"]}),
    _on("new", "assign-means", {"means": ["nothing"]}),
    _on("new", "resend-means-mail"),
    _on("new", "grant-rights", {"rights": ["post"]}),
    _on("new", "grant-rights", {"rights": ["nothing"]}),
    _on("new", "revoke-rights", {"rights": ["post"]}),
    _on("new", "allow-signing"),
    _on("new", "withdraw-signing"),
    _on("new", "assign-sealing-profiles", {"profiles": ["P1"]}),
    _on("new", "show-cpr"),
    _on("new", "approve-anonymity"),
    _on("new", "decline-anonymity", {"reason": "Nej"}),
    _on("new", "give-role", {"role": "trusted_employee"}),
    _on("new", "take-role", {"role": "trusted_employee"}),
    _on("new", "end-sessions"),
    _on("new", "deactivate", {"from_date": "2026-03-20", "to_date": "2026-03-31"}),
    _on("new", "deactivate", {"from_date": "2025-01-01"}),
    _on("new", "reactivate"),
    _on("new", "reactivate"),
    _on("Anne", "show-cpr"),
    _on("Åge", "send-to-activation", {"means": ["app"]}),
    _post("/users/send-to-activation", {"user_ids": ["{Ærlig}", "{Bo}", "{Tidlig}"]}),
    ("PATCH", "/organisation/settings", {"ial": "high"}, {}),
    ("PATCH", "/organisation/settings", {"ial": "x"}, {}),
    _post("/organisations", {"cvr": "90000003", "name": "Tredje"}),
    _post("/clients", {"name": "Nyt system", "roles": ["reader"]}, remember="subject client"),
    _post("/clients/{client}/revoke"),
    _post(f"/clients/{NOBODY}/revoke"),
    _post(
        "/activities",
        {"reporter": "skat", "activities": [ACTIVITY, ACTIVITY, ACTIVITY | {"user_id": NOBODY}]},
    ),
    _post("/imports?dry_run=true", "FILE people.csv"),
    _post("/imports", "FILE changes.csv"),
    _post(f"/mails/{NOBODY}/retry"),
    ("DELETE", "/users/{new}", None, {}),
    ("DELETE", "/users/{new}", None, {}),
    ("PATCH", "/users/{new}", {"phone": "12345678"}, {}),
    ("DELETE", "/users/{Anne}", None, {}),
)


@dataclass
class Caller:
    """A client of the API with its credentials and known ids."""

    client: TestClient
    known: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def ask_all(self) -> list[dict[str, Any]]:
        """Send every request, the request for a token first; returns them with their answers."""
        self.asked.append(self.ask_for_token())
        self.asked += [self.ask(*request) for request in (*QUESTIONS, *COMMANDS)]
        return self.asked

    def ask_for_token(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"} | {
            name: self.known[name] for name in ("client_id", "client_secret")
        }
        response = self.client.post(f"{API}/token", data=form)
        self.client.headers["authorization"] = f"Bearer {response.json()['access_token']}"
        return {
            "method": "POST",
            "path": "/token",
            "status": response.status_code,
            "answer": shape(response.json()),
        }

    def ask(self, method: str, path: str, said: Any, headers: dict[str, str]) -> dict[str, Any]:  # noqa: ANN401
        """Send one request; returns the request and its answer."""
        asked = {"method": method, "path": path, "said": said, "headers": headers}
        sent = {name: value for name, value in headers.items() if name != "remember"}
        body: dict[str, Any] = {}
        if isinstance(said, str):
            body = {"content": self.files[said.removeprefix("FILE ")].encode()}
            sent["content-type"] = "text/csv"
        elif said is not None:
            body = {"json": self._filled(said)}
        response = self.client.request(method, API + self._filled(path), headers=sent, **body)
        kind = response.headers.get("content-type", "").partition(";")[0]
        answer = None
        if kind.endswith("ndjson"):
            answer = [json.loads(line) for line in response.text.splitlines()]
        elif kind.endswith("json"):
            answer = response.json()
        if "remember" in headers:
            member, name = headers["remember"].split(" ")
            self.known[name] = answer[member]
        found = {"status": response.status_code, "kind": kind}
        if kind == "application/problem+json":
            found["code"] = answer["code"]
        return asked | found | {"answer": shape(answer)}

    def _filled(self, said: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(said, dict):
            return {name: self._filled(value) for name, value in said.items()}
        if isinstance(said, list):
            return [self._filled(value) for value in said]
        if isinstance(said, str):
            return re.sub(r"\{(\w+)\}", lambda found: self.known[found[1]], said)
        return said


def shape(answer: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the members of an answer with the types of their values; a list as its distinct shapes."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in sorted(answer.items())}
    if isinstance(answer, list):
        shapes = [shape(one) for one in answer]
        return [one for number, one in enumerate(shapes) if one not in shapes[:number]]
    return type(answer).__name__
