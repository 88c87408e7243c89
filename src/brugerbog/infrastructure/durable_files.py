"""Files that are written atomically and survive a power cut."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OWNER_ONLY: Final = 0o600
_ANYBODY: Final = 0o666
"""Minus the bits of the process's umask."""


def write_whole(
    path: Path,
    content: bytes,
    *,
    mode: int = _ANYBODY,
    put: Callable[[Path, Path], object] = os.replace,
) -> None:
    """Write a file under a temporary name, move it atomically with `put`, and sync it to disk.

    Raises: what `put` raises, as `os.link` does for an existing file; the temporary file is then deleted.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        put(draft, path)
        keep(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def private_file(path: Path, *, buffering: int = -1) -> BinaryIO:
    """Open a file for writing, truncated and readable by its owner only, whatever the umask.

    The mode of anything else, such as a terminal or a pipe, isn't changed. Raises: OSError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, _OWNER_ONLY)
        return os.fdopen(descriptor, "wb", buffering)
    except BaseException:
        os.close(descriptor)
        raise


def keep(path: Path) -> None:
    """Sync a file's content, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
