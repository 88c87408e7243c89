"""The secrets in mailed links, and what is kept of them."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

from brugerbog.domain.kernel.privacy import Secret

_SIZE: Final = 32


class RandomTokens:
    """Makes 256-bit tokens, of which SHA-256 is kept: nobody can guess so long a secret from its digest."""

    def new_token(self) -> Secret[str]:
        return Secret(secrets.token_urlsafe(_SIZE))

    def digest(self, token: Secret[str]) -> bytes:
        return sha256(token.reveal().encode("utf-8", "surrogatepass")).digest()
