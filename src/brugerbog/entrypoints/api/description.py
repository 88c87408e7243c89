"""The OpenAPI document (3.1): FastAPI's description of the routes, with the problems that all share."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi

from brugerbog.entrypoints.api.problems import PROBLEM_MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

_DESCRIPTION: Final = """\
User administration of MitID Erhverv for other systems.

Create a client with `brugerbog clients create`. It acts in its organisation, in its roles, and under its own
name in the log. `POST /token` returns a token for an hour.

* A command with an `Idempotency-Key` (a UUID of your own) is executed once, however often it is sent.
* A command on a user with `If-Match` (the user's `ETag`) is refused with 412 once the user has changed.
* A command returns a `position`. A query with `Brugerbog-Position` and `Prefer: wait=N` is answered from data
  that include that position. `/changes` lists the changes after a position; `/changes/stream` streams them.
* Errors are problem details (RFC 9457) with a stable `code`, in English and in Danish.
"""
_TAGS: Final = {
    "access": "Access tokens for a client id and secret.",
    "users": "Users with all their details: list, create, edit, deactivate, delete.",
    "activation and means": "Send to activation, resend mails, issue codes, assign means.",
    "rights": "Rights to services, signing, sealing.",
    "anonymity": "Requests to become anonymous.",
    "organisation": "Settings, roles and clients.",
    "imports": "CSV imports with an outcome for each row.",
    "foresight": "Previews of commands.",
    "activities": "Users' activities at services.",
    "reports": "Status, placement, means, pending activations, cost.",
    "changes": "The feed of changes.",
    "log": "The audit log; each reading of it is recorded.",
    "mails": "The state of mails.",
    "problems": "The types of problems.",
}
_PROBLEMS: Final = {
    "401": "The token is missing, expired or invalid.",
    "403": "None of the client's roles allows it.",
    "404": "No such user, client or other resource.",
    "409": "A conflict with the current state: `code` gives the reason, `met` the conflicting user.",
    "422": "Values that can't be read or aren't allowed, all of them in one answer.",
    "503": "The store can't be reached or is busy; the command may or may not have been executed.",
}
_COMMAND_PROBLEMS: Final = {
    "410": "The user is deleted.",
    "412": "The user has changed since the version in `If-Match`.",
    "413": "The body is too large.",
}
_ONLY_WITH_TOKEN: Final = ("401", "403")
_COMPONENT_NAMES: Final = {"ConflictingUser": "Met", "ReportFormat": "Form"}
"""Components named unlike their classes: generated clients name their own classes by components."""


def openapi_document(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, built once."""
    if api.openapi_schema is None:
        document = get_openapi(
            title="Brugerbog",
            version=version("brugerbog"),
            openapi_version="3.1.0",
            description=_DESCRIPTION,
            routes=api.routes,
            tags=[{"name": name, "description": description} for name, description in _TAGS.items()],
            servers=[{"url": "/api/v1"}],
            separate_input_output_schemas=False,
        )
        _add_problem_responses(document)
        _remove_null_types(document)
        api.openapi_schema = _with_component_names(document)
    return api.openapi_schema


def _with_component_names(document: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(document)
    for class_name, component in _COMPONENT_NAMES.items():
        text = text.replace(f'{class_name}"', f'{component}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _add_problem_responses(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            is_open = operation.get("security") == []
            problems = _PROBLEMS | (_COMMAND_PROBLEMS if method != "get" else {})
            for status, description in problems.items():
                if not (is_open and status in _ONLY_WITH_TOKEN):
                    operation["responses"].setdefault(status, {})
                    if status == "422" or not operation["responses"][status]:
                        operation["responses"][status] = {"description": description, "content": content}
            if path.endswith("/export"):
                operation["responses"]["429"] = {
                    "description": "Too many exports a minute.",
                    "content": content,
                }
            if "{user_id}" in path and method == "get":
                operation["responses"]["410"] = {"description": _COMMAND_PROBLEMS["410"], "content": content}
            operation["responses"] = dict(sorted(operation["responses"].items()))


def _remove_null_types(document: dict[str, Any]) -> None:
    """Remove the type null from parameters: a URL or a header can't hold null, only lack the parameter."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                kinds = parameter["schema"].pop("anyOf", [])
                for kind in kinds:
                    if kind != {"type": "null"}:
                        parameter["schema"] |= kind
