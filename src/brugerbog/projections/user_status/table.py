"""The read table `standing`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

user_status = Table(
    "standing",
    read_tables,
    Column("user_id", Uid, primary_key=True),
    Column("organisation_id", Uid, nullable=False),
    Column("phase", Text, nullable=False),
    Column("deactivated_from", Text),
    Column("deactivated_to", Text),
    Column("p_number", Text),
    Column("se_number", Text),
    Column("ean", Text),
    Column("means", Text, nullable=False),
    Column("ordered_means", Text, nullable=False),
    Column("active_means", Text, nullable=False),
    Column("pending_since", INSTANT),
    Column("link_expires_at", INSTANT),
    Index("standing_of_organisation", "organisation_id"),
)
