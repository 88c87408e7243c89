"""Migration 7: on PostgreSQL, a schema for the read tables, and CREATE in the log's for its owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from brugerbog.infrastructure.migrations.migration import Migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_READ_TABLES: Final = (
    *("positions", "heartbeats", "user_list", "activity_history", "imported", "due", "notices", "standing"),
    *("charges", "organisations", "web_sessions", "web_uploads", "rate_counters", "followed_log"),
)

_PINNED: Final = "ALTER FUNCTION brugerbog_never_changed() SET search_path = pg_catalog, pg_temp"

_SCHEMAS: Final = """
    SELECT
        quote_ident(current_schema()),
        quote_ident(
            CASE current_schema() WHEN 'public' THEN 'brugerbog_read' ELSE current_schema() || '_read' END
        ),
        has_database_privilege(current_database(), 'CREATE')
"""

_THERE: Final = text("""
    SELECT quote_ident(relname), relowner::regrole::text
    FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(:schema) AND relname = ANY(:tables)
""")

_OTHER_MAKERS: Final = text("""
    SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
    FROM pg_namespace CROSS JOIN aclexplode(nspacl)
    WHERE pg_namespace.oid = to_regnamespace(:schema) AND privilege_type = 'CREATE'
        AND grantee NOT IN (nspowner, (SELECT relowner FROM pg_class WHERE oid = to_regclass('head')))
""")
"""The roles that may create objects in the log's schema and own neither its tables nor the schema."""

_OWNER: Final = "SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass('head')"


def _on_log(connection: Connection, _ids: Mapping[str, bytes]) -> None:
    """Move the read tables, of any owner. No row is accessed, so no code in the tables runs."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(_PINNED)
    log, read, may_make_schemas = connection.exec_driver_sql(_SCHEMAS).one()
    there = connection.execute(_THERE, {"schema": log, "tables": list(_READ_TABLES)}).all()
    owner = connection.exec_driver_sql(_OWNER).scalar_one()
    others = sorted({of for _, of in there} - {owner})
    if others:
        for maker in connection.execute(_OTHER_MAKERS, {"schema": log}).scalars().all():
            connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {log} FROM {maker}")
    if not there or not may_make_schemas:
        return
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {read} AUTHORIZATION {(others or [owner])[0]}")
    for table, _ in there:
        connection.exec_driver_sql(f"ALTER TABLE {log}.{table} SET SCHEMA {read}")


READ_SCHEMA: Final = Migration(7, "a schema of their own for the read tables, on PostgreSQL", _on_log)
