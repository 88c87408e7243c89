"""Where the installation's master keys come from: newest first; the first wraps, the others only open."""

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
_FEWEST_SIGNS: Final = 12


class MasterKeys(Protocol):
    """A place that holds master keys. An application that embeds the service may bring its own."""

    @property
    def place(self) -> str:
        """Where that is, in words for messages."""
        ...

    def read(self) -> Sequence[Secret[bytes]]:
        """The keys of 32 bytes, newest first.

        Raises: MasterKeyMissing, MasterKeyWrong when what is there is no key, MasterKeyIsDefault.
        """
        ...

    def write(self, keys: Sequence[Secret[bytes]]) -> None:
        """Hold these keys and no others, on disk before this returns. Raises: MasterKeyNotWritable."""
        ...

    def make(self) -> bool:
        """Draw the first key for an empty store; False when there is one, or none can be made here."""
        ...


class KeyInEnvironment:
    """One key in `BRUGERBOG_MASTER_KEY`, or several parted by blanks; it is read anew each time."""

    place = MASTER_KEY_VARIABLE

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Read from the process's environment, of which no copy is kept, unless another is given."""
        self._other = environment

    def __repr__(self) -> str:
        return f"<KeyInEnvironment {self.place}>"

    def read(self) -> list[Secret[bytes]]:
        environment = os.environ if self._other is None else self._other
        written = environment.get(self.place, "").split()
        if not written:
            raise MasterKeyMissing(self.place)
        return decode_keys(written, self.place)

    def write(self, keys: Sequence[Secret[bytes]]) -> None:  # noqa: ARG002 - nobody's to write
        raise MasterKeyNotWritable(self.place)

    def make(self) -> bool:
        return False


class KeysInMemory:
    """Keys that are gone with the process: for a store that is, too."""

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
    """A key drawn at random."""
    return Secret(os.urandom(KEY_SIZE))


def decode_keys(written: Iterable[str | bytes], place: str) -> list[Secret[bytes]]:
    """Keys from their base64. Raises: MasterKeyWrong, MasterKeyIsDefault."""
    try:
        return [checked(base64.b64decode(one, validate=True), place) for one in written]
    except (binascii.Error, ValueError):
        raise MasterKeyWrong(place) from None


def checked(key: bytes, place: str) -> Secret[bytes]:
    """A key that may be used. Raises: MasterKeyWrong, MasterKeyIsDefault."""
    if len(key) != KEY_SIZE:
        raise MasterKeyWrong(place)
    if is_predictable(key):
        raise MasterKeyIsDefault(place)
    return Secret(key)


def is_predictable(key: bytes) -> bool:
    """Whether somebody wrote the key and nobody drew it, as keys in examples and defaults are.

    Such are a few bytes over and over, bytes that count up or down, text, and few different bytes. Of keys
    drawn at random less than one in 10¹² is taken for one; the demo draws its own, so it has no exception.
    """
    repeats = any(key == key[:unit] * (len(key) // unit) for unit in (1, 2, 4, 8, _LONGEST_UNIT))
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    is_text = key.isascii() and key.decode("ascii").isprintable()
    return repeats or len(steps) == 1 or is_text or len(set(key)) < _FEWEST_SIGNS
