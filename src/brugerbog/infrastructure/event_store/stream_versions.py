"""Statements that select the last versions of many streams, without reading their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, column, exists, func, literal_column, select, values

from brugerbog.domain.user.user import User
from brugerbog.infrastructure.database.schema import events
from brugerbog.projections.columns import Uid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import CTE, BindParameter, ScalarSelect, Select

_FIRST: Final[ColumnElement[int]] = literal_column("1")
_DELETIONS: Final[list[ColumnElement[str]]] = [
    literal_column(f"'{event.TOPIC}'") for event in (User.Deleted, User.PersonalDataErased)
]
"""Literals, as a `Statement` takes parameters only for values that change."""


def last_versions(stream_ids: Sequence[BindParameter[UUID]]) -> Select[Any]:
    """Select each stream with the version of its last event, or null.

    Each version is one look-up at the end of the index; a `GROUP BY` would read all entries of the streams.
    """
    wanted = _wanted(stream_ids)
    return select(wanted.c.stream_id, _last_version(wanted))


def user_versions(user_ids: Sequence[BindParameter[UUID]]) -> Select[Any]:
    """Select each stream that has events: organisation, last version, and whether the user is deleted."""
    wanted = _wanted(user_ids)
    first = events.alias("first")
    deleted = exists().where(events.c.stream_id == wanted.c.stream_id, events.c.topic.in_(_DELETIONS))
    begun = (first.c.stream_id == wanted.c.stream_id) & (first.c.version == _FIRST)
    return select(
        wanted.c.stream_id, first.c.organisation_id, _last_version(wanted), deleted.label("is_deleted")
    ).join_from(wanted, first, begun)


def _wanted(stream_ids: Sequence[BindParameter[UUID]]) -> CTE:
    listed = values(column("stream_id", Uid), name="wanted").data([(one,) for one in stream_ids])
    return listed.cte("wanted")


def _last_version(wanted: CTE) -> ScalarSelect[int]:
    of_stream = events.c.stream_id == wanted.c.stream_id
    return select(func.max(events.c.version)).where(of_stream).scalar_subquery()
