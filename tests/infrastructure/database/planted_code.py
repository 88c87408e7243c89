"""Code that whoever has the service's login leaves in the database, in the hope that the owner runs it."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from tests.infrastructure.database.roles import native

MARK = "planted code ran"

_FUNCTIONS = """
CREATE FUNCTION {schema}.planted() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE WARNING 'planted code ran as %', current_user;
    -- Whoever has only taken on another role for a while is back in his own by this.
    EXECUTE 'RESET ROLE';
    RAISE WARNING 'planted code ran as %', current_user;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN true;
END $$;
CREATE FUNCTION {schema}.planted_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.planted();
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION {schema}.planted_key(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE WARNING 'planted code ran as %', current_user;
    PERFORM {schema}.planted();
    RETURN $1;
END $$;
CREATE FUNCTION {schema}.planted_equal(text, text) RETURNS boolean LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE FUNCTION {schema}.planted_equal(text, varchar) RETURNS boolean LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE FUNCTION {schema}.planted_equal(name, varchar) RETURNS boolean LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE OPERATOR {schema}.= (LEFTARG = name, RIGHTARG = varchar, FUNCTION = {schema}.planted_equal);
CREATE OPERATOR {schema}.<> (LEFTARG = name, RIGHTARG = varchar, FUNCTION = {schema}.planted_equal);
CREATE FUNCTION {schema}.planted_equal(smallint, smallint) RETURNS boolean LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE OPERATOR {schema}.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = {schema}.planted_equal);
CREATE OPERATOR {schema}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = {schema}.planted_equal);
CREATE OPERATOR {schema}.<> (LEFTARG = text, RIGHTARG = varchar, FUNCTION = {schema}.planted_equal);
CREATE OPERATOR {schema}.> (LEFTARG = smallint, RIGHTARG = smallint, FUNCTION = {schema}.planted_equal);
CREATE FUNCTION {schema}.max(integer) RETURNS integer LANGUAGE sql AS 'SELECT {schema}.planted()::integer';
CREATE FUNCTION {schema}.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT {schema}.planted()::text';
CREATE FUNCTION {schema}.pg_advisory_xact_lock(integer) RETURNS void LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE FUNCTION {schema}.pg_advisory_xact_lock(smallint) RETURNS void LANGUAGE sql
    AS 'SELECT {schema}.planted()';
CREATE FUNCTION {schema}.pg_advisory_lock(integer) RETURNS void LANGUAGE sql AS 'SELECT {schema}.planted()';
CREATE FUNCTION {schema}.to_regclass(varchar) RETURNS regclass LANGUAGE sql
    AS 'SELECT {schema}.planted(); SELECT NULL::regclass';
CREATE FUNCTION {schema}.current_schema() RETURNS name LANGUAGE sql
    AS 'SELECT {schema}.planted(); SELECT ''{schema}''::name';
CREATE TYPE {schema}.planted_kind AS ENUM ('one');
CREATE FUNCTION {schema}.planted_cast({schema}.planted_kind) RETURNS text LANGUAGE sql
    AS 'SELECT {schema}.planted()::text';
CREATE CAST ({schema}.planted_kind AS text) WITH FUNCTION {schema}.planted_cast AS IMPLICIT;
CREATE DOMAIN {schema}.planted_text AS text CHECK ({schema}.planted());
CREATE VIEW {schema}.old_head AS SELECT *, {schema}.planted() FROM public.head;
CREATE VIEW {schema}.pg_class AS SELECT *, {schema}.planted() FROM pg_catalog.pg_class;
"""

_ON_TABLE = """
CREATE TRIGGER planted_row BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {schema}.planted_trigger();
CREATE TRIGGER planted_statement BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.planted_trigger();
CREATE CONSTRAINT TRIGGER planted_at_commit AFTER INSERT OR UPDATE OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.planted_trigger();
ALTER TABLE {table} ADD COLUMN planted text DEFAULT {schema}.planted()::text;
ALTER TABLE {table} ADD CHECK ({schema}.planted());
CREATE INDEX ON {table} ({schema}.planted_key({column}::text)) WHERE {schema}.planted_key('x') = 'x';
CREATE POLICY planted ON {table} USING ({schema}.planted());
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""

_VIEW_IN_PLACE = """
ALTER TABLE {table} RENAME TO {name}_kept;
CREATE VIEW {table} AS SELECT * FROM {schema}.{name}_kept WHERE {schema}.planted();
CREATE RULE planted AS ON UPDATE TO {table} DO INSTEAD SELECT {schema}.planted();
"""


def plant(url: str, *, in_place: Sequence[str] = ()) -> list[str]:
    """Plant all of it as the service in each schema where that may be done; returns these.

    The tables `in_place` are put aside for a view. Each table that the service owns gets the rest.
    """
    with psycopg.connect(native(url), autocommit=True) as service:
        service.execute("SET client_min_messages = error")
        schemas = _column(
            service,
            "SELECT nspname FROM pg_namespace"
            " WHERE has_schema_privilege(oid, 'CREATE') AND nspname !~ '^pg_' ORDER BY 1",
        )
        for schema in schemas:
            for statement in filter(str.strip, _split(_FUNCTIONS)):
                _run(service, statement, schema=schema)
        if not schemas:
            return []
        owned = service.execute(
            "SELECT relname, nspname,"
            " (SELECT attname FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum = 1)"
            " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE relkind = 'r' AND relowner = current_user::regrole"
        ).fetchall()
        for name, schema, column in owned:
            table = sql.Identifier(schema, name)
            planted_in = sql.Identifier(schemas[0])
            for statement in filter(str.strip, _split(_ON_TABLE)):
                service.execute(
                    sql.SQL(statement).format(table=table, schema=planted_in, column=sql.Identifier(column))
                )
            if name in in_place:
                for statement in filter(str.strip, _split(_VIEW_IN_PLACE)):
                    service.execute(
                        statement.replace("{table}", f"{schema}.{name}")
                        .replace("{name}", name)
                        .replace("{schema}", schema)
                    )
        return schemas


def ran_as(log: str) -> set[str]:
    """The roles as which planted code ran, by the server's log."""
    return {
        line.rpartition(" as ")[2].strip() for line in log.splitlines() if MARK in line and "WARNING" in line
    }


def _split(statements: str) -> list[str]:
    """Single statements; a semicolon inside of $$ or quotes ends none."""
    parts, inside = [""], False
    for line in statements.splitlines(keepends=True):
        inside ^= line.count("$$") % 2 == 1
        parts[-1] += line
        if not inside and line.rstrip().endswith(";"):
            parts.append("")
    return parts


def _run(service: psycopg.Connection, statement: str, **names: str) -> None:
    for name, value in names.items():
        statement = statement.replace(f"{{{name}}}", value)
    service.execute(statement)


def _column(service: psycopg.Connection, statement: str) -> list[str]:
    return [name for (name,) in service.execute(statement).fetchall()]
