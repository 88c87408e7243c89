"""Step 8: people are compared without the dots of an i, so all claims are to be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    """Note that the claims are out of date, unless an earlier step has."""
    connection.execute(
        text(
            "INSERT INTO marks (name, value) SELECT 'claims_out_of_date', 1"
            " WHERE NOT EXISTS (SELECT 1 FROM marks WHERE name = 'claims_out_of_date')"
        )
    )


CLAIMS_WITHOUT_DOTS: Final = Migration(8, "claims without the dots of an i", _on_log)
