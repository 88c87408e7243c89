"""Temporary activation codes: made to be read out, kept as slow salted hashes."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import scrypt
from typing import Final

from brugerbog.domain.kernel.privacy import Secret

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs that nobody mistakes for one another: no 0 and O, no 1, I and L, no U beside V."""

COST = 2**14
"""What makes guessing slow: a hash takes some 50 ms and 16 MiB, which is lowered in tests of other things."""

_GROUPS: Final = 3
_OF: Final = 4
_SALT: Final = 16
_HASH: Final = 32


class ScryptCodes:
    """Codes of 12 signs, 58 bits, in groups of four; of one is kept a salt and its scrypt hash."""

    def new_code(self) -> Secret[str]:
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(_OF)) for _ in range(_GROUPS))
        return Secret("-".join(groups))

    def seal(self, code: Secret[str]) -> bytes:
        salt = os.urandom(_SALT)
        return salt + _hash(code, salt)

    def matches(self, typed: Secret[str], kept: bytes | None) -> bool:
        """Whether this is the code; capitals, blanks and hyphens don't matter."""
        known = kept or bytes(_SALT + _HASH)
        same = hmac.compare_digest(_hash(typed, known[:_SALT]), known[_SALT:])
        return same and kept is not None


def _hash(code: Secret[str], salt: bytes) -> bytes:
    signs = "".join(sign for sign in code.reveal().upper() if sign in ALPHABET)
    return scrypt(signs.encode(), salt=salt, n=COST, r=8, p=1, dklen=_HASH)
