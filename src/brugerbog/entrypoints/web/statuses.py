"""The HTTP status of each refusal on the pages, where no form shows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from brugerbog.application.queries.audit.past_state import NotRegisteredYet
from brugerbog.application.queries.audit.search import KindUnknown
from brugerbog.application.rate_limits import TooManyTries
from brugerbog.application.refusals import requests as refusals
from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.links import LinkExpired, LinkUnknown, LinkUsed, LinkVoided
from brugerbog.domain.user.refusals import AlreadyDeleted

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS: Final[Mapping[type[Refusal], HTTPStatus]] = {
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
    refusals.UserUnknown: HTTPStatus.NOT_FOUND,
    refusals.OrganisationUnknown: HTTPStatus.NOT_FOUND,
    AlreadyDeleted: HTTPStatus.GONE,
    LinkUnknown: HTTPStatus.NOT_FOUND,
    LinkVoided: HTTPStatus.GONE,
    LinkExpired: HTTPStatus.GONE,
    LinkUsed: HTTPStatus.GONE,
    KindUnknown: HTTPStatus.BAD_REQUEST,
    NotRegisteredYet: HTTPStatus.NOT_FOUND,
    refusals.CursorInvalid: HTTPStatus.BAD_REQUEST,
    refusals.TooBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""A refusal that isn't in the table has the status of its nearest base class."""


def status_of(refusal: Refusal) -> HTTPStatus:
    """Return the status of a refusal."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)
