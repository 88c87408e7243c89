"""Forms: the base of all form models, reading of their fields, and errors by field."""

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
"""A limit above the domain's own, so that a text that is too long is refused at its field."""

Checkbox = bool
"""A ticked checkbox; browsers send no field for an unticked one."""

Values = Annotated[tuple[Annotated[str, StringConstraints(max_length=200)], ...], Field(max_length=1000)]

_NOT_ABOUT_THE_INPUT: Final = (NotAllowed, UserUnknown, OrganisationUnknown, TooManyTries)
"""Refusals of the actor, the rate or the target, which no other input would avoid."""


class Form(BaseModel):
    """A form as a browser sends it; a form with other fields is invalid.

    With its `command_id`, a form that is sent twice is one command.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    command_id: UUID


_MISSING_NAMES: Final = {"first_name": "Fornavnet mangler.", "surname": "Efternavnet mangler."}
"""The messages of the two name fields, which the domain's refusal doesn't tell apart."""


def _message_of(refusal: Refusal, field_name: str | None) -> str:
    missing = _MISSING_NAMES.get(field_name or "") if isinstance(refusal, NameMissing) else None
    return missing or refusal.message


@dataclass(frozen=True, slots=True)
class FormErrors:
    """The errors of a form: messages in order, each with its field or None.

    `conflicting_user_id` is the user who has the CPR number or the identity already.
    """

    reasons: list[tuple[str | None, str]] = field(default_factory=list)
    conflicting_user_id: UUID | None = None

    @classmethod
    def from_refusal(cls, refusal: Refusal) -> Self:
        """Return the errors of a refusal. Raises: the refusal itself, if no other input would avoid it."""
        if isinstance(refusal, _NOT_ABOUT_THE_INPUT):
            raise refusal
        if isinstance(refusal, Refusals):
            objections = refusal.objections
            return cls([(each.field, _message_of(each.refusal, each.field)) for each in objections])
        conflicting = refusal.user_id if isinstance(refusal, CprInUse | PersonInUse) else None
        return cls([(refusal.concerns, _message_of(refusal, refusal.concerns))], conflicting)

    def ordered_by(self, form: type[BaseModel]) -> Self:
        """Return the errors in the order of the form's fields."""
        order = {name: number for number, name in enumerate(form.model_fields)}
        return replace(self, reasons=sorted(self.reasons, key=lambda reason: order.get(reason[0] or "", -1)))

    def message_for(self, name: str) -> str | None:
        """Return the message of a field; None without an error."""
        return " ".join(message for field, message in self.reasons if field == name) or None


class FieldReader:
    """Parses the text fields of a form, and collects the objections."""

    def __init__(self) -> None:
        self.objections: list[Objection] = []

    def read(self, name: str, text: str, parse: Callable[[str], T]) -> T | None:
        """Return a parsed value; None when `parse` refuses the text."""
        try:
            return parse(text)
        except Refusal as refusal:
            self.objections.append(Objection(name, refusal))
            return None

    def raise_objections(self) -> None:
        """Raise all collected objections. Raises: Refusals."""
        if self.objections:
            raise Refusals(self.objections)


NO_ERRORS: Final = FormErrors()
