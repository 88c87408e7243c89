"""The port for temporary activation codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from brugerbog.domain.kernel.privacy import Secret


class ActivationCodes(Protocol):
    """Makes temporary activation codes and the hashes that are stored of them."""

    def new_code(self) -> Secret[str]:
        """Return a code to read out and type: at least 40 random bits, in groups of unambiguous signs."""
        ...

    def seal(self, code: Secret[str]) -> bytes:
        """Return what is stored of a code: a slow, salted hash."""
        ...

    def matches(self, typed: Secret[str], kept: bytes | None) -> bool:
        """Return whether a typed code, grouped in any way, has the stored hash.

        Takes equally long when no hash is stored.
        """
        ...
