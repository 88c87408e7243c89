"""Marks of personal data in events, the value in place of erased data, and secrets that are never shown."""

from __future__ import annotations

from typing import Annotated, Final, Generic, NoReturn, SupportsIndex, TypeVar, final

PERSONAL: Final = object()
"""Annotation of event fields that are stored encrypted, outside the event."""

T = TypeVar("T")
S = TypeVar("S", bytes, str)


@final
class Erased:
    """The value of a personal field after erasure."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ERASED"


ERASED: Final = Erased()

Personal = Annotated[T | Erased, PERSONAL]
"""`Personal[str]`: a string, and `ERASED` after erasure."""


@final
class Secret(Generic[S]):
    """A key, token, code or password; `reveal()` alone returns the value.

    repr, str and format show nothing of the value. A secret can't be pickled, copied or hashed. Comparison
    takes constant time.
    """

    __slots__ = ("_hidden",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, hidden: S) -> None:
        self._hidden: S = hidden

    def reveal(self) -> S:
        """Return the value; pass it on at once and store it nowhere."""
        return self._hidden

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # noqa: PLC0415 - hashlib takes long to load, and help must be quick

        return compare_digest(_as_bytes(self._hidden), _as_bytes(other.reveal()))

    def __repr__(self) -> str:
        return "<Secret>"

    def __format__(self, how: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret can't be pickled or copied")


def _as_bytes(hidden: bytes | str) -> bytes:
    return hidden.encode("utf-8", "surrogatepass") if isinstance(hidden, str) else hidden
