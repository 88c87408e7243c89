"""Temporary activation codes, fit to be read aloud, stored as slow salted hashes."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import scrypt
from typing import Final

from brugerbog.domain.kernel.privacy import Secret

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that are not confused with one another: no 0 and O, no 1, I and L, no U beside V."""

COST = 2**14
"""The scrypt work factor: a hash takes some 50 ms and 16 MiB. Tests of other things lower it."""

_GROUPS: Final = 3
_GROUP_SIZE: Final = 4
_SALT_SIZE: Final = 16
_HASH_SIZE: Final = 32


class ScryptCodes:
    """Codes of 12 characters, 58 bits, in groups of four.

    The store holds a salt and a scrypt hash of each.
    """

    def new_code(self) -> Secret[str]:
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_SIZE)) for _ in range(_GROUPS))
        return Secret("-".join(groups))

    def seal(self, code: Secret[str]) -> bytes:
        salt = os.urandom(_SALT_SIZE)
        return salt + _hash(code, salt)

    def matches(self, typed: Secret[str], stored: bytes | None) -> bool:
        """Whether `typed` is the code; case, blanks and hyphens don't matter."""
        expected = stored or bytes(_SALT_SIZE + _HASH_SIZE)
        matches = hmac.compare_digest(_hash(typed, expected[:_SALT_SIZE]), expected[_SALT_SIZE:])
        return matches and stored is not None


def _hash(code: Secret[str], salt: bytes) -> bytes:
    characters = "".join(one for one in code.reveal().upper() if one in ALPHABET)
    return scrypt(characters.encode(), salt=salt, n=COST, r=8, p=1, dklen=_HASH_SIZE)
