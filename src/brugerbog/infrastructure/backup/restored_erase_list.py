"""Which list of the erased a backup is put back with, and where the new store finds it."""

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
    """Where a list may lie: what was named for this restore, and what the environment says."""

    named: Path | None
    setting: Path | None


def find_list(
    folder: Path,
    manifest: Manifest | None,
    target: FileEraseList,
    sought: EraseListPlaces,
    *,
    whole: bool = True,
) -> FileEraseList:
    """The list that a backup is put back with: the first that is there, and it must fit.

    One that goes on where that one ends is taken instead, wherever it lies: it names more of the erased. Of a
    backup without a manifest nothing says which list fits, so it must have been named. Unless `whole`, the
    last line may be cut off.
    Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable.
    """
    named = [place for place in (sought.named or sought.setting,) if place is not None]
    known = [] if manifest is None else [Path(manifest.erase_list.place), target.path]
    beside = [*known, (folder / STORE).with_suffix(".erased")] if known else []
    first = [FileEraseList(place) for place in (named if sought.named else [*named, *beside])]
    found = next((one for one in first if one.size() is not None), None)
    if found is None:
        raise EraseListMissing(str(sought.named or sought.setting or target.path))
    if manifest is not None:
        manifest.check(found)
    else:
        found.after(0)
    found = _longest(found, [FileEraseList(place) for place in beside])
    if whole and found.cut_off():
        raise EraseListCutOff(str(found.path))
    return found


def _longest(found: FileEraseList, others: Sequence[FileEraseList]) -> FileEraseList:
    """The longest of the lists that go on where the one found ends."""
    start, longest = found.content(), found
    for one in others:
        with suppress(EraseListUnreadable):
            if (one.size() or 0) > (longest.size() or 0) and one.content().startswith(start):
                longest = one
    return longest


def fitting_list(
    folder: Path, manifest: Manifest | None, target: FileEraseList, sought: EraseListPlaces
) -> FileEraseList | None:
    """As `find_list`, for an operator who says that nobody was erased since; None where no list fits.

    The operator's word stands for what a list doesn't tell, and takes nothing from what it tells.
    """
    try:
        return find_list(folder, manifest, target, sought, whole=False)
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
