"""The validated attributes of a new or edited user, and the checks of the organisation's settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.kernel.refusals import Objection, Refusal
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.values.means import Means

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from brugerbog.domain.values.means import Ial, SharedMeans


class Keep(Enum):
    """The value of an edit that leaves a field unchanged; None empties the field."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Details:
    """The attributes of a new or imported user, all parsed and normalised.

    `cpr` is ten digits or None; `date_of_birth` is always set, from the CPR number if not given.
    """

    first_name: str
    surname: str
    email: str
    date_of_birth: date
    target_ial: Ial
    cpr: str | None = None
    phone: str | None = None
    anonymous: bool = False
    reference_text: str | None = None
    ean: str | None = None
    p_number: str | None = None
    se_number: str | None = None
    means: tuple[Means, ...] = ()
    shared_means: SharedMeans | None = None
    user_name: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Edits:
    """The attributes to change; KEEP leaves a value unchanged, None empties an optional one."""

    first_name: str | Keep = KEEP
    surname: str | Keep = KEEP
    email: str | Keep = KEEP
    cpr: str | Keep = KEEP
    target_ial: Ial | Keep = KEEP
    phone: str | Keep | None = KEEP
    reference_text: str | Keep | None = KEEP
    ean: str | Keep | None = KEEP
    p_number: str | Keep | None = KEEP
    se_number: str | Keep | None = KEEP
    means: tuple[Means, ...] = ()
    user_name: str | Keep | None = KEEP
    external_id: str | Keep | None = KEEP


def objections(
    attributes: Details | Edits, settings: Settings, current: object | None = None
) -> Iterator[Objection]:
    """Yield every objection of the organisation's settings, with its field.

    Values equal to those of the `current` user are not checked again, whatever the settings now are, except
    means.
    """
    for field, check in _CHECKS:
        value = getattr(attributes, field, None)
        if value is None or value is KEEP:
            continue
        if field != "means" and value == getattr(current, field, None):
            continue
        try:
            check(settings, value)
        except Refusal as refusal:
            yield Objection(field, refusal)
    if Means.SHARED in attributes.means and settings.offers(Means.SHARED):
        shared = getattr(attributes, "shared_means", None) or getattr(current, "shared_means", None)
        if shared is None:
            yield Objection("shared_means", SharedMeansNotNamed())


_CHECKS: Final[tuple[tuple[str, Callable[[Settings, Any], None]], ...]] = (
    ("means", Settings.check_means),
    ("anonymous", Settings.check_anonymous),
    ("target_ial", Settings.check_target_ial),
    ("reference_text", Settings.check_reference_text),
    ("ean", Settings.check_ean),
    ("p_number", Settings.check_p_number),
    ("se_number", Settings.check_se_number),
)
