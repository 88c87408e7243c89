"""Several files as one zip for a browser, with no copy left on the server."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BATCH_SIZE: Final = 1 << 20


def zip_in_memory(name: str, files: Mapping[str, bytes]) -> bytes:
    """Files as a zip with one folder in it, in memory only."""
    whole = BytesIO()
    with ZipFile(whole, "w") as packed:
        for file, content in files.items():
            with _put(packed, f"{name}/{file}") as into:
                into.write(content)
    return whole.getvalue()


def zip_folder(name: str, folder: Path) -> BinaryIO:
    """A folder's files as a zip, open at its beginning: an unnamed file, deleted once it is closed."""
    whole: BinaryIO = TemporaryFile()  # noqa: SIM115 - the sender closes it
    with ZipFile(whole, "w") as packed:
        for path in sorted(folder.iterdir()):
            with path.open("rb") as content, _put(packed, f"{name}/{path.name}") as into:
                shutil.copyfileobj(content, into, _BATCH_SIZE)
    whole.seek(0)
    return whole


def remaining_bytes(parcel: BinaryIO) -> int:
    """The number of bytes from the current position to the end."""
    here = parcel.tell()
    size = parcel.seek(0, 2) - here
    parcel.seek(here)
    return size


def chunks(parcel: BinaryIO) -> Iterator[bytes]:
    """The zip in chunks; it is closed after the last."""
    with parcel:
        while piece := parcel.read(_BATCH_SIZE):
            yield piece


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only this process's account can read."""
    with TemporaryDirectory(prefix="brugerbog-") as folder:
        yield Path(folder)


def _put(packed: ZipFile, name: str) -> IO[bytes]:
    """A file in a zip, of any size, without a date."""
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    return packed.open(info, "w", force_zip64=True)
