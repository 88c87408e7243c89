"""Migration 2: append-only triggers, checkpoints, the table `marks`, and the time of each link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal,
    text,
)

from brugerbog.infrastructure.database.append_only import add_triggers, append_only
from brugerbog.infrastructure.migrations.migration import BIGINT, Migration, rebuild
from brugerbog.projections.columns import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_tables: Final = MetaData()

append_only(
    Table(
        "checkpoints",
        _tables,
        Column("size", BIGINT, nullable=False),
        Column("made_at", BIGINT, nullable=False),
        Column("frontier", LargeBinary, nullable=False),
        Column("note", LargeBinary, nullable=False),
        PrimaryKeyConstraint("size", "made_at"),
    )
)

Table(
    "marks",
    _tables,
    Column("name", Text, primary_key=True),
    Column("value", BIGINT, nullable=False),
)

_links: Final = Table(
    "link_tokens",
    MetaData(),
    Column("digest", LargeBinary, nullable=False),
    Column("user_id", Uid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_at", BIGINT, nullable=False),
    PrimaryKeyConstraint("digest"),
    Index("links_of_user", "user_id"),
    sqlite_with_rowid=False,
)


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    _tables.create_all(connection)
    add_triggers("events", connection)
    # When a link was made nobody knows; not after what was recorded last.
    latest = connection.execute(text("SELECT max(recorded_at) FROM events")).scalar() or 0
    rebuild(connection, _links, made_at=literal(latest, BIGINT))


GUARDED_LOG: Final = Migration(
    2, "guards of the log, checkpoints, marks, since when there is a link", _on_log
)
