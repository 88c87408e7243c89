"""The read table `activity_history`."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

activity_history = Table(
    "activity_history",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("position", INSTANT, nullable=False),
    Column("transaction", Text, nullable=False),
    Column("service_provider", Text, nullable=False),
    Column("service_type", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "occurred_at", "position"),
    sqlite_with_rowid=False,
)
