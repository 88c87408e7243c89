"""Holds the list of the erased against what the store remembers of it, before anything is served.

The store keeps in `marks` how many bytes of the list it has heard of, and which user is on the line that
ends there. A list that is missing, shorter, or of another installation therefore shows; and a list that names
users who live in the log shows that the log is older than the list: a backup was put back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from brugerbog.application.refusals.erase_list import (
    EraseListCutOff,
    EraseListForeign,
    EraseListMissing,
    EraseListShort,
)
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.database.schema import events, head, store_metadata
from brugerbog.infrastructure.database.store_metadata import (
    PUT_BACK,
    RESTORED,
    metadata_value,
    metadata_values,
    put_metadata,
)
from brugerbog.infrastructure.erasure.erase_list import FileEraseList
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from brugerbog.application.ports.erasure_log import EraseListSpan
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.erasure.erase_list import EraseList

LISTED_UNTIL: Final = "erase_list"
"""The mark of how many bytes of the list the store has heard of."""

LISTED_LAST: Final = "erase_list_last"
"""The mark that tells the user on the line before it from others: 63 bits of the id."""

_63_BITS: Final = (1 << 63) - 1
NOT_NAMED: Final = "BRUGERBOG_ERASE_LIST"


class ListedErasures:
    """The list of the erased of one store."""

    def __init__(self, backend: Backend, kept: EraseList) -> None:
        self._backend = backend
        self.kept = kept

    @property
    def place(self) -> str:
        """Where the list lies, or by what its place would be named."""
        return str(self.kept.path) if isinstance(self.kept, FileEraseList) else NOT_NAMED

    def unheard(self) -> list[UUID]:
        """The users listed since the store last heard of the list.

        Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable.
        """
        heard, last = self._marks()
        if not isinstance(self.kept, FileEraseList):
            if heard:
                raise EraseListMissing(NOT_NAMED)
            return []
        place, size = str(self.kept.path), self.kept.size()
        if size is None and heard:
            raise EraseListMissing(place)
        if (size or 0) < heard:
            raise EraseListShort(place)
        self._check_owner(self.kept, heard, last)
        self._check_last_line(self.kept)
        return self.kept.after(heard)[0]

    def _check_owner(self, kept: FileEraseList, heard: int, last: int) -> None:
        if kept.log_id() not in (None, self.log_id()):
            raise EraseListForeign(str(kept.path))
        user_id = kept.line_before(heard)
        if last and user_id is not None and user_id.int & _63_BITS != last:
            raise EraseListForeign(str(kept.path))

    def _check_last_line(self, kept: FileEraseList) -> None:
        """See that a last line that was cut off is of somebody whom this log knows as erased.

        So it is after a power cut, since an erasure is recorded before it is listed; a copy of the list that
        lost its end may have named a user who still lives in this log.
        """
        cut_off = kept.cut_off()
        if not cut_off:
            return
        listed = set(kept.after(0)[0])
        unlisted = [one for one in self.erased() if one not in listed]
        first = [] if kept.size() else [self.log_id()]
        if not any(str(one).encode().startswith(cut_off) for one in (*first, *unlisted)):
            raise EraseListCutOff(str(kept.path))

    def hear(self) -> None:
        """Remember how far the list goes, and make one where there is none yet.

        A list that can't be made here stops nobody from reading: the check-up finds it, and erasing fails.
        """
        if not isinstance(self.kept, FileEraseList):
            return
        if not self.kept.size():
            try:
                self.kept.begin(self.log_id(), self.erased())
            except OSError:
                logger("brugerbog.store").warning("erase_list_not_writable", place=str(self.kept.path))
                return
        end = self.kept.size() or 0
        if end != self._marks()[0]:
            self.remember(end)

    def remember(self, end: int) -> None:
        """Remember the list as far as that byte, whatever was remembered before."""
        last = self.kept.line_before(end) if isinstance(self.kept, FileEraseList) else None
        with self._backend.write_transaction(self._backend.log) as connection:
            put_metadata(connection, LISTED_UNTIL, end)
            put_metadata(connection, LISTED_LAST, 0 if last is None else last.int & _63_BITS)

    def renew(self) -> None:
        """Make the list so that it names at least all users erased in this log, and remember it as it is.

        Raises: EraseListForeign, EraseListUnreadable; EraseListMissing where there is no place for one.
        """
        if not isinstance(self.kept, FileEraseList):
            raise EraseListMissing(NOT_NAMED)
        self._check_owner(self.kept, 0, 0)
        erased = self.erased()
        self.kept.begin(self.log_id(), erased)
        known, _ = self.kept.after(0)
        listed = set(known)
        self.kept.add([one for one in erased if one not in listed])
        self.remember(self.kept.size() or 0)

    def say_put_back(self) -> None:
        """Remember that the log is older than the list, unless a restore has said so already."""
        size = self._size()
        if metadata_value(self._backend, RESTORED) == size:
            return
        with self._backend.write_transaction(self._backend.log) as connection:
            put_metadata(connection, PUT_BACK, size)
        logger("brugerbog.store").warning("log_older_than_erase_list", size=size)

    def add(self, user_ids: Sequence[UUID]) -> EraseListSpan:
        """List users; on disk before this returns. Raises: EraseListMissing, EraseListShort."""
        return self.kept.add(user_ids, at_least=self._marks()[0])

    def after(self, mark: int) -> tuple[list[UUID], int]:
        """Those listed after a mark, and the mark after them."""
        return self.kept.after(mark)

    def note(self, connection: Connection, listed: EraseListSpan) -> None:
        """Remember, in the transaction that ends an erasure, that the list goes so far.

        Not where other processes have listed somebody in between: the next open reads those lines.
        """
        if listed.last is None:
            return
        moved = connection.execute(
            update(store_metadata)
            .where(store_metadata.c.name == LISTED_UNTIL, store_metadata.c.value == listed.start)
            .values(value=listed.end)
        )
        if not moved.rowcount and not listed.start:
            put_metadata(connection, LISTED_UNTIL, listed.end)
        if moved.rowcount or not listed.start:
            put_metadata(connection, LISTED_LAST, listed.last.int & _63_BITS)

    def log_id(self) -> UUID:
        """The id of the log."""
        with self._backend.log.connect() as connection:
            log_id: UUID = connection.execute(select(head.c.log_id)).scalar_one()
        return log_id

    def erased(self) -> list[UUID]:
        """All users erased in the log, in the order in which they were; reads the whole log's topics."""
        gone = select(events.c.stream_id).where(events.c.topic == User.PersonalDataErased.TOPIC)
        with self._backend.log.connect() as connection:
            return list(connection.execute(gone.order_by(events.c.position)).scalars())

    def _size(self) -> int:
        with self._backend.log.connect() as connection:
            size: int = connection.execute(select(head.c.size)).scalar_one()
        return size

    def _marks(self) -> tuple[int, int]:
        heard, last = metadata_values(self._backend, [LISTED_UNTIL, LISTED_LAST])
        return heard, last
