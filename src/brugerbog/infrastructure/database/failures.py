"""Maps errors of the database to refusals: a passed deadline, a full or read-only disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, TimeoutError  # noqa: A004 - SQLAlchemy's name

from brugerbog.application.refusals.store import OutcomeUnknown, StoreFull, StoreReadOnly, StoreTooSlow
from brugerbog.infrastructure.database.deadlines import CommitUnknown, LockTimeout

if TYPE_CHECKING:
    from sqlalchemy.exc import SQLAlchemyError

    from brugerbog.domain.kernel.refusals import Refusal

_POSTGRESQL: Final = {"57014", "55P03", "25P03"}
"""query_canceled, lock_not_available, idle_in_transaction_session_timeout (PostgreSQL, appendix A)."""

_FULL: Final = {"53100", "SQLITE_FULL"}
"""disk_full of PostgreSQL, and the code of SQLite."""

_READ_ONLY: Final = {"25006", "SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT"}
"""read_only_sql_transaction of PostgreSQL, and the codes of SQLite."""

_SQLITE: Final = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT"}


def refusal_of_failure(error: SQLAlchemyError) -> Refusal | None:
    """Return the refusal for a passed deadline or a disk that can't be written; None for other errors."""
    if isinstance(error, CommitUnknown):
        return OutcomeUnknown()
    if isinstance(error, LockTimeout | TimeoutError):
        return StoreTooSlow()
    if isinstance(error, DBAPIError):
        codes = {getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None)}
        if not codes.isdisjoint(_FULL):
            return StoreFull()
        if not codes.isdisjoint(_READ_ONLY):
            return StoreReadOnly()
        return None if codes.isdisjoint(_POSTGRESQL | _SQLITE) else StoreTooSlow()
    return None
