"""Marks personal data in events, and stands in for it once it is erased."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar, final

PERSONAL: Final = object()
"""Mark of an event field that is never stored in the event itself (domain, Log, privacy, proof)."""

T = TypeVar("T")


@final
class Erased:
    """What stands where personal data stood: the person is gone, the event remains."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ERASED"


ERASED: Final = Erased()

Personal = Annotated[T | Erased, PERSONAL]
"""`Personal[str]`: a string while the person is known, `ERASED` afterwards."""
