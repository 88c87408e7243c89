"""The HTTP status of each refusal, for the API and SCIM."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from brugerbog.application.client_authentication import CredentialsWrong, TokenNotGood
from brugerbog.application.commands.imports.file_refusals import FileTooLarge, TooManyRows
from brugerbog.application.queries.audit.past_state import NotRegisteredYet
from brugerbog.application.queries.mail import MailNotWaiting
from brugerbog.application.rate_limits import TooManyTries
from brugerbog.application.refusals import requests as refusals
from brugerbog.application.refusals.keys import KeysBeingRotated, SigningKeyMissing
from brugerbog.application.refusals.log import CheckpointForged, LogDamaged, OrganisationForged
from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.domain.organisation import organisation
from brugerbog.domain.organisation.clients import ClientUnknown
from brugerbog.domain.user import activation, activation_code, anonymity, means_held
from brugerbog.domain.user import refusals as user_refusals
from brugerbog.domain.user.disclosure import CprNotKnown
from brugerbog.entrypoints.http.refusals import (
    NoSuchMethod,
    NoSuchPath,
    NotShownYet,
    StoreUnavailable,
    TooLarge,
    TooSlow,
    Unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFLICTS: Final = (
    refusals.CprInUse,
    refusals.PersonInUse,
    refusals.UserNameInUse,
    refusals.OrganisationAlreadyRegistered,
    user_refusals.NotImported,
    user_refusals.NotPending,
    user_refusals.NeverActivated,
    user_refusals.NotActive,
    user_refusals.NotDeactivated,
    user_refusals.KnownByAnotherCpr,
    user_refusals.CannotDeactivateOneself,
    user_refusals.CannotDeleteOneself,
    activation_code.NoCodeNeeded,
    anonymity.AlreadyAnonymous,
    anonymity.NoAnonymityRequest,
    anonymity.RoleHolderCannotBeAnonymous,
    means_held.NoMeansToActivate,
    means_held.NoConsentGiven,
    organisation.AnonymousHoldsNoRole,
    organisation.CannotTakeOwnRole,
    organisation.LastOrganisationAdministrator,
    CprNotKnown,
    MailNotWaiting,
)

STATUS: Final[Mapping[type[Refusal], HTTPStatus]] = {
    CredentialsWrong: HTTPStatus.UNAUTHORIZED,
    TokenNotGood: HTTPStatus.UNAUTHORIZED,
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
    activation.OperatorsDoorOnly: HTTPStatus.FORBIDDEN,
    refusals.UserUnknown: HTTPStatus.NOT_FOUND,
    refusals.OrganisationUnknown: HTTPStatus.NOT_FOUND,
    ClientUnknown: HTTPStatus.NOT_FOUND,
    NotRegisteredYet: HTTPStatus.NOT_FOUND,
    **dict.fromkeys(_CONFLICTS, HTTPStatus.CONFLICT),
    user_refusals.AlreadyDeleted: HTTPStatus.GONE,
    refusals.UserChanged: HTTPStatus.PRECONDITION_FAILED,
    NoSuchPath: HTTPStatus.NOT_FOUND,
    NoSuchMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyRows: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.TooBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    NotShownYet: HTTPStatus.CONFLICT,
    StoreUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    KeysBeingRotated: HTTPStatus.SERVICE_UNAVAILABLE,
    LogDamaged: HTTPStatus.SERVICE_UNAVAILABLE,
    OrganisationForged: HTTPStatus.SERVICE_UNAVAILABLE,
    CheckpointForged: HTTPStatus.SERVICE_UNAVAILABLE,
    SigningKeyMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""A refusal that isn't in the table has the status of its nearest base class."""


def status_of(refusal: Refusal) -> HTTPStatus:
    """Return the status of a refusal; of several refusals the one that all share, else 422."""
    if isinstance(refusal, Refusals):
        statuses = {status_of(objection.refusal) for objection in refusal.objections}
        return statuses.pop() if len(statuses) == 1 else HTTPStatus.UNPROCESSABLE_ENTITY
    return status_of_kind(type(refusal))


def status_of_kind(kind: type[Refusal]) -> HTTPStatus:
    """Return the status of a class of refusals."""
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)
