"""How the API tells what went wrong: problem details (RFC 9457), in two languages, with nothing echoed."""

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

PROBLEM: Final = "application/problem+json"
TYPES: Final = "/api/v1/problems/"
"""Where each type of problem is told of, by its code."""


class Reason(BaseModel):
    """One thing that was wrong, and with what."""

    field: str = Field(description="The part of the request, e.g. `cpr` or `query.limit`.")
    code: str = Field(description="Stable, for programs.")
    detail: str = Field(description="In English.")
    message: str = Field(description="In Danish, for people, with what to do.")


class ConflictingUser(BaseModel):
    """The user who stands in the way, as he is."""

    user_id: UUID
    status: str
    first_name: str
    surname: str
    email: str | None


class Problem(BaseModel):
    """What went wrong (RFC 9457). Of what was sent nothing is repeated."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{TYPES}not_pending",
                "title": "Not pending",
                "status": 409,
                "detail": "The user is not pending activation.",
                "code": "not_pending",
                "message": "Brugeren afventer ikke aktivering og kan derfor ikke aktiveres.",
            }
        }
    )

    type: str = Field(description="A stable address by the code; it tells of the problem.")
    title: str
    status: int
    detail: str = Field(description="In English.")
    code: str = Field(description="Stable, for programs.")
    message: str = Field(description="In Danish, for people, with what to do.")
    errors: list[Reason] | None = Field(
        None, description="All that was wrong, where it was more than one thing or of one field."
    )
    met: ConflictingUser | None = Field(
        None, description="Whom a new or changed user met who is there already, if one may see him."
    )


def title_of(code: str) -> str:
    """A problem in a few English words."""
    return code.replace("_", " ").capitalize()


def problem_of(refusal: Refusal, met: ConflictingUser | None = None) -> Problem:
    """What was refused, as it is told."""
    return Problem(
        type=f"{TYPES}{refusal.code}",
        title=title_of(refusal.code),
        status=status_of(refusal),
        detail=masked(refusal.detail),
        code=refusal.code,
        message=masked(refusal.message),
        errors=_reasons(refusal),
        met=met,
    )


def problem(
    refusal: Refusal, *, met: ConflictingUser | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer to what was refused."""
    told, status, said = problem_of(refusal, met), status_of(refusal), dict(headers or {})
    if isinstance(refusal, TooManyTries):
        said["retry-after"] = str(refusal.retry_after)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        said.setdefault("retry-after", "1")
    return JSONResponse(told.model_dump(mode="json", exclude_none=True), status, said, PROBLEM)


def _reasons(refusal: Refusal) -> list[Reason] | None:
    if isinstance(refusal, Refusals):
        return [_reason(one.field, one.refusal) for one in refusal.objections]
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


def misread(mistakes: Iterable[Mapping[str, Any]]) -> Refusal:
    """What the framework says of a request, without a word of the request itself."""
    return unread([_objection(one) for one in mistakes])


def unread(found: Sequence[Objection]) -> Refusal:
    """One objection as itself, several together."""
    try:
        refuse_if(found)
    except Refusal as refusal:
        return refusal
    return Refusal()


def _objection(mistake: Mapping[str, Any]) -> Objection:
    where, *path = (str(part) for part in mistake["loc"])
    if mistake["type"] in _UNKNOWN:
        # The name of what nobody asked for is theirs, and may be anything.
        path = path[:-1]
    if mistake["type"] == "json_invalid":
        path = []
    field = ".".join(path if where == "body" and path else [where, *path])
    kind: str = mistake["type"]
    plain = kind.removesuffix("_from_datetime_inexact")
    if "date" in plain:
        what, how = "En dato eller et tidspunkt kan ikke læses.", "not a date or an instant"
    elif plain.startswith(("greater_than", "less_than")):
        what, how = "Tallet er uden for det mulige.", "out of range"
    else:
        what, how = _WORDS.get(plain, ("Noget har en forkert form.", "of another form"))
    return Objection(masked(field), RequestInvalid(what, how))
