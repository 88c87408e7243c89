"""The OpenAPI document (3.1): what the rooms say of themselves, and what goes wrong everywhere alike."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi

from brugerbog.entrypoints.api.problems import PROBLEM, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

_ABOUT: Final = """\
User administration of MitID Erhverv for other systems.

A client is made with `brugerbog clients create`; it acts in its own organisation, in its roles, under its own
name in the log. `POST /token` gives a token for an hour.

* A command with an `Idempotency-Key` (a UUID of your own) is done once, however often it is sent.
* A command on a user with `If-Match` (his `ETag`) is refused with 412 once he has changed.
* A command answers with a `position`. A question with `Brugerbog-Position` and `Prefer: wait=N` is answered
  from what shows it. `/changes` tells what has happened after a position, `/changes/stream` as it happens.
* What goes wrong is told as problem details (RFC 9457) with a stable `code`, in English and in Danish.
"""
_TAGS: Final = {
    "access": "A token for client id and secret.",
    "users": "Everything about users in one call; create, edit, deactivate, delete.",
    "activation and means": "Sending to activation, resending, codes, means.",
    "rights": "Rights in services, signing, sealing.",
    "anonymity": "Requests to become anonymous.",
    "organisation": "Settings, roles and clients.",
    "imports": "CSV files with a receipt for each row.",
    "foresight": "What would come of a command.",
    "activities": "What users have done at services.",
    "reports": "Status, placement, means, pending activations, cost.",
    "changes": "The feed of changes.",
    "log": "Who did what to whom; reading it is recorded.",
    "mails": "How mails stand.",
    "problems": "The kinds of problems.",
}
_GOES_WRONG: Final = {
    "401": "No token, or one that is good no more.",
    "403": "None of the client's roles allows it.",
    "404": "No such user, client or thing here.",
    "409": "Not as things stand: the code says why, and `met` whom it met.",
    "422": "Something said can't be read or isn't possible; all of it is told at once.",
    "503": "The store can't be reached, or is busy; nothing is said to be done.",
}
_ON_COMMANDS: Final = {
    "410": "The user is deleted.",
    "412": "The user has changed since you read him.",
    "413": "More than is ever needed.",
}
_OPEN: Final = ("401", "403")


def described(api: FastAPI) -> dict[str, Any]:
    """The document; made once."""
    if api.openapi_schema is None:
        made = get_openapi(
            title="Brugerbog",
            version=version("brugerbog"),
            openapi_version="3.1.0",
            description=_ABOUT,
            routes=api.routes,
            tags=[{"name": name, "description": said} for name, said in _TAGS.items()],
            servers=[{"url": "/api/v1"}],
            separate_input_output_schemas=False,
        )
        _tell_of_problems(made)
        _leave_out_nulls(made)
        api.openapi_schema = made
    return api.openapi_schema


def _tell_of_problems(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            is_open = operation.get("security") == []
            told = _GOES_WRONG | (_ON_COMMANDS if method != "get" else {})
            for status, description in told.items():
                if not (is_open and status in _OPEN):
                    operation["responses"].setdefault(status, {})
                    if status == "422" or not operation["responses"][status]:
                        operation["responses"][status] = {"description": description, "content": content}
            if path.endswith("/export"):
                operation["responses"]["429"] = {"description": "Too many a minute.", "content": content}
            if "{user_id}" in path and method == "get":
                operation["responses"]["410"] = {"description": _ON_COMMANDS["410"], "content": content}
            operation["responses"] = dict(sorted(operation["responses"].items()))


def _leave_out_nulls(document: dict[str, Any]) -> None:
    """A parameter that isn't given isn't there; an address or a header can't say that it is null."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                kinds = parameter["schema"].pop("anyOf", [])
                for kind in kinds:
                    if kind != {"type": "null"}:
                        parameter["schema"] |= kind
