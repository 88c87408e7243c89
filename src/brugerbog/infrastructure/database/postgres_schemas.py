"""In which schemas of a PostgreSQL database names are looked up, and whether the read tables may be touched.

The log's tables lie in one schema, by default `public`; the read tables in one of their own, which may belong
to a role with fewer rights than the owner of the log (deploy/postgresql-roles.sql). Whoever has that role's
login can put triggers, views, functions and operators into its schema. They run with the rights of whoever
touches the tables, and `SET ROLE` doesn't help: code that runs in a session can `RESET ROLE`. So a session
that could become the owner of the log neither touches those tables nor looks anything up in their schema.
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
"""Where the session would make a table; from here on nothing is found but what the server brings along."""

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
"""Both schemas, quoted, and whether the session could become the owner of the log, and of no read table."""

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
"""What lies in the log's schema, is neither its owner's nor a superuser's, and could be found by its name."""

_TO_MAKE: Final = text("""
    SELECT to_regnamespace(:schema) IS NULL AND has_database_privilege(current_database(), 'CREATE')
    FROM set_config('search_path', :path, true)
""")
"""Sets the search path for a transaction; whether a schema is missing and may be made."""

_TABLES: Final = text("""
    SELECT format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND relname = ANY(:names) AND quote_ident(nspname) = ANY(:schemas)
    ORDER BY 1
""")


class Schemas:
    """What the first connection of an engine finds of this, and the search path that each of them gets."""

    def __init__(self, engine: Engine, tables: list[str]) -> None:
        """Take the engine, which has no connection yet, and the names of the log's and the keys' tables."""
        self._tables = tables
        self._path: str | None = None
        self.log = self.read = ""
        self.can_access_read_tables = True
        self._planted: list[str] = []
        # Before SQLAlchemy itself looks anything up.
        event.listen(engine, "connect", self._begin, insert=True)

    def check(self) -> None:
        """Raises: ForeignObjects when there is something that could run with the rights of the owner."""
        if self._planted:
            raise ForeignObjects(", ".join(self._planted))

    @property
    def path(self) -> str:
        """The search path of every session."""
        # Names of the log come first: whoever owns the read tables' schema can't put others in their place.
        looked_up = [self.log, self.read] if self.can_access_read_tables else [self.log]
        return ", ".join([*looked_up, "pg_temp"])

    def make_room(self, connection: Connection) -> None:
        """Let the read tables that are made in this transaction come into their schema; make that if need be.

        Whoever may not make a schema has them beside the log's.
        """
        path = f"{self.read}, {self.log}, pg_temp"
        if connection.execute(_TO_MAKE, {"path": path, "schema": self.read}).scalar_one():
            connection.exec_driver_sql(f"CREATE SCHEMA {self.read}")

    def tables(self, connection: Connection, names: Sequence[str]) -> Sequence[str]:
        """Those of these tables that are there, with their schemas, the log's or that of the read tables."""
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
