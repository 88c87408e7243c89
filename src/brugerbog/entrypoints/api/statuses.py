"""What a refusal is answered with: one table of refusal and HTTP status."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from brugerbog.application import errors
from brugerbog.application.access import CredentialsWrong, TokenNotGood
from brugerbog.application.audit_past import NotRegisteredYet
from brugerbog.application.imports.refusals import FileTooLarge, TooManyRows
from brugerbog.application.limits import TooManyTries
from brugerbog.application.mail_desk import MailNotWaiting
from brugerbog.application.store_errors import (
    CheckpointForged,
    KeysBeingRotated,
    LogDamaged,
    OrganisationForged,
    SigningKeyMissing,
    StoreUnusable,
)
from brugerbog.domain import activation, anonymity, holding, organisation
from brugerbog.domain import errors as domain
from brugerbog.domain.clients import ClientUnknown
from brugerbog.domain.disclosure import CprNotKnown
from brugerbog.entrypoints.api.refusals import (
    NoSuchMethod,
    NoSuchPath,
    NotShownYet,
    StoreAway,
    TooLarge,
    TooSlow,
    Unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_AS_THINGS_STAND: Final = (
    errors.CprInUse,
    errors.PersonInUse,
    errors.UserNameInUse,
    errors.OrganisationAlreadyRegistered,
    domain.NotImported,
    domain.NotPending,
    domain.NeverActivated,
    domain.NotActive,
    domain.NotDeactivated,
    domain.KnownByAnotherCpr,
    domain.CannotDeactivateOneself,
    domain.CannotDeleteOneself,
    activation.NoCodeNeeded,
    anonymity.AlreadyAnonymous,
    anonymity.NoAnonymityRequest,
    anonymity.RoleHolderCannotBeAnonymous,
    holding.NoMeansToActivate,
    holding.NoConsentGiven,
    organisation.AnonymousHoldsNoRole,
    organisation.CannotTakeOwnRole,
    organisation.LastOrganisationAdministrator,
    CprNotKnown,
    MailNotWaiting,
)

STATUS: Final[Mapping[type[domain.Refusal], HTTPStatus]] = {
    CredentialsWrong: HTTPStatus.UNAUTHORIZED,
    TokenNotGood: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    activation.OperatorsDoorOnly: HTTPStatus.FORBIDDEN,
    errors.UserUnknown: HTTPStatus.NOT_FOUND,
    errors.OrganisationUnknown: HTTPStatus.NOT_FOUND,
    ClientUnknown: HTTPStatus.NOT_FOUND,
    NotRegisteredYet: HTTPStatus.NOT_FOUND,
    **dict.fromkeys(_NOT_AS_THINGS_STAND, HTTPStatus.CONFLICT),
    domain.AlreadyDeleted: HTTPStatus.GONE,
    errors.UserChanged: HTTPStatus.PRECONDITION_FAILED,
    NoSuchPath: HTTPStatus.NOT_FOUND,
    NoSuchMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreAway: HTTPStatus.SERVICE_UNAVAILABLE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyRows: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    errors.TooBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    NotShownYet: HTTPStatus.CONFLICT,
    StoreUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    KeysBeingRotated: HTTPStatus.SERVICE_UNAVAILABLE,
    LogDamaged: HTTPStatus.SERVICE_UNAVAILABLE,
    OrganisationForged: HTTPStatus.SERVICE_UNAVAILABLE,
    CheckpointForged: HTTPStatus.SERVICE_UNAVAILABLE,
    SigningKeyMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""A refusal that isn't here is answered like the nearest one that it is a kind of."""


def status_of(refusal: domain.Refusal) -> HTTPStatus:
    """The status that a refusal is answered with; of several, the one that all share."""
    if isinstance(refusal, domain.Refusals):
        found = {status_of(one.refusal) for one in refusal.objections}
        return found.pop() if len(found) == 1 else HTTPStatus.UNPROCESSABLE_ENTITY
    return status_of_kind(type(refusal))


def status_of_kind(kind: type[domain.Refusal]) -> HTTPStatus:
    """The status that refusals of a kind are answered with."""
    return next(STATUS[one] for one in kind.__mro__ if one in STATUS)
