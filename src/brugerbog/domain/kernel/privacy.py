"""Marks personal data in events, stands in for it once it is erased, and keeps secrets from being shown."""

from __future__ import annotations

import hmac
from typing import Annotated, Final, Generic, NoReturn, SupportsIndex, TypeVar, final

PERSONAL: Final = object()
"""Mark of an event field that is never stored in the event itself (domain, Log, privacy, proof)."""

T = TypeVar("T")
S = TypeVar("S", bytes, str)


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


@final
class Secret(Generic[S]):
    """A key, token, code or password: it is let out by `reveal()` and by nothing else.

    Shown, formatted or printed it tells nothing; it can be neither pickled nor copied, nor be a key of a
    dict; and how long a comparison takes doesn't tell how much of it was right.
    """

    __slots__ = ("_hidden",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, hidden: S) -> None:
        self._hidden: S = hidden

    def reveal(self) -> S:
        """What is kept secret: hand it on at once, and keep it nowhere."""
        return self._hidden

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._hidden), _as_bytes(other.reveal()))

    def __repr__(self) -> str:
        return "<Secret>"

    def __format__(self, how: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret is not to be written down")


def _as_bytes(hidden: bytes | str) -> bytes:
    return hidden.encode("utf-8", "surrogatepass") if isinstance(hidden, str) else hidden
