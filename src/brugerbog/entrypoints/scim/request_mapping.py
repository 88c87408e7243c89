"""Maps a SCIM user resource to the input of commands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from scim2_models import InvalidValueException

from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.domain.user.details import KEEP
from brugerbog.domain.values.means import Ial, Means
from brugerbog.entrypoints.scim.resources import (
    EXTENSION_ATTRIBUTES,
    EXTENSION_SCHEMA,
    MOBILE,
    WORK,
    MitIdErhvervUser,
    Name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brugerbog.entrypoints.scim.resources import Email, PhoneNumber, User


def new_user_of(resource: User[Any]) -> NewUser:
    """Return the input for creating a user. Raises: InvalidValueException."""
    extension, name = extension_of(resource), resource.name or Name()
    return NewUser(
        first_name=name.given_name or "",
        surname=name.family_name or "",
        email=email_of(resource),
        cpr=extension.cpr,
        date_of_birth=_birth_date(extension.date_of_birth),
        phone=phone_of(resource),
        anonymous=bool(extension.anonymous),
        reference_text=extension.reference_text,
        target_ial=_level(extension.target_ial),
        ean=extension.ean,
        p_number=extension.p_number,
        se_number=extension.se_number,
        means=means_of(extension),
        user_name=resource.user_name,
        external_id=resource.external_id,
    )


def edits_of(resource: User[Any], before: User[Any]) -> UserEdits:
    """Return the edits that change a user from one resource to another. Raises: InvalidValueException."""
    extension, name = extension_of(resource), resource.name or Name()
    return UserEdits(
        first_name=name.given_name or "",
        surname=name.family_name or "",
        email=email_of(resource),
        cpr=KEEP if extension.cpr is None else extension.cpr,
        target_ial=_level(extension.target_ial) or KEEP,
        phone=phone_of(resource),
        reference_text=extension.reference_text,
        ean=extension.ean,
        p_number=extension.p_number,
        se_number=extension.se_number,
        # Until the directory sets a user name, ours is the e-mail address, which the directory sends back.
        user_name=KEEP if resource.user_name == before.user_name else resource.user_name,
        external_id=resource.external_id,
    )


def new_means_of(resource: User[Any], before: User[Any]) -> tuple[Means, ...]:
    """Return the means to assign: those in the resource, if the user had none before."""
    return () if extension_of(before).means else means_of(extension_of(resource))


def extension_of(resource: User[Any]) -> MitIdErhvervUser:
    """Return the part in the extension schema, which may be empty. Raises: InvalidValueException."""
    extension: MitIdErhvervUser | None = resource[MitIdErhvervUser]
    if extension is None:
        return MitIdErhvervUser()
    reject_unknown_attributes(extension.unknown_attributes)
    return extension


def reject_unknown_attributes(names: Iterable[str]) -> None:
    """Raise InvalidValueException for attributes that the extension schema lacks.

    Otherwise a misspelt attribute would be dropped silently.
    """
    if {name.lower() for name in names} - {name.lower() for name in EXTENSION_ATTRIBUTES}:
        raise InvalidValueException(
            detail=f"{EXTENSION_SCHEMA} has only these attributes: {', '.join(EXTENSION_ATTRIBUTES)}."
        )


def email_of(resource: User[Any]) -> str:
    """Return the last work address, else the last address."""
    return _last(resource.emails, WORK) or _last(resource.emails) or ""


def phone_of(resource: User[Any]) -> str | None:
    """Return the last work number, else the last mobile number, else the last one without a type."""
    numbers = resource.phone_numbers
    return _last(numbers, WORK) or _last(numbers, MOBILE) or _last(numbers, None)


def means_of(extension: MitIdErhvervUser) -> tuple[Means, ...]:
    """Return the means of the resource. Raises: InvalidValueException."""
    try:
        return tuple(Means(name) for name in extension.means or ())
    except ValueError:
        raise InvalidValueException(detail=f"means are of {', '.join(Means)}.") from None


def _last(attributes: Sequence[Email | PhoneNumber] | None, *types: str | None) -> str | None:
    """Return the last value of the given types, or of any type if none are given."""
    values = [one.value for one in attributes or () if one.value and (not types or one.type in types)]
    return values[-1] if values else None


def _level(text: str | None) -> Ial | None:
    try:
        return None if text is None else Ial(text)
    except ValueError:
        raise InvalidValueException(detail=f"targetIal is one of {', '.join(Ial)}.") from None


def _birth_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidValueException(detail="dateOfBirth is written YYYY-MM-DD.") from None
