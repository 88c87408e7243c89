"""What a failure of the store means to whoever asked: a deadline that passed, or something else."""

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
"""disk_full, and its like."""

_READ_ONLY: Final = {"25006", "SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT"}
"""read_only_sql_transaction, and its likes."""

_SQLITE: Final = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT"}


def refusal_of_failure(error: SQLAlchemyError) -> Refusal | None:
    """The refusal that a passed deadline or a want of room comes to; None for every other failure."""
    if isinstance(error, CommitUnknown):
        return OutcomeUnknown()
    if isinstance(error, LockTimeout | TimeoutError):
        return StoreTooSlow()
    if isinstance(error, DBAPIError):
        told = {getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None)}
        if not told.isdisjoint(_FULL):
            return StoreFull()
        if not told.isdisjoint(_READ_ONLY):
            return StoreReadOnly()
        return None if told.isdisjoint(_POSTGRESQL | _SQLITE) else StoreTooSlow()
    return None
