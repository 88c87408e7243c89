"""What somebody has filled in, and what is wrong with it, field by field."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from brugerbog.application.rate_limits import TooManyTries
from brugerbog.application.refusals.requests import (
    CprInUse,
    NotAllowed,
    OrganisationUnknown,
    PersonInUse,
    UserUnknown,
)
from brugerbog.domain.kernel.refusals import Objection, Refusal, Refusals
from brugerbog.domain.values.personal_data import NameMissing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeVar

    T = TypeVar("T")

Text = Annotated[str, StringConstraints(max_length=10_000)]
"""Longer than anything that is taken, so that a text which is too long is told at its field."""

Tick = bool
"""A box that is ticked or not: a browser says nothing of one that isn't."""

Several = Annotated[tuple[Annotated[str, StringConstraints(max_length=200)], ...], Field(max_length=1000)]

_WHOEVER_ASKS: Final = (NotAllowed, UserUnknown, OrganisationUnknown, TooManyTries)
"""What is refused is who asks, how often, or whom it is about, and not what was filled in."""


class Form(BaseModel):
    """A form as a browser sends it; one with other fields is none of ours.

    `command_id` makes a form that is sent twice one command.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    command_id: UUID


_MISSING: Final = {"first_name": "Fornavnet mangler.", "surname": "Efternavnet mangler."}
"""Two names stand beside each other, and one must know which of them is meant."""


def _worded(refusal: Refusal, at: str | None) -> str:
    missing = _MISSING.get(at or "") if isinstance(refusal, NameMissing) else None
    return missing or refusal.message


@dataclass(frozen=True, slots=True)
class FormErrors:
    """What is wrong with a form: every reason in order with its field, if it concerns one.

    `met` is the user who is there already.
    """

    reasons: list[tuple[str | None, str]] = field(default_factory=list)
    met: UUID | None = None

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """The reasons of a refusal. Raises: the refusal itself, if nothing filled in could mend it."""
        if isinstance(refusal, _WHOEVER_ASKS):
            raise refusal
        if isinstance(refusal, Refusals):
            return cls([(one.field, _worded(one.refusal, one.field)) for one in refusal.objections])
        met = refusal.user_id if isinstance(refusal, CprInUse | PersonInUse) else None
        return cls([(refusal.concerns, _worded(refusal, refusal.concerns))], met)

    def in_order_of(self, form: type[BaseModel]) -> Self:
        """The same in the order in which the page shows the form's fields."""
        place = {name: number for number, name in enumerate(form.model_fields)}
        return replace(self, reasons=sorted(self.reasons, key=lambda one: place.get(one[0] or "", -1)))

    def at(self, name: str) -> str | None:
        """What is wrong with a field."""
        return " ".join(said for where, said in self.reasons if where == name) or None


class Reader:
    """Reads values that a form has as text, gathering what can't be read."""

    def __init__(self) -> None:
        self.found: list[Objection] = []

    def read(self, name: str, text: str, parse: Callable[[str], T]) -> T | None:
        """A value; None when it can't be read."""
        try:
            return parse(text)
        except Refusal as refusal:
            self.found.append(Objection(name, refusal))
            return None

    def done(self) -> None:
        """Raises: Refusals, if anything couldn't be read."""
        if self.found:
            raise Refusals(self.found)


NO_ERRORS: Final = FormErrors()
