"""What a refusal is answered with in SCIM: the API's status, or SCIM's own, and its `scimType`."""

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

REFUSAL: Final = "Brugerbog-Refusal"
"""The header with our own codes: strict clients take no error that has other members than SCIM's."""


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """An HTTP status and, where RFC 7644 (§3.12) has one that fits, its keyword."""

    status: HTTPStatus
    scim_type: str | None = None


_OTHERWISE: Final[Mapping[HTTPStatus, HTTPStatus]] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
    HTTPStatus.GONE: HTTPStatus.NOT_FOUND,
}
"""Where SCIM has another status than our HTTP API."""

_KEYWORDS: Final[Mapping[type[Refusal], ErrorKind]] = {
    refusals.CprInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    refusals.PersonInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    refusals.UserNameInUse: ErrorKind(HTTPStatus.CONFLICT, "uniqueness"),
    KnownByAnotherCpr: ErrorKind(HTTPStatus.BAD_REQUEST, "mutability"),
}


def kind_of(refusal: Refusal) -> ErrorKind:
    """What a refusal is answered with: by the table of our HTTP API, in SCIM's own terms."""
    if type(refusal) in _KEYWORDS:
        return _KEYWORDS[type(refusal)]
    status = _OTHERWISE.get(status := status_of(refusal), status)
    return ErrorKind(status, "invalidValue" if status is HTTPStatus.BAD_REQUEST else None)


def exception_of(refusal: Refusal) -> SCIMException:
    """SCIM's exception for a refusal, told in English and in Danish; `codes_of` gives back its codes."""
    kind = kind_of(refusal)
    one = Objection(refusal.concerns or "", refusal)
    reasons = refusal.objections if isinstance(refusal, Refusals) else (one,)
    detail = " · ".join(_told(one) for one in reasons)
    exception = SCIMException.from_error(Error(status=kind.status, scim_type=kind.scim_type, detail=detail))
    exception.context["codes"] = [one.refusal.code for one in reasons]
    return exception


def codes_of(exception: SCIMException) -> str:
    """The codes of the refusals that an exception was made of, for the header `REFUSAL`; none of others."""
    return ", ".join(exception.context.get("codes", ()))


def _told(one: Objection) -> str:
    field = f"{one.field}: " if one.field else ""
    return masked(f"{field}{one.refusal.detail} / {one.refusal.message} ({one.refusal.code})")
