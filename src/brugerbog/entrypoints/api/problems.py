"""Problem details (RFC 9457) in English and Danish, without any content of the request."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals, refuse_if
from brugerbog.domain.values.masking import masked
from brugerbog.entrypoints.http.refusals import RequestInvalid
from brugerbog.entrypoints.http.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
PROBLEM_TYPES: Final = "/api/v1/problems/"
"""The path of the descriptions of problem types, followed by the code."""


class Reason(BaseModel):
    """One error, and the part of the request that it concerns."""

    field: str = Field(description="The part of the request, e.g. `cpr` or `query.limit`.")
    code: str = Field(description="Stable, for programs.")
    detail: str = Field(description="In English.")
    message: str = Field(description="In Danish, for people, with advice.")


class ConflictingUser(BaseModel):
    """The existing user with whom the request conflicts, in their current state."""

    user_id: UUID
    status: str
    first_name: str
    surname: str
    email: str | None


class Problem(BaseModel):
    """An error (RFC 9457). It never echoes content of the request."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{PROBLEM_TYPES}not_pending",
                "title": "Not pending",
                "status": 409,
                "detail": "The user is not pending activation.",
                "code": "not_pending",
                "message": "Brugeren afventer ikke aktivering og kan derfor ikke aktiveres.",
            }
        }
    )

    type: str = Field(description="A stable URL, by code, that describes the problem.")
    title: str
    status: int
    detail: str = Field(description="In English.")
    code: str = Field(description="Stable, for programs.")
    message: str = Field(description="In Danish, for people, with advice.")
    errors: list[Reason] | None = Field(
        None, description="Every error, where there are several or where one concerns a field."
    )
    met: ConflictingUser | None = Field(
        None, description="The existing user with the same identity, if the client may see that user."
    )


def title_of(code: str) -> str:
    """Return a short English title for a code."""
    return code.replace("_", " ").capitalize()


def problem_of(refusal: Refusal, conflicting_user: ConflictingUser | None = None) -> Problem:
    """Return a refusal as problem details."""
    return Problem(
        type=f"{PROBLEM_TYPES}{refusal.code}",
        title=title_of(refusal.code),
        status=status_of(refusal),
        detail=masked(refusal.detail),
        code=refusal.code,
        message=masked(refusal.message),
        errors=_reasons(refusal),
        met=conflicting_user,
    )


def problem_response(
    refusal: Refusal,
    *,
    conflicting_user: ConflictingUser | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the response to a refused request."""
    status, all_headers = status_of(refusal), dict(headers or {})
    if isinstance(refusal, TooManyTries):
        all_headers["retry-after"] = str(refusal.retry_after)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        all_headers.setdefault("retry-after", "1")
    content = problem_of(refusal, conflicting_user).model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, all_headers, PROBLEM_MEDIA_TYPE)


def _reasons(refusal: Refusal) -> list[Reason] | None:
    if isinstance(refusal, Refusals):
        return [_reason(objection.field, objection.refusal) for objection in refusal.objections]
    return None if refusal.concerns is None else [_reason(refusal.concerns, refusal)]


def _reason(field: str, refusal: Refusal) -> Reason:
    return Reason(
        field=masked(field), code=refusal.code, detail=masked(refusal.detail), message=masked(refusal.message)
    )


_WORDS: Final = {
    "missing": ("Noget mangler.", "missing"),
    "extra_forbidden": ("Noget er ukendt.", "unknown"),
    "json_invalid": ("Indholdet er ikke gyldig JSON.", "not valid JSON"),
    "uuid_parsing": ("Et id er ikke et UUID.", "not a UUID"),
    "uuid_type": ("Et id er ikke et UUID.", "not a UUID"),
    "bool_parsing": ("Skriv true eller false.", "not true or false"),
    "bool_type": ("Skriv true eller false.", "not true or false"),
    "int_parsing": ("Skriv et helt tal.", "not a whole number"),
    "int_type": ("Skriv et helt tal.", "not a whole number"),
    "enum": ("Værdien er ikke blandt de mulige.", "not one of the possible values"),
    "literal_error": ("Værdien er ikke blandt de mulige.", "not one of the possible values"),
    "string_type": ("Skriv værdien som tekst.", "not a text"),
    "string_unicode": ("Teksten er ikke gyldig Unicode.", "not valid Unicode"),
    "string_too_long": ("Teksten er for lang.", "too long"),
    "too_long": ("Listen er for lang.", "too many"),
    "too_short": ("Listen er tom.", "none"),
    "list_type": ("Skriv en liste.", "not a list"),
    "timezone_aware": ("Angiv tidszonen med.", "without an offset"),
}
_UNKNOWN: Final = frozenset({"extra_forbidden"})


def validation_refusal(errors: Iterable[Mapping[str, Any]]) -> Refusal:
    """Return the refusal for pydantic's validation errors, without any content of the request."""
    return combined_refusal([_objection(error) for error in errors])


def combined_refusal(objections: Sequence[Objection]) -> Refusal:
    """Return one refusal for all objections."""
    try:
        refuse_if(objections)
    except Refusal as refusal:
        return refusal
    return Refusal()


def _objection(error: Mapping[str, Any]) -> Objection:
    where, *path = (str(part) for part in error["loc"])
    if error["type"] in _UNKNOWN:
        # The name of an unknown member is content of the request.
        path = path[:-1]
    if error["type"] == "json_invalid":
        path = []
    field = ".".join(path if where == "body" and path else [where, *path])
    kind: str = error["type"]
    plain = kind.removesuffix("_from_datetime_inexact")
    if "date" in plain:
        what, how = "En dato eller et tidspunkt kan ikke læses.", "not a date or an instant"
    elif plain.startswith(("greater_than", "less_than")):
        what, how = "Tallet er uden for det mulige.", "out of range"
    else:
        what, how = _WORDS.get(plain, ("Noget har en forkert form.", "of another form"))
    return Objection(masked(field), RequestInvalid(what, how))
