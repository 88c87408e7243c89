"""The folder that Linux has in memory, where a flush to disk costs nothing.

The tests kill processes, not the machine: to them a file in memory is as durable as one on a disk.
"""

import os
import shutil
from pathlib import Path

_FOLDER = Path("/dev/shm")  # noqa: S108 - pytest and mkdtemp make folders there that others can't write in
_ROOM = 2 * 1024**3
"""Bytes that must be free, several times what one process of the tests needs."""


def memory_disk() -> Path | None:
    """Return the folder in memory, if there is one with room; None means the usual temporary folder."""
    try:
        has_room = os.access(_FOLDER, os.W_OK) and shutil.disk_usage(_FOLDER).free >= _ROOM
    except OSError:
        return None
    return _FOLDER if has_room else None
