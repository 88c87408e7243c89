"""Migration 8: users are compared without the dots of an i, so reservations are outdated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    """Store that the reservations are outdated, unless an earlier migration has."""
    connection.execute(
        text(
            "INSERT INTO marks (name, value) SELECT 'claims_out_of_date', 1"
            " WHERE NOT EXISTS (SELECT 1 FROM marks WHERE name = 'claims_out_of_date')"
        )
    )


CLAIMS_WITHOUT_DOTS: Final = Migration(8, "claims without the dots of an i", _on_log)
