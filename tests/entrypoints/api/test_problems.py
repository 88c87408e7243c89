"""Every problem has a stable type, whose URL describes it."""

from __future__ import annotations

import pytest

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.api.problems import problem_of
from brugerbog.entrypoints.api.routes.problem_kinds import problem_kinds_by_code
from brugerbog.entrypoints.http.security_middleware import MAX_FORM_BYTES
from brugerbog.service import StoreFailure
from tests.domain.kernel.test_refusals import KINDS, sample
from tests.entrypoints.api.api_client import ApiClient
from tests.org_driver import OrgDriver


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_listed_and_explained(kind: type[Refusal]) -> None:
    problem = problem_of(sample(kind))
    explained = problem_kinds_by_code()[kind.code]
    assert problem.type == f"/api/v1/problems/{kind.code}"
    assert (problem.status, explained.status) == (explained.status, problem.status)
    assert problem.detail
    assert problem.message
    assert explained.about


def test_the_problem_types_need_no_token(api: ApiClient) -> None:
    problem = api.client.get("/api/v1/problems/cpr_in_use").json()
    assert (problem["status"], problem["title"]) == (409, "Cpr in use")
    assert {
        one["code"] for one in api.client.get("/api/v1/problems").json()
    } == problem_kinds_by_code().keys()
    assert api.client.get("/api/v1/problems/none").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "no_such_path"),
        ("GET", "/users/0709614000", 404, "no_such_path"),
        ("PUT", "/users", 405, "no_such_method"),
    ],
)
def test_an_unknown_path_is_a_problem_too(
    api: ApiClient, method: str, path: str, status: int, code: str
) -> None:
    answer = api.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "0709614000" not in answer.text


def test_a_wrong_method_gets_the_allowed_ones(api: ApiClient) -> None:
    assert api.request("PUT", "/users").headers["allow"] == "GET, HEAD, POST"


def test_more_than_is_needed_is_refused_as_a_problem(api: ApiClient) -> None:
    answer = api.post("/users", content=b"x" * (MAX_FORM_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


class Broken(StoreFailure):
    """The error of an unreachable store."""


@pytest.mark.parametrize(
    ("error", "problem"),
    [(Broken(), (503, "store_unavailable")), (KeyError("0709614000"), (500, "unexpected"))],
)
def test_a_failure_is_logged_without_its_message(
    api: ApiClient,
    org: OrgDriver,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    problem: tuple[int, str],
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(org.queries), "notices", fail)
    answer = api.get("/notices")
    assert (answer.status_code, answer.json()["code"]) == problem
    assert "0709614000" not in answer.text


def test_every_operation_is_described(api: ApiClient) -> None:
    document = api.client.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert len(operations) > 55
    assert all(one["description"] and one["tags"] for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)
    schemas = document["components"]["schemas"]
    undescribed = {name for name, one in schemas.items() if not one.get("description")}
    assert undescribed <= {"Body_token", "Sort", "ReportName"}
