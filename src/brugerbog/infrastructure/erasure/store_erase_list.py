"""Compares the list of erased users with the store's metadata, before the store serves anything.

The table `marks` holds the number of bytes of the list that the store has read, and the user on the last line
read. A list that is missing, shorter, or of another installation is refused. If the list names users who are
not erased in the log, the log is older than the list: a backup was restored.
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
"""Name in `marks` of the number of bytes of the list that the store has read."""

LISTED_LAST: Final = "erase_list_last"
"""Name in `marks` of the last 63 bits of the id on the last line read; values in `marks` are signed."""

_63_BITS: Final = (1 << 63) - 1
PATH_VARIABLE: Final = "BRUGERBOG_ERASE_LIST"
"""The environment variable that sets the path of the list."""


class StoreEraseList:
    """The list of erased users of one store, and the store's record of how much of the list it has read."""

    def __init__(self, backend: Backend, erase_list: EraseList) -> None:
        self._backend = backend
        self.file = erase_list

    @property
    def place(self) -> str:
        """The path of the list, or if there is none, the environment variable that sets it."""
        return str(self.file.path) if isinstance(self.file, FileEraseList) else PATH_VARIABLE

    def unread_users(self) -> list[UUID]:
        """Return the users listed since the store last read the list.

        Raises: EraseListMissing, EraseListShort, EraseListForeign, EraseListCutOff, EraseListUnreadable.
        """
        size_read, last = self._read_until()
        if not isinstance(self.file, FileEraseList):
            if size_read:
                raise EraseListMissing(PATH_VARIABLE)
            return []
        place, size = str(self.file.path), self.file.size()
        if size is None and size_read:
            raise EraseListMissing(place)
        if (size or 0) < size_read:
            raise EraseListShort(place)
        self._check_owner(self.file, size_read, last)
        self._check_last_line(self.file)
        return self.file.after(size_read)[0]

    def _check_owner(self, file: FileEraseList, size_read: int, last: int) -> None:
        if file.log_id() not in (None, self.log_id()):
            raise EraseListForeign(str(file.path))
        user_id = file.line_before(size_read)
        if last and user_id is not None and user_id.int & _63_BITS != last:
            raise EraseListForeign(str(file.path))

    def _check_last_line(self, file: FileEraseList) -> None:
        """Check that an incomplete last line is the start of the log's id, or of a user erased in this log.

        A power cut can leave the start of an id whose erasure is in the log, as an erasure is recorded before
        it is listed. Any other start is from a truncated copy of the list; its lost lines may name users who
        are not erased in this log. Raises: EraseListCutOff.
        """
        cut_off = file.cut_off()
        if not cut_off:
            return
        listed = set(file.after(0)[0])
        unlisted = [one for one in self.erased() if one not in listed]
        first_line = [] if file.size() else [self.log_id()]
        if not any(str(one).encode().startswith(cut_off) for one in (*first_line, *unlisted)):
            raise EraseListCutOff(str(file.path))

    def mark_read(self) -> None:
        """Store the size of the list as read, and create the list where there is none.

        If the list can't be created, the store still opens: the health check reports it, and erasures fail.
        """
        if not isinstance(self.file, FileEraseList):
            return
        if not self.file.size():
            try:
                self.file.begin(self.log_id(), self.erased())
            except OSError:
                logger("brugerbog.store").warning("erase_list_not_writable", place=str(self.file.path))
                return
        end = self.file.size() or 0
        if end != self._read_until()[0]:
            self.mark_read_until(end)

    def mark_read_until(self, end: int) -> None:
        """Store that the list is read up to byte `end`, even if more or less was stored as read before."""
        last = self.file.line_before(end) if isinstance(self.file, FileEraseList) else None
        with self._backend.write_transaction(self._backend.log) as connection:
            put_metadata(connection, LISTED_UNTIL, end)
            put_metadata(connection, LISTED_LAST, 0 if last is None else last.int & _63_BITS)

    def renew(self) -> None:
        """Add all users erased in this log to the list, creating it if need be, and store it as read.

        Raises: EraseListForeign, EraseListUnreadable; EraseListMissing when the store has no path for it.
        """
        if not isinstance(self.file, FileEraseList):
            raise EraseListMissing(PATH_VARIABLE)
        self._check_owner(self.file, 0, 0)
        erased = self.erased()
        self.file.begin(self.log_id(), erased)
        known, _ = self.file.after(0)
        listed = set(known)
        self.file.add([one for one in erased if one not in listed])
        self.mark_read_until(self.file.size() or 0)

    def mark_log_older(self) -> None:
        """Store that the log is older than the list, unless a restore to this size is already recorded."""
        size = self._size()
        if metadata_value(self._backend, RESTORED) == size:
            return
        with self._backend.write_transaction(self._backend.log) as connection:
            put_metadata(connection, PUT_BACK, size)
        logger("brugerbog.store").warning("log_older_than_erase_list", size=size)

    def add(self, user_ids: Sequence[UUID]) -> EraseListSpan:
        """Add users to the list, on disk before this returns. Raises: EraseListMissing, EraseListShort."""
        return self.file.add(user_ids, at_least=self._read_until()[0])

    def after(self, start: int) -> tuple[list[UUID], int]:
        """Return the users listed after a byte, and the byte after them."""
        return self.file.after(start)

    def mark_added(self, connection: Connection, listed: EraseListSpan) -> None:
        """Store the new size of the list as read, in the transaction that ends an erasure.

        Nothing is stored when other processes have listed users in between: the next start reads those lines.
        """
        if listed.last is None:
            return
        updated = connection.execute(
            update(store_metadata)
            .where(store_metadata.c.name == LISTED_UNTIL, store_metadata.c.value == listed.start)
            .values(value=listed.end)
        )
        if not updated.rowcount and not listed.start:
            put_metadata(connection, LISTED_UNTIL, listed.end)
        if updated.rowcount or not listed.start:
            put_metadata(connection, LISTED_LAST, listed.last.int & _63_BITS)

    def log_id(self) -> UUID:
        """Return the id of the log."""
        with self._backend.log.connect() as connection:
            log_id: UUID = connection.execute(select(head.c.log_id)).scalar_one()
        return log_id

    def erased(self) -> list[UUID]:
        """Return all users erased in the log, in that order. This reads the topics of the whole log."""
        erased = select(events.c.stream_id).where(events.c.topic == User.PersonalDataErased.TOPIC)
        with self._backend.log.connect() as connection:
            return list(connection.execute(erased.order_by(events.c.position)).scalars())

    def _size(self) -> int:
        with self._backend.log.connect() as connection:
            size: int = connection.execute(select(head.c.size)).scalar_one()
        return size

    def _read_until(self) -> tuple[int, int]:
        size, last = metadata_values(self._backend, [LISTED_UNTIL, LISTED_LAST])
        return size, last
