"""Step 5: people are compared by what can be seen of their names, so all claims are to be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    """Note that the claims are out of date; who makes them anew opens names, which a step doesn't."""
    connection.execute(text("INSERT INTO marks (name, value) VALUES ('claims_out_of_date', 1)"))


CLAIMS_BY_WHAT_IS_SEEN: Final = Migration(5, "claims by what can be seen of a name", _on_log)
