"""Which list of the erased a backup is put back with, and where the new store finds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from brugerbog.application.store_errors import EraseListMissing, PlaceTaken, StoreUnusable
from brugerbog.infrastructure.durable import write_whole
from brugerbog.infrastructure.erase_list import FileEraseList
from brugerbog.infrastructure.store.backup import STORE

if TYPE_CHECKING:
    from brugerbog.infrastructure.store.backup import Manifest

_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Sought:
    """Where a list may lie: what was named for this restore, and what the environment says."""

    named: Path | None
    setting: Path | None


def find_list(
    folder: Path, manifest: Manifest | None, target: FileEraseList, sought: Sought
) -> FileEraseList:
    """The list that a backup is put back with: the first that is there, and it must fit.

    Of a backup without a manifest nothing says which list fits, so it must have been named.
    Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListUnreadable.
    """
    places = [sought.named] if sought.named else [sought.setting]
    if manifest is not None and not sought.named:
        places += [Path(manifest.erase_list.place), target.path, (folder / STORE).with_suffix(".erased")]
    lists = [FileEraseList(place) for place in places if place is not None]
    found = next((one for one in lists if one.size() is not None), None)
    if found is None:
        raise EraseListMissing(str(sought.named or sought.setting or target.path))
    if manifest is not None:
        manifest.check(found)
    else:
        found.after(0)
    return found


def fitting_list(
    folder: Path, manifest: Manifest | None, target: FileEraseList, sought: Sought
) -> FileEraseList | None:
    """As `find_list`; None where no list fits, for an operator who says that nobody was erased since."""
    try:
        return find_list(folder, manifest, target, sought)
    except StoreUnusable:
        return None


def put_list(found: FileEraseList, target: FileEraseList) -> bool:
    """Let a list lie where the new store looks for it; whether it was put there just now.

    Raises: PlaceTaken when another list lies there.
    """
    if target.path.exists() and target.path.samefile(found.path):
        return False
    content, is_new = found.content(), not target.path.exists()
    if not content.startswith(target.content()):
        raise PlaceTaken(str(target.path))
    target.path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target.path, content, mode=_OWNER_ONLY)
    return is_new
