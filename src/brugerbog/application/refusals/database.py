"""Refusals of the database engine: its version, its settings, its roles, and views for reporting."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.store import StoreUnusable
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class SqliteTooOld(StoreUnusable):
    """Older SQLite can lose commits in WAL mode with several connections."""

    code = "sqlite_too_old"
    danish = "SQLite {version} kan miste det gemte. Installér en udgave på mindst 3.51.3 (pysqlite3)."
    english = "SQLite {version} can lose commits; 3.51.3 or newer is needed."
    version: str


@dataclass(eq=False)
class PostgresTooOld(StoreUnusable):
    """PostgreSQL 15 or newer."""

    code = "postgres_too_old"
    danish = "PostgreSQL {version} er for gammel. Brug version 15 eller nyere."
    english = "PostgreSQL {version} is too old; 15 or newer is needed."
    version: int


@dataclass(eq=False)
class NotDurable(StoreUnusable):
    """PostgreSQL is configured so that a committed transaction can be lost."""

    code = "store_not_durable"
    danish = "PostgreSQL kører uden fsync eller synchronous_commit, så det gemte kan gå tabt. Slå dem til."
    english = "PostgreSQL runs with fsync or synchronous_commit off: acknowledged would not mean on disk."


@dataclass(eq=False)
class NotUtf8(StoreUnusable):
    """The database's encoding can't hold every letter of a name, or is SQL_ASCII, which validates none."""

    code = "store_not_utf8"
    danish = (
        "Databasen er lavet med tegnsættet {encoding}, som ikke rummer alle navne. Lav en ny database med "
        "ENCODING 'UTF8', og flyt lageret dertil."
    )
    english = "The database's encoding is {encoding}: make one with ENCODING 'UTF8'."
    encoding: str


@dataclass(eq=False)
class TriggersOff(StoreUnusable):
    """With session_replication_role other than origin no trigger guards the log."""

    code = "store_triggers_off"
    danish = (
        "session_replication_role er ikke 'origin' for rollen eller databasen, så intet beskytter loggen mod "
        "ændringer. Fjern indstillingen."
    )
    english = "session_replication_role isn't 'origin' for this role or database: no trigger guards the log."


@dataclass(eq=False)
class StoreNeedsOwner(StoreUnusable):
    """Only the owner of a database makes and changes its tables."""

    code = "store_needs_owner"
    danish = "Kun databasens ejer kan lave og ændre tabeller. Gentag kommandoen som ejeren."
    english = "Only the database's owner makes and changes tables: run this as the owner."


@dataclass(eq=False)
class ReadTablesOfAnother(StoreUnusable):
    """The read tables belong to a role with fewer privileges, whose code would run with the owner's."""

    code = "read_tables_of_another"
    danish = (
        "Ejeren af lageret rører ikke læsetabellerne. De tilhører den rolle, der kører Brugerbog til daglig. "
        "Gentag kommandoen med den rolles login (se deploy/postgresql-roles.sql)."
    )
    english = "The read tables are the service's, and not for the owner: use the service's login."


@dataclass(eq=False)
class ForeignObjects(StoreUnusable):
    """The owner's search path has functions, operators or the like of another role."""

    code = "foreign_objects"
    danish = (
        "Der ligger noget i loggens skema, som ikke tilhører dets ejer, og som kunne blive kørt med ejerens "
        "rettigheder: {names}. Find ud af, hvem der har lavet det, og fjern det."
    )
    english = "Left by another role in the log's schema, and could run as the owner: {names}."
    names: str


@dataclass(eq=False)
class ReportingNeedsServer(Refusal):
    """Views for reporting tools are made on PostgreSQL only."""

    code = "reporting_needs_server"
    danish = (
        "Visninger til rapportværktøjer findes kun på PostgreSQL. Brug i stedet: brugerbog report NAVN --csv"
    )
    english = "Views for reporting tools are made on PostgreSQL only: use 'brugerbog report NAME --csv'."


@dataclass(eq=False)
class ReportingNotSetUp(Refusal):
    """The owner of the database has not created the schema for reporting views."""

    code = "reporting_not_set_up"
    danish = (
        "Der er ikke gjort plads til visninger til rapportværktøjer. "
        "Kør først deploy/postgresql-reporting.sql som databasens ejer."
    )
    english = "There is no schema for views yet: run deploy/postgresql-reporting.sql as the database's owner."
