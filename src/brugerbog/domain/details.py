"""What is said about a user, in the domain's own form, and what an organisation objects to in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from brugerbog.domain.errors import Objection, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from brugerbog.domain.means import Ial, Means
    from brugerbog.domain.settings import Settings


class Keep(Enum):
    """Says of a field: leave it as it is; None says: make it empty.."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Details:
    """A new user as he is created or imported; every value already read and normalised.

    `cpr` is ten digits or None; `date_of_birth` is always known, from the CPR number if from nowhere else.
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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Edits:
    """What is to be different about a user; KEEP leaves a value, None empties one that may be empty."""

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


def objections(said: Details | Edits, settings: Settings) -> Iterator[Objection]:
    """Every reason for which the organisation can't have a user as he is described, with its field."""
    checks: list[tuple[str, Callable[[], None]]] = [("means", lambda: settings.check_means(said.means))]
    if isinstance(said, Details):
        checks.append(("anonymous", lambda: settings.check_anonymous(anonymous=said.anonymous)))
    if said.target_ial is not KEEP:
        target_ial = said.target_ial
        checks.append(("target_ial", lambda: settings.check_target_ial(target_ial)))
    for field, check in (
        ("reference_text", settings.check_reference_text),
        ("ean", settings.check_ean),
        ("p_number", settings.check_p_number),
        ("se_number", settings.check_se_number),
    ):
        value = getattr(said, field)
        if value is not KEEP and value is not None:
            checks.append((field, lambda check=check, value=value: check(value)))  # type: ignore[misc]
    for field, run in checks:
        try:
            run()
        except Refusal as refusal:
            yield Objection(field, refusal)
