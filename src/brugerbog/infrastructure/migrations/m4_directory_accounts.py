"""Migration 4: reservations of accounts in the organisation's directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    kind = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    connection.execute(text(f"ALTER TABLE claims ADD COLUMN account {kind}"))
    connection.execute(
        text(
            "CREATE UNIQUE INDEX one_holder_per_account ON claims (scope, account) WHERE account IS NOT NULL"
        )
    )


DIRECTORY_ACCOUNTS: Final = Migration(4, "what an organisation's directory calls its users", _on_log)
