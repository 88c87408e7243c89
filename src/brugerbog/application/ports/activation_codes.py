"""The port for temporary activation codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from brugerbog.domain.kernel.privacy import Secret


class ActivationCodes(Protocol):
    """Makes temporary activation codes, and what is kept of them."""

    def new_code(self) -> Secret[str]:
        """A code to be read out and typed: at least 40 random bits, in groups of unambiguous signs."""
        ...

    def seal(self, code: Secret[str]) -> bytes:
        """What is kept of a code: a slow, salted hash."""
        ...

    def matches(self, typed: Secret[str], kept: bytes | None) -> bool:
        """Whether this is the code, however it is grouped; takes as long when there is none."""
        ...
