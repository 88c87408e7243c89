"""Refusals: the errors of commands that are impossible; a refused command changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Refusal(Exception):
    """Base of all refusals: a stable `code`, a Danish text for people, an English text for logs and APIs.

    The texts are templates over the fields of the refusal. No field ever holds a CPR number.
    """

    code: ClassVar[str] = "refused"
    danish: ClassVar[str] = "Det kan ikke lade sig gøre."
    english: ClassVar[str] = "Refused."

    concerns: str | None = None
    """The input field that the refusal is about, if it is about one."""

    @property
    def message(self) -> str:
        """The Danish text, for people."""
        return self.danish.format_map(vars(self))

    @property
    def detail(self) -> str:
        """The English text, for logs and APIs."""
        return self.english.format_map(vars(self))

    def __str__(self) -> str:
        return self.detail


class Refusals(Refusal):
    """All refusals of one command, each with its input field."""

    code = "several_refusals"

    def __init__(self, objections: Iterable[Objection]) -> None:
        super().__init__()
        self.objections = tuple(objections)

    @property
    def message(self) -> str:
        return " ".join(objection.refusal.message for objection in self.objections)

    @property
    def detail(self) -> str:
        return " ".join(objection.refusal.detail for objection in self.objections)


@dataclass(frozen=True, slots=True)
class Objection:
    """A refusal with the input field it is about, e.g. `cpr` or `p_number`."""

    field: str
    refusal: Refusal


def refuse_if(objections: Sequence[Objection]) -> None:
    """Raise the objections, if there are any: a single one as its own refusal.

    Raises: the one `Refusal`, or `Refusals`.
    """
    if len(objections) == 1:
        objection = objections[0]
        objection.refusal.concerns = objection.field
        raise objection.refusal
    if objections:
        raise Refusals(objections)
