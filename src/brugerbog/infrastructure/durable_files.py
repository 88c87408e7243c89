"""Files that are whole from their first moment and there after a power cut."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OWNER_ONLY: Final = 0o600
_ANYBODY: Final = 0o666
"""Less what the process's umask takes away."""


def write_whole(
    path: Path,
    content: bytes,
    *,
    mode: int = _ANYBODY,
    put: Callable[[Path, Path], object] = os.replace,
) -> None:
    """Write a file under another name, and then `put` it in its place at one stroke; on disk afterwards.

    Raises: what `put` raises, as `os.link` does where there is a file already; then nothing is left.
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
    """Open a file to be written anew that only its owner can read, whatever was there, whatever the umask.

    What isn't a file, such as a terminal or a pipe, is left as it is. Raises: OSError.
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
    """Make a file's content, or what was just put into a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
