"""Finds the erase list for the restore of a backup, and puts it where the new store reads it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from brugerbog.application.refusals.backup import PlaceTaken
from brugerbog.application.refusals.erase_list import EraseListCutOff, EraseListMissing, EraseListUnreadable
from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.infrastructure.backup.backup import STORE
from brugerbog.infrastructure.durable_files import write_whole
from brugerbog.infrastructure.erasure.erase_list import FileEraseList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.infrastructure.backup.backup import Manifest

_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class EraseListPlaces:
    """The paths of a list: the one named for this restore, and the one set in the environment."""

    named: Path | None
    setting: Path | None


def find_list(
    folder: Path,
    manifest: Manifest | None,
    target: FileEraseList,
    places: EraseListPlaces,
    *,
    whole: bool = True,
) -> FileEraseList:
    """Return the erase list for a restore: the first of the places that exists, which must fit the backup.

    A longer list that starts with that list is returned instead, from any of the places, as it names more
    erased users. For a backup without a manifest, the list must have been named. Unless `whole`, the last
    line may be incomplete.
    Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable.
    """
    named = [place for place in (places.named or places.setting,) if place is not None]
    known = [] if manifest is None else [Path(manifest.erase_list.place), target.path]
    candidates = [*known, (folder / STORE).with_suffix(".erased")] if known else []
    first = [FileEraseList(place) for place in (named if places.named else [*named, *candidates])]
    found = next((one for one in first if one.size() is not None), None)
    if found is None:
        raise EraseListMissing(str(places.named or places.setting or target.path))
    if manifest is not None:
        manifest.check(found)
    else:
        found.after(0)
    found = _longest(found, [FileEraseList(place) for place in candidates])
    if whole and found.cut_off():
        raise EraseListCutOff(str(found.path))
    return found


def _longest(found: FileEraseList, others: Sequence[FileEraseList]) -> FileEraseList:
    """Return the longest of the lists that start with the list found, or that list."""
    start, longest = found.content(), found
    for one in others:
        with suppress(EraseListUnreadable):
            if (one.size() or 0) > (longest.size() or 0) and one.content().startswith(start):
                longest = one
    return longest


def fitting_list(
    folder: Path, manifest: Manifest | None, target: FileEraseList, places: EraseListPlaces
) -> FileEraseList | None:
    """Return the list as `find_list`, or None where no list fits.

    For an operator who confirms that no user was erased since the backup. Users on a list that fits stay
    erased all the same.
    """
    try:
        return find_list(folder, manifest, target, places, whole=False)
    except StoreUnusable:
        return None


def put_list(found: FileEraseList, target: FileEraseList) -> bool:
    """Copy a list to the path of the new store's list; return whether the file is new.

    Raises: PlaceTaken when another list is there.
    """
    if target.path.exists() and target.path.samefile(found.path):
        return False
    content, is_new = found.content(), not target.path.exists()
    if not content.startswith(target.content()):
        raise PlaceTaken(str(target.path))
    target.path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target.path, content, mode=_OWNER_ONLY)
    return is_new
