"""SCIM errors for refusals: the HTTP status and the `scimType`."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from scim2_models import Error, SCIMException

from brugerbog.application.refusals import requests as refusals
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals
from brugerbog.domain.user.refusals import KnownByAnotherCpr
from brugerbog.domain.values.masking import masked
from brugerbog.entrypoints.http.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSAL_HEADER: Final = "Brugerbog-Refusal"
"""The header with Brugerbog's refusal codes: strict clients reject errors with members outside SCIM."""


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """An HTTP status and, if RFC 7644 (§3.12) has a fitting one, its `scimType`."""

    status: HTTPStatus
    scim_type: str | None = None


_STATUS_OVERRIDES: Final[Mapping[HTTPStatus, HTTPStatus]] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
    HTTPStatus.GONE: HTTPStatus.NOT_FOUND,
}
"""Statuses of the HTTP API that are different in SCIM."""

_SCIM_ERRORS: Final[Mapping[type[Refusal], ErrorKind]] = {
    refusals.CprInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    refusals.PersonInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    refusals.UserNameInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    KnownByAnotherCpr: ErrorKind(HTTPStatus.BAD_REQUEST, "mutability"),
}


def error_kind_of(refusal: Refusal) -> ErrorKind:
    """Return the error of a refusal, derived from its status in the HTTP API."""
    if type(refusal) in _SCIM_ERRORS:
        return _SCIM_ERRORS[type(refusal)]
    status = _STATUS_OVERRIDES.get(status := status_of(refusal), status)
    return ErrorKind(status, "invalidValue" if status is HTTPStatus.BAD_REQUEST else None)


def exception_of(refusal: Refusal) -> SCIMException:
    """Return the SCIM exception for a refusal, in English and Danish; `codes_of` returns its codes."""
    kind = error_kind_of(refusal)
    single = Objection(refusal.concerns or "", refusal)
    objections = refusal.objections if isinstance(refusal, Refusals) else (single,)
    detail = " · ".join(_text(objection) for objection in objections)
    exception = SCIMException.from_error(Error(status=kind.status, scim_type=kind.scim_type, detail=detail))
    exception.context["codes"] = [objection.refusal.code for objection in objections]
    return exception


def codes_of(exception: SCIMException) -> str:
    """Return the refusal codes of an exception from `exception_of`; an empty text for other exceptions."""
    return ", ".join(exception.context.get("codes", ()))


def _text(objection: Objection) -> str:
    field, refusal = f"{objection.field}: " if objection.field else "", objection.refusal
    return masked(f"{field}{refusal.detail} / {refusal.message} ({refusal.code})")
