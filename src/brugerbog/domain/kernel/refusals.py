"""Refusals: named states of affairs that make a command impossible, with nothing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Refusal(Exception):
    """Base of every refusal: a stable `code`, a Danish text for people, an English one for logs and APIs.

    Texts are templates over the refusal's own fields. No field ever holds a CPR number.
    """

    code: ClassVar[str] = "refused"
    danish: ClassVar[str] = "Det kan ikke lade sig gøre."
    english: ClassVar[str] = "Refused."

    concerns: str | None = None
    """The field of the input that this alone is about, where it was read from several."""

    @property
    def message(self) -> str:
        """What a person is told, in Danish."""
        return self.danish.format_map(vars(self))

    @property
    def detail(self) -> str:
        """The same in English, for logs and APIs."""
        return self.english.format_map(vars(self))

    def __str__(self) -> str:
        return self.detail


class Refusals(Refusal):
    """Several refusals of one command, each with the field it concerns; all reasons at once."""

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
    """One refusal and the field of the input it concerns, e.g. `cpr` or `p_number`."""

    field: str
    refusal: Refusal


def refuse_if(found: Sequence[Objection]) -> None:
    """Raise what was found: one refusal as itself, several together.

    Raises: the one `Refusal`, or `Refusals`.
    """
    if len(found) == 1:
        only = found[0]
        only.refusal.concerns = only.field
        raise only.refusal
    if found:
        raise Refusals(found)
