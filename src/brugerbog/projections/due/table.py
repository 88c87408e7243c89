"""The read table `due`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

PERIOD_END: Final = "period_end"
ERASURE: Final = "erasure"
LINK_EXPIRY: Final = "link_expiry"

due = Table(
    "due",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("generation", Integer, nullable=False),
    PrimaryKeyConstraint("user_id", "kind"),
    Index("due_by_time", "due_at", "user_id"),
)
