"""The views for reporting tools: who may read them, what never stands in them, and that they last."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.projections import rebuild
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.organisations.projection import OrganisationsProjection
from brugerbog.projections.projection import RecordedEvent, Row
from tests.application.activity_reports import activity_report, record_reports
from tests.infrastructure.database.reporting_store import Seen, seen_org
from tests.infrastructure.database.roles import DEPLOY, drop_roles, login, native, run_script
from tests.org_driver import BORN, open_service
from tests.people import made_up_cpr
from tests.postgres import PostgresServer
from tests.projections.changed_projections import projections_with

DOCS = (DEPLOY.parent / "docs" / "reporting.md").read_text("utf-8")
CPR, OTHER_CPR = made_up_cpr(BORN, 1), made_up_cpr(BORN, 2)
NAMES = ("Kanariefugl", "Gulfjersen", "kanarie@fugl.test", "40414243", "Redekasse")
OURS = "relnamespace = 'reporting'::regnamespace AND relkind = 'v'"
LEAKING = """CREATE FUNCTION pg_temp.leaks(seen text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
    $$ BEGIN RAISE NOTICE '%', seen; RETURN true; END $$"""


@pytest.fixture(scope="module")
def seen(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """An organisation of people who leave marks, one of them anonymous, and of one next door."""
    postgres_server.start()
    with seen_org(postgres_server, tmp_path_factory.mktemp("org")) as seen:
        first_name, surname, email, phone, note = NAMES
        said = {"first_name": first_name, "surname": surname, "email": email, "phone": phone}
        marked = seen.org.create(**said, reference_text=note, cpr=CPR, means=(Means.APP,))
        seen.org.create(anonymous=True, **(said | {"cpr": OTHER_CPR, "surname": "Skjulesen"}))
        record_reports(
            seen.org, activity_report(marked, transaction=CPR, service_provider=f"{CPR[:6]}-{CPR[6:]}")
        )
        seen.neighbours.create("Nabo", cpr=CPR)
        yield seen


def views(seen: Seen) -> list[str]:
    return [name for (name,) in seen.ask(f"SELECT relname FROM pg_class WHERE {OURS}")]


def everything(seen: Seen) -> dict[str, list[str]]:
    """Whatever any view tells of now, as text."""
    seen.tell_of(seen.org.clock.now())
    rows = {
        name: seen.ask(f"SELECT row::text FROM reporting.{name} row", by=seen.names_reader)
        for name in views(seen)
        if name != "freshness"
    }
    return {name: sorted(text for (text,) in found) for name, found in rows.items()}


def telling(told: dict[str, list[str]], mark: str) -> list[str]:
    """The views in which it stands."""
    return [name for name, rows in told.items() if any(mark in row for row in rows)]


# What they are


def documented() -> Iterator[tuple[str, str, str, str]]:
    """View, column, type and meaning, and the view's own meaning, as the page tells them."""
    for section in re.split(r"\n### ", DOCS.split("\n## Views")[1].split("\n## ")[0])[1:]:
        view, _, text = section.partition("\n\n")
        yield view, "", "", text.partition("\n")[0]
        for line in re.findall(r"\n\| `(\w+)` \| (.*?) \| (.*) \|", text):
            yield view, *line


def test_the_page_shows_every_view_and_column_as_the_database_does(seen: Seen) -> None:
    in_database = seen.ask(
        "SELECT relname::text, coalesce(attname::text, ''),"
        " coalesce(replace(format_type(atttypid, atttypmod), 'timestamp with time zone', 'timestamptz'), ''),"
        " CASE WHEN attnum IS NULL THEN obj_description(oid) ELSE col_description(oid, attnum) END"
        " FROM pg_class JOIN LATERAL (SELECT attname, atttypid, atttypmod, attnum FROM pg_attribute"
        " WHERE attrelid = oid AND attnum > 0 UNION ALL SELECT NULL, NULL, NULL, NULL) columns ON true"
        f" WHERE {OURS} ORDER BY relname, attnum NULLS FIRST"
    )
    assert in_database == sorted(documented(), key=lambda line: line[0])
    assert len({line[0] for line in in_database}) == 10


def test_no_view_shows_a_cpr_number_or_a_date_of_birth_and_only_one_shows_names(seen: Seen) -> None:
    told = everything(seen)
    numbers = [form for one in (CPR, OTHER_CPR) for form in (one, f"{one[:6]}-{one[6:]}", f"{one[:6]}-x")]

    assert all(told.values())
    for mark in (*numbers, BORN.isoformat()):
        assert telling(told, mark) == [], mark
    for mark in NAMES:
        assert telling(told, mark) == ["user_names"], mark


# Who may read them


def test_the_readers_read_their_views_and_nothing_else(seen: Seen) -> None:
    tables = [
        name
        for (name,) in seen.ask(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|info)'"
        )
    ]
    attempts = [
        *(f"SELECT FROM {table}" for table in tables),
        "SELECT pg_read_file('postgresql.conf')",
        "UPDATE reporting.users SET anonymous = true",
        "DELETE FROM reporting.user_history",
        "CREATE TABLE reporting.mine ()",
        "CREATE TABLE public.mine ()",
        "CREATE OR REPLACE FUNCTION reporting.as_of() RETURNS timestamptz LANGUAGE sql RETURN now()",
    ]
    for reader, hidden in ((seen.reader, ["user_names"]), (seen.names_reader, [])):
        with psycopg.connect(native(reader), autocommit=True) as connection:
            for attempt in (*attempts, *(f"SELECT FROM reporting.{view}" for view in hidden)):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attempt)
            for view in set(views(seen)) - set(hidden):
                connection.execute(f"SELECT * FROM reporting.{view}")
    assert len(tables) > 20


def test_names_stand_behind_a_barrier(seen: Seen) -> None:
    options = seen.ask("SELECT reloptions FROM pg_class WHERE oid = 'reporting.user_names'::regclass")
    assert options == [(["security_barrier=true"],)]


def test_one_organisations_share_holds_its_rows_only(seen: Seen) -> None:
    name = "reporting_90000002"
    run_script(seen.owner, "postgresql-reporting-organisation.sql", cvr="90000002")
    run_script(seen.owner, "postgresql-reporting-organisation.sql", cvr="90000002")
    try:
        reader = login(seen.owner, name)
        heard: list[str] = []
        shared = set(views(seen)) - {"user_names", "freshness"}
        with psycopg.connect(native(reader), autocommit=True) as connection:
            for view in shared:
                found = connection.execute(f"SELECT organisation_id FROM {name}.{view}").fetchall()
                assert set(found) <= {(seen.neighbours.id,)}, view
            connection.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
            connection.execute(LEAKING)
            connection.execute(f"SELECT FROM {name}.users WHERE pg_temp.leaks(organisation_id::text)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT FROM reporting.users")
        assert heard == [str(seen.neighbours.id)]
    finally:
        drop_roles(seen.owner, [name])
        seen.do(f"DROP SCHEMA {name} CASCADE")


def test_the_share_of_an_organisation_that_is_unknown_has_no_rows(seen: Seen) -> None:
    run_script(seen.owner, "postgresql-reporting-organisation.sql", cvr="90000003")
    try:
        reader = login(seen.owner, "reporting_90000003")
        assert seen.ask("SELECT * FROM reporting_90000003.users", by=reader) == []
    finally:
        drop_roles(seen.owner, ["reporting_90000003"])


# That they last


@pytest.mark.parametrize("name", ["user_list", "standing", "charges", "activity_history", "organisations"])
def test_a_table_is_built_anew_under_the_views(seen: Seen, name: str) -> None:
    before = everything(seen)
    seen.do("CREATE OR REPLACE VIEW public.theirs AS SELECT * FROM reporting.users")

    seen.org.service.runner.rebuild(name)

    assert everything(seen) == before
    late = seen.org.create("Sen")
    assert (late,) in seen.ask("SELECT user_id FROM public.theirs", by=seen.owner)
    assert (late,) in seen.ask("SELECT user_id FROM reporting.charges")
    seen.org.delete(late)


def test_who_reads_for_long_holds_up_the_new_table_and_nobody_else(
    seen: Seen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    came = []
    with psycopg.connect(native(seen.reader)) as long_reader:
        long_reader.execute("SELECT count(*) FROM reporting.users")

        def meanwhile(_seconds: float) -> None:
            came.append(seen.org.create("Imens"))
            long_reader.rollback()

        monkeypatch.setattr(rebuild.time, "sleep", meanwhile)
        seen.org.service.runner.rebuild("user_list")

    assert caplog.text.count("rebuild_waits_for_readers") == len(came) == 1
    assert (came[0],) in seen.ask("SELECT user_id FROM reporting.users")
    seen.org.delete(came[0])


class Priceless(OrganisationsProjection):
    """A version to come of the table of organisations: a column that views tell of is another."""

    version = OrganisationsProjection.version + 1
    table = Table(
        "organisations",
        MetaData(),
        Column("organisation_id", Uid, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("since", INSTANT, nullable=False),
        Column("cvr", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("free_users", Integer, nullable=False),
    )

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        priced = super().apply([row | {"user_price": 0} for row in rows], recorded)
        return [{name: row[name] for name in self.table.columns.keys()} for row in priced]  # noqa: SIM118 - not a dict


def test_a_view_that_cannot_be_had_after_an_upgrade_says_so_until_it_can(
    seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    before = everything(seen)
    with open_service(seen.service, seen.folder, projections=projections_with(Priceless())) as upgraded:
        assert upgraded.organisation_id("90000002") == seen.neighbours.id
        assert "views_unavailable" in caplog.text
        for view in ("organisations", "charges"):
            with pytest.raises(psycopg.errors.RaiseException, match="waits"):
                seen.ask(f"SELECT * FROM reporting.{view}")
        assert seen.ask("SELECT count(*) FROM reporting.users") == [(3,)]

    with open_service(seen.service, seen.folder):
        assert everything(seen) == before


def test_tables_built_anew_and_views_made_anew_stay_the_services(seen: Seen) -> None:
    before = everything(seen)
    with open_service(seen.service, seen.folder) as again:
        again.runner.rebuild("charges")
        again.make_views()

    owners = f"SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE {OURS} OR relname = 'charges'"
    assert seen.ask(owners) == [("brugerbog_service",)]
    seen.org.service.runner.rebuild("charges")
    assert everything(seen) == before
