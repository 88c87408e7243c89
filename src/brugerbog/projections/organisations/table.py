"""The read table `organisations`."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

organisations = Table(
    "organisations",
    read_tables,
    Column("organisation_id", Uid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("since", INSTANT, nullable=False),
    Column("cvr", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("user_price", Integer, nullable=False),
    Column("free_users", Integer, nullable=False),
    PrimaryKeyConstraint("organisation_id", "number"),
)
