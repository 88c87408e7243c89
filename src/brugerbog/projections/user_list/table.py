"""The read table `user_list`, its indexes, and conditions on its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, and_, or_

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.projections.columns import CODE_POINTS, INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


LINE_BREAK: Final = "\n"
"""Separates ids that an organisation chooses itself; such ids contain no line breaks."""

user_list = Table(
    "user_list",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("since", INSTANT, nullable=False),
    Column("until", INSTANT),
    Column("latest", INSTANT, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sort_key", CODE_POINTS, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("deactivated_from", Text),
    Column("deactivated_to", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("first_name", Text),
    Column("surname", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("cpr_masked", Text),
    Column("date_of_birth", Text),
    Column("reference_text", Text),
    Column("anonymous", Boolean, nullable=False),
    Column("target_ial", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("active_means", Text, nullable=False),
    Column("ordered_means", Text, nullable=False),
    Column("rights", Text, nullable=False),
    Column("can_sign", Boolean, nullable=False),
    Column("sealing_profiles", Text, nullable=False),
    Column("asks_for_anonymity", Boolean, nullable=False),
    Column("link_expires_at", INSTANT),
    Column("p_number", Text),
    Column("se_number", Text),
    Column("ean", Text),
    Column("user_name", Text),
    Column("external_id", Text),
    Column("account_key", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "since"),
)
"""A row is valid from `since` until `until`, which is NULL in the current row.

Both are the `latest` instant at which any of the user's events up to then was recorded: if clocks have
disagreed, an event with too early a time is shown together with the event before it. `version` is that of the
event that last changed the row. `account_key` is the key by which a directory finds the user: the user name
that the directory has set, or else the e-mail address.
"""

is_current: Final = user_list.c.until.is_(None)
_is_past: Final = user_list.c.until.is_not(None)


def valid_at(at: datetime) -> ColumnElement[bool]:
    """Return the condition for rows valid at an instant."""
    known = microseconds(at)
    return and_(user_list.c.since <= known, or_(user_list.c.until.is_(None), user_list.c.until > known))


def _index(name: str, column: Column[Any], condition: ColumnElement[bool]) -> None:
    rows = user_list.c
    Index(
        name, rows.organisation_id, column, rows.user_id, sqlite_where=condition, postgresql_where=condition
    )


_index("user_list_by_name", user_list.c.sort_key, is_current)
_index("user_list_by_creation", user_list.c.created_at, is_current)
_index("user_list_by_account", user_list.c.account_key, is_current)
_has_id = and_(is_current, user_list.c.external_id.is_not(None))
_index("user_list_by_external_id", user_list.c.external_id, _has_id)
_index("user_list_by_end", user_list.c.until, _is_past)
