"""Tells a failure of an event, which meets every process, from one of this process or its connection."""

from __future__ import annotations

import codecs
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

_OF_THE_CONNECTION: Final = frozenset({"22021", "22P05"})
"""SQLSTATEs of text in an encoding that isn't the connection's, which PostgreSQL counts as errors of data."""

_TRY_AGAIN: Final = "40"
"""The SQLSTATE class of transactions that the server has rolled back for others: deadlock, serialization."""


class ProjectionRaised(Exception):
    """The pure function of a projection raised; its cause is the error."""


def is_event_failure(error: Exception) -> bool:
    """Whether an event can't be projected by anybody: its projection raised, or no table can hold its rows.

    Everything else is a failure of the process, the connection or the server. It is raised, tried again by
    the next call and by other processes, and never kept.
    """
    if isinstance(error, ProjectionRaised):
        return True
    if isinstance(error, DBAPIError):
        return _is_of_rows(error)
    if isinstance(error, UnicodeEncodeError):
        # UTF-8 has no surrogates; any other encoding is a wrong one of this connection.
        return codecs.lookup(error.encoding).name == "utf-8"
    return isinstance(error, OverflowError)


def _is_of_rows(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError):
        return True
    if isinstance(error, DataError):
        return sqlstate not in _OF_THE_CONNECTION
    # A driver's own, before anything went to a server: values of a type that it doesn't take.
    return isinstance(error, ProgrammingError) and sqlstate is None and not error.connection_invalidated


def is_retryable(error: Exception) -> bool:
    """Whether the server itself asks to do the transaction again."""
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None)
    return sqlstate is not None and sqlstate.startswith(_TRY_AGAIN)


def error_class_name(error: BaseException) -> str:
    """The name of an error's kind, which tells nothing of the event."""
    cause = error.__cause__ if isinstance(error, ProjectionRaised) else error
    return type(cause or error).__name__
