"""Reads what a SCIM resource says of a user into what our commands take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from scim2_models import InvalidValueException

from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.domain.user.details import KEEP
from brugerbog.domain.values.means import Ial, Means
from brugerbog.entrypoints.scim.resources import (
    MOBILE,
    OUR_ATTRIBUTES,
    OUR_SCHEMA,
    WORK,
    MitIdErhvervUser,
    Name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brugerbog.entrypoints.scim.resources import Email, PhoneNumber, User


def new_user_of(resource: User[Any]) -> NewUser:
    """The user whom a creation describes. Raises: InvalidValueException."""
    ours, name = our_part(resource), resource.name or Name()
    return NewUser(
        first_name=name.given_name or "",
        surname=name.family_name or "",
        email=email_of(resource),
        cpr=ours.cpr,
        date_of_birth=_birth_date(ours.date_of_birth),
        phone=phone_of(resource),
        anonymous=bool(ours.anonymous),
        reference_text=ours.reference_text,
        target_ial=_level(ours.target_ial),
        ean=ours.ean,
        p_number=ours.p_number,
        se_number=ours.se_number,
        means=means_of(ours),
        user_name=resource.user_name,
        external_id=resource.external_id,
    )


def edits_of(resource: User[Any], before: User[Any]) -> UserEdits:
    """What is to be said of a user whose resource was another. Raises: InvalidValueException."""
    ours, name = our_part(resource), resource.name or Name()
    return UserEdits(
        first_name=name.given_name or "",
        surname=name.family_name or "",
        email=email_of(resource),
        cpr=KEEP if ours.cpr is None else ours.cpr,
        target_ial=_level(ours.target_ial) or KEEP,
        phone=phone_of(resource),
        reference_text=ours.reference_text,
        ean=ours.ean,
        p_number=ours.p_number,
        se_number=ours.se_number,
        # Until the directory has named him, he goes by his address, which it only repeats.
        user_name=KEEP if resource.user_name == before.user_name else resource.user_name,
        external_id=resource.external_id,
    )


def new_means_of(resource: User[Any], before: User[Any]) -> tuple[Means, ...]:
    """The means that one who had none is given."""
    return () if our_part(before).means else means_of(our_part(resource))


def our_part(resource: User[Any]) -> MitIdErhvervUser:
    """What our own schema says, if only that there is nothing. Raises: InvalidValueException."""
    ours: MitIdErhvervUser | None = resource[MitIdErhvervUser]
    if ours is None:
        return MitIdErhvervUser()
    must_be_ours(ours.unknown_attributes)
    return ours


def must_be_ours(names: Iterable[str]) -> None:
    """Let nobody write one of our own attributes wrongly and think that it is kept.

    Raises: InvalidValueException.
    """
    if {name.lower() for name in names} - {name.lower() for name in OUR_ATTRIBUTES}:
        raise InvalidValueException(
            detail=f"{OUR_SCHEMA} has only these attributes: {', '.join(OUR_ATTRIBUTES)}."
        )


def email_of(resource: User[Any]) -> str:
    """The work address, else another one; what was added last, of several."""
    return _last(resource.emails, WORK) or _last(resource.emails) or ""


def phone_of(resource: User[Any]) -> str | None:
    """The work number, else the mobile number, else one of no type: of other types we keep none."""
    numbers = resource.phone_numbers
    return _last(numbers, WORK) or _last(numbers, MOBILE) or _last(numbers, None)


def means_of(ours: MitIdErhvervUser) -> tuple[Means, ...]:
    """The means by name. Raises: InvalidValueException."""
    try:
        return tuple(Means(one) for one in ours.means or ())
    except ValueError:
        raise InvalidValueException(detail=f"means are of {', '.join(Means)}.") from None


def _last(several: Sequence[Email | PhoneNumber] | None, *kinds: str | None) -> str | None:
    """The last value of the kinds, or of all where none are named."""
    found = [one.value for one in several or () if one.value and (not kinds or one.type in kinds)]
    return found[-1] if found else None


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
