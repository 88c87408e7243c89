"""The tokens in mailed links, and their digests in the store."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

from brugerbog.domain.kernel.privacy import Secret

_SIZE: Final = 32


class RandomTokens:
    """Random 256-bit tokens; SHA-256 suffices to store them, as a token this long can't be guessed."""

    def new_token(self) -> Secret[str]:
        return Secret(secrets.token_urlsafe(_SIZE))

    def digest(self, token: Secret[str]) -> bytes:
        return sha256(token.reveal().encode("utf-8", "surrogatepass")).digest()
