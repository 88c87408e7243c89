"""Tokens in mailed links: their generation, and the store of their digests (ports)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from brugerbog.domain.user.links import LinkPurpose

if TYPE_CHECKING:
    from brugerbog.domain.kernel.privacy import Secret


@dataclass(frozen=True, slots=True)
class LinkToken:
    """The facts stored with a mailed link's digest: the user, the purpose, and the generation of the link."""

    user_id: UUID
    purpose: LinkPurpose
    generation: int


class LinkTokenStore(Protocol):
    """Stores the digests of mailed links."""

    def find_token(self, digest: bytes) -> LinkToken | None:
        """Return the facts stored with a digest. Several links of one generation may be valid."""
        ...


class LinkTokenGenerator(Protocol):
    """Generates tokens for links, and computes their digests."""

    def new_token(self) -> Secret[str]:
        """Return 256 random bits as text for a URL."""
        ...

    def digest(self, token: Secret[str]) -> bytes:
        """Return the digest by which a token is stored and found; any text has a digest."""
        ...
