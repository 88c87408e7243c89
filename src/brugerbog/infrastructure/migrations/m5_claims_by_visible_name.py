"""Migration 5: users are compared by the visible form of their names, so reservations are outdated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    """Store that the reservations are outdated; the upgrade rebuilds them, as names must be decrypted."""
    connection.execute(text("INSERT INTO marks (name, value) VALUES ('claims_out_of_date', 1)"))


CLAIMS_BY_WHAT_IS_SEEN: Final = Migration(5, "claims by what can be seen of a name", _on_log)
