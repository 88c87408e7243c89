"""Migration 1: reported activities, mails, links and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text

from brugerbog.infrastructure.migrations.migration import BIGINT, Migration
from brugerbog.projections.columns import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_tables: Final = MetaData()

Table(
    "reported",
    _tables,
    Column("organisation_id", Uid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organisation_id", "digest"),
    sqlite_with_rowid=False,
)

_mails: Final = Table(
    "mail_intents",
    _tables,
    Column("id", Uid, nullable=False),
    Column("recipient", Uid, nullable=False),
    Column("about", Uid, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("actor", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BIGINT, nullable=False),
    Column("next_at", BIGINT),
    Column("settled_at", BIGINT),
    Column("code", Integer),
    PrimaryKeyConstraint("id"),
    Index("mails_of_organisation", "organisation_id", "state"),
    Index("mails_to_user", "recipient"),
    Index("mails_about_user", "about"),
    sqlite_with_rowid=False,
)
_unsettled: Final = _mails.c.next_at.is_not(None)
Index("mails_due", _mails.c.next_at, sqlite_where=_unsettled, postgresql_where=_unsettled)

Table(
    "link_tokens",
    _tables,
    Column("digest", LargeBinary, nullable=False),
    Column("user_id", Uid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    PrimaryKeyConstraint("digest"),
    Index("links_of_user", "user_id"),
    sqlite_with_rowid=False,
)

Table(
    "activation_codes",
    _tables,
    Column("user_id", Uid, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id"),
    sqlite_with_rowid=False,
)


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    _tables.create_all(connection)


MAILS_AND_LINKS: Final = Migration(1, "what services report, mails, links and codes", _on_log)
