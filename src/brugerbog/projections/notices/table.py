"""The read table `notices`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

notices = Table(
    "notices",
    read_tables,
    Column("user_id", Uid, primary_key=True),
    Column("organisation_id", Uid, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Index("notices_of_organisation", "organisation_id", "asked_at"),
)
