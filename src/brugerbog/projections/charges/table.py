"""The read table `charges`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

USER_CHARGE: Final = "user"

charges = Table(
    "charges",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ean", Text),
    Column("price", Integer),
    Column("charged_at", INSTANT),
    Column("position", INSTANT, nullable=False),
    PrimaryKeyConstraint("user_id", "number"),
    Index("charges_of_organisation", "organisation_id", "position"),
)
