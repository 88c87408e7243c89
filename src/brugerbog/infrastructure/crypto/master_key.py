"""Sources of master keys, newest first; the newest wraps, the others only unwrap."""

from __future__ import annotations

import base64
import binascii
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

from brugerbog.application.refusals.keys import (
    MasterKeyIsDefault,
    MasterKeyMissing,
    MasterKeyNotWritable,
    MasterKeyWrong,
)
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.vault import KEY_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MASTER_KEY_VARIABLE: Final = "BRUGERBOG_MASTER_KEY"
_LONGEST_UNIT: Final = KEY_SIZE // 2
_FEWEST_DISTINCT: Final = 12


class MasterKeys(Protocol):
    """A source of master keys. An application that embeds the service may bring its own."""

    @property
    def place(self) -> str:
        """The name of the source, for messages."""
        ...

    def read(self) -> Sequence[Secret[bytes]]:
        """The keys of 32 bytes, newest first.

        Raises: MasterKeyMissing, MasterKeyWrong when the content is no key, MasterKeyIsDefault.
        """
        ...

    def write(self, keys: Sequence[Secret[bytes]]) -> None:
        """Replace the keys, on disk before this returns. Raises: MasterKeyNotWritable."""
        ...

    def make(self) -> bool:
        """Generate the first key for an empty store; False if there is a key, or none can be made here."""
        ...


class KeyInEnvironment:
    """One key in `BRUGERBOG_MASTER_KEY`, or several separated by blanks.

    Read from the environment each time.
    """

    place = MASTER_KEY_VARIABLE

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read the process's environment, of which no copy is kept, unless another is given."""
        self._environment = environment

    def __repr__(self) -> str:
        return f"<KeyInEnvironment {self.place}>"

    def read(self) -> list[Secret[bytes]]:
        environment = os.environ if self._environment is None else self._environment
        encoded = environment.get(self.place, "").split()
        if not encoded:
            raise MasterKeyMissing(self.place)
        return decode_keys(encoded, self.place)

    def write(self, keys: Sequence[Secret[bytes]]) -> None:  # noqa: ARG002 - read-only
        raise MasterKeyNotWritable(self.place)

    def make(self) -> bool:
        return False


class KeysInMemory:
    """Keys that end with the process, for a store in memory."""

    place = "memory"

    def __init__(self) -> None:
        self._keys = [new_master_key()]

    def read(self) -> list[Secret[bytes]]:
        return list(self._keys)

    def write(self, keys: Sequence[Secret[bytes]]) -> None:
        self._keys = list(keys)

    def make(self) -> bool:
        return False


def new_master_key() -> Secret[bytes]:
    """A random key of 32 bytes."""
    return Secret(os.urandom(KEY_SIZE))


def decode_keys(encoded: Iterable[str | bytes], place: str) -> list[Secret[bytes]]:
    """Keys from their base64. Raises: MasterKeyWrong, MasterKeyIsDefault."""
    try:
        return [checked_key(base64.b64decode(line, validate=True), place) for line in encoded]
    except (binascii.Error, ValueError):
        raise MasterKeyWrong(place) from None


def checked_key(key: bytes, place: str) -> Secret[bytes]:
    """The key, if it has 32 bytes and looks random. Raises: MasterKeyWrong, MasterKeyIsDefault."""
    if len(key) != KEY_SIZE:
        raise MasterKeyWrong(place)
    if is_predictable(key):
        raise MasterKeyIsDefault(place)
    return Secret(key)


def is_predictable(key: bytes) -> bool:
    """Whether the key was written by hand and not generated, as keys in examples and defaults are.

    Such keys repeat a few bytes, count up or down, are text, or have few different bytes. Less than one in
    10¹² random keys is taken for one. The demo generates its keys, so it needs no exception.
    """
    repeats = any(key == key[:unit] * (len(key) // unit) for unit in (1, 2, 4, 8, _LONGEST_UNIT))
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    is_text = key.isascii() and key.decode("ascii").isprintable()
    return repeats or len(steps) == 1 or is_text or len(set(key)) < _FEWEST_DISTINCT
