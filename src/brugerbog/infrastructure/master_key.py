"""The installation's master key: a file that only its owner can read."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from typing import TYPE_CHECKING, Final

from brugerbog.application.errors import MasterKeyWrong
from brugerbog.infrastructure.vault import KEY_SIZE

if TYPE_CHECKING:
    from pathlib import Path

_OWNER_ONLY: Final = 0o600


def read_master_key(path: Path) -> bytes:
    """The 32-byte key in a file of one base64 line. Raises: FileNotFoundError, MasterKeyWrong."""
    try:
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        raise MasterKeyWrong(str(path)) from None
    if len(key) != KEY_SIZE:
        raise MasterKeyWrong(str(path))
    return key


def make_master_key(path: Path) -> bool:
    """Make a new key file, mode 0600, whole from its first moment; False when there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_SIZE)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
            _keep(path.parent)
            return True
        return False
    finally:
        draft.unlink()


def _keep(folder: Path) -> None:
    """Make what was just put into a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
