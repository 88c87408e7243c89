"""The read table `imported`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

imported = Table(
    "imported",
    read_tables,
    Column("user_id", Uid, primary_key=True),
    Column("organisation_id", Uid, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
    Column("has_cpr", Boolean, nullable=False),
)
