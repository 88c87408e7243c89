"""Files that are whole from their first moment and there after a power cut."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def keep(path: Path) -> None:
    """Make a file's content, or what was just put into a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
