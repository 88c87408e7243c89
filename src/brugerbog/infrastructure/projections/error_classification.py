"""Classification of errors while projecting: permanent ones of an event, temporary ones of a process."""

from __future__ import annotations

import codecs
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

_CONNECTION_ENCODING: Final = frozenset({"22021", "22P05"})
"""SQLSTATEs for text in another encoding than the connection's, which PostgreSQL reports as data errors."""

_ROLLBACK: Final = "40"
"""The SQLSTATE class for rollbacks because of other transactions: deadlock, serialization."""


class ProjectionRaised(Exception):
    """A projection's function raised; the cause is its error."""


def is_event_failure(error: Exception) -> bool:
    """Return whether the event can never be projected: its projection raised, or the table rejects its rows.

    Any other error is a failure of the process, the connection or the server. It is raised but not stored as
    the projection's failure, and the next call or another process tries again.
    """
    if isinstance(error, ProjectionRaised):
        return True
    if isinstance(error, DBAPIError):
        return _is_row_failure(error)
    if isinstance(error, UnicodeEncodeError):
        # UTF-8 can't encode surrogates; any other encoding is a wrong setting of this connection.
        return codecs.lookup(error.encoding).name == "utf-8"
    # The sqlite3 module can't store an integer of more than 64 bits.
    return isinstance(error, OverflowError)


def _is_row_failure(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return True
    if isinstance(error, DataError):
        return sqlstate not in _CONNECTION_ENCODING
    # Raised by the driver before anything was sent: a value of an unsupported type.
    return isinstance(error, ProgrammingError) and sqlstate is None and not error.connection_invalidated


def is_retryable(error: Exception) -> bool:
    """Return whether the transaction was rolled back because of others, so that it can be tried again."""
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None)
    return sqlstate is not None and sqlstate.startswith(_ROLLBACK)


def error_class_name(error: BaseException) -> str:
    """Return the name of the error's class: unlike the message, it contains no data of the event."""
    cause = error.__cause__ if isinstance(error, ProjectionRaised) else error
    return type(cause or error).__name__
