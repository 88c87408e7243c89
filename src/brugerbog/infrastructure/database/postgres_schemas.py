"""The schemas of a PostgreSQL database: the search path, and whether the read tables may be accessed.

The log's tables are in one schema, by default `public`; the read tables are in one of their own, which may
belong to a role with fewer rights than the owner of the log (deploy/postgresql-roles.sql). A login with that
role can create triggers, views, functions and operators in its schema. They run with the rights of any role
that accesses the tables, and `SET ROLE` doesn't help: code that runs in a session can `RESET ROLE`. So a
session that could become the owner of the log neither accesses those tables nor has their schema in its
search path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, text

from brugerbog.application.refusals.database import ForeignObjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

_FIRST: Final = """
    SELECT pg_catalog.current_schema(), pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)
"""
"""The schema where the session would create a table. From here on only the server's own names resolve."""

_ROOM: Final = """
    SELECT
        quote_ident(log), quote_ident(read),
        pg_has_role(session_user, log_owner, 'MEMBER') AND EXISTS (
            SELECT FROM pg_namespace WHERE nspname = read AND nspowner <> log_owner
            UNION ALL
            SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE relowner <> log_owner AND (nspname = read OR nspname = log AND relname = 'positions')
        )
    FROM (SELECT
        %(log)s::text AS log,
        %(read)s::text AS read,
        coalesce(
            (
                SELECT relowner FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = %(log)s::text AND relname = 'head'
            ),
            (SELECT oid FROM pg_roles WHERE rolname = current_user)
        ) AS log_owner
    ) AS names
"""
"""Both schemas, quoted, and whether the session could become the log's owner but not the read tables'."""

_PLANTED: Final = """
    WITH room AS (SELECT oid, nspowner FROM pg_namespace WHERE nspname = %(log)s::text),
    trusted AS (
        SELECT oid FROM pg_roles WHERE rolsuper OR rolname = session_user
        UNION SELECT nspowner FROM room
        UNION SELECT datdba FROM pg_database WHERE datname = current_database()
        UNION SELECT relowner FROM pg_class JOIN room ON relnamespace = room.oid WHERE relname = 'head'
    ),
    there AS (
        SELECT 'pg_class'::regclass AS kind, pg_class.oid, relowner AS owner, relname AS name
        FROM pg_class JOIN room ON relnamespace = room.oid
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
            AND (relname = ANY(%(tables)s::text[]) OR relname ^@ 'old_')
        UNION ALL
        SELECT 'pg_proc'::regclass, pg_proc.oid, proowner, proname
        FROM pg_proc JOIN room ON pronamespace = room.oid
        UNION ALL
        SELECT 'pg_operator'::regclass, pg_operator.oid, oprowner, oprname
        FROM pg_operator JOIN room ON oprnamespace = room.oid
        UNION ALL
        SELECT 'pg_type'::regclass, pg_type.oid, typowner, typname
        FROM pg_type JOIN room ON typnamespace = room.oid WHERE typtype <> 'c' AND typcategory <> 'A'
        UNION ALL
        SELECT 'pg_collation'::regclass, pg_collation.oid, collowner, collname
        FROM pg_collation JOIN room ON collnamespace = room.oid
        UNION ALL
        SELECT 'pg_conversion'::regclass, pg_conversion.oid, conowner, conname
        FROM pg_conversion JOIN room ON connamespace = room.oid
    )
    SELECT name FROM there
    WHERE owner NOT IN (SELECT oid FROM trusted) AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = kind AND objid = there.oid AND deptype = 'e'
    )
    ORDER BY name
"""
"""Objects in the log's schema of roles other than its owner and superusers, which a name could resolve to."""

_TO_MAKE: Final = text("""
    SELECT to_regnamespace(:schema) IS NULL AND has_database_privilege(current_database(), 'CREATE')
    FROM set_config('search_path', :path, true)
""")
"""Sets the search path of a transaction; selects whether a schema is missing and may be created."""

_TABLES: Final = text("""
    SELECT format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND relname = ANY(:names) AND quote_ident(nspname) = ANY(:schemas)
    ORDER BY 1
""")


class Schemas:
    """The schemas, found by the first connection of an engine, and the search path of every connection."""

    def __init__(self, engine: Engine, tables: list[str]) -> None:
        """Take an engine without connections yet, and the names of the tables of log and keys."""
        self._tables = tables
        self._path: str | None = None
        self.log = self.read = ""
        self.can_access_read_tables = True
        self._planted: list[str] = []
        # Before SQLAlchemy itself looks anything up.
        event.listen(engine, "connect", self._begin, insert=True)

    def check(self) -> None:
        """Raises: ForeignObjects when there are objects that could run with the rights of the owner."""
        if self._planted:
            raise ForeignObjects(", ".join(self._planted))

    @property
    def path(self) -> str:
        """The search path of every session."""
        # The log's schema comes first, so that the owner of the other schema can't replace its names.
        schemas = [self.log, self.read] if self.can_access_read_tables else [self.log]
        return ", ".join([*schemas, "pg_temp"])

    def make_room(self, connection: Connection) -> None:
        """Put read tables created in this transaction into their schema, creating it if need be.

        Without the right to create a schema, they are created in the log's schema.
        """
        path = f"{self.read}, {self.log}, pg_temp"
        if connection.execute(_TO_MAKE, {"path": path, "schema": self.read}).scalar_one():
            connection.exec_driver_sql(f"CREATE SCHEMA {self.read}")

    def tables(self, connection: Connection, names: Sequence[str]) -> Sequence[str]:
        """Return those of the tables that exist, qualified with the log's or the read tables' schema."""
        found = connection.execute(_TABLES, {"names": names, "schemas": [self.log, self.read]})
        return found.scalars().all()

    def _begin(self, driver: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        driver.autocommit = True
        if self._path is None:
            self._find(driver)
            self._path = self.path
        driver.execute("SELECT pg_catalog.set_config('search_path', %s, false)", [self._path])
        driver.autocommit = False

    def _find(self, driver: Any) -> None:  # noqa: ANN401 - as above
        log = driver.execute(_FIRST).fetchone()[0] or "public"
        names = {"log": log, "read": "brugerbog_read" if log == "public" else f"{log}_read"}
        self.log, self.read, is_closed = driver.execute(_ROOM, names).fetchone()
        self.can_access_read_tables = not is_closed
        if is_closed:
            found = driver.execute(_PLANTED, {"log": log, "tables": self._tables}).fetchall()
            self._planted = [name for (name,) in found]
