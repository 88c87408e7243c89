"""Files of master keys: plain ones that only their owner can read, and ones wrapped by a key service."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from brugerbog.application.refusals.keys import MasterKeyMissing, MasterKeyNotPrivate, MasterKeyWrong
from brugerbog.infrastructure.crypto.master_key import checked_key, decode_keys, new_master_key
from brugerbog.infrastructure.durable_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from brugerbog.domain.kernel.privacy import Secret

_OWNER_ONLY: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Kms(Protocol):
    """A key service, such as a cloud's or a hardware module's, whose own key never leaves it."""

    def wrap(self, key: bytes) -> bytes:
        """Encrypt 32 bytes so that only this service can decrypt them."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt what `wrap` returned; exceptions of the service are passed on."""
        ...


class KeyFile:
    """A file of keys, one base64 line each, newest first, that only its owner may read."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> list[Secret[bytes]]:
        """Raises: as `MasterKeys.read`; MasterKeyNotPrivate."""
        return decode_keys(_lines(self.path, private=True), self.place)

    def write(self, keys: Sequence[Secret[bytes]]) -> None:
        _put(self.path, (key.reveal() for key in keys))

    def make(self) -> bool:
        return not self.path.exists() and _put(self.path, [new_master_key().reveal()], only_new=True)


class KmsKeyFile:
    """A file of keys that a key service has wrapped, one base64 line each, newest first."""

    def __init__(self, path: str | Path, kms: Kms) -> None:
        self.path = Path(path)
        self._kms = kms

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> list[Secret[bytes]]:
        """Raises: as `MasterKeys.read`, and as the key service."""
        try:
            wrapped = [base64.b64decode(line, validate=True) for line in _lines(self.path, private=False)]
        except (binascii.Error, ValueError):
            raise MasterKeyWrong(self.place) from None
        return [checked_key(self._kms.unwrap(one), self.place) for one in wrapped]

    def write(self, keys: Sequence[Secret[bytes]]) -> None:
        _put(self.path, [self._kms.wrap(key.reveal()) for key in keys])

    def make(self) -> bool:
        if self.path.exists():
            return False
        return _put(self.path, [self._kms.wrap(new_master_key().reveal())], only_new=True)


def _lines(path: Path, *, private: bool) -> list[bytes]:
    """The non-empty lines of a key file."""
    try:
        with path.open("rb") as file:
            if private and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise MasterKeyNotPrivate(str(path))
            lines = file.read().split()
    except FileNotFoundError:
        raise MasterKeyMissing(str(path)) from None
    if not lines:
        raise MasterKeyWrong(str(path))
    return lines


def _put(path: Path, contents: Iterable[bytes], *, only_new: bool = False) -> bool:
    """Write a key file, mode 0600.

    With `only_new`, an existing file stays as it is, and the result is False.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = b"".join(base64.b64encode(content) + b"\n" for content in contents)
    try:
        write_whole(path, lines, mode=_OWNER_ONLY, put=os.link if only_new else os.replace)
    except FileExistsError:
        return False
    return True
