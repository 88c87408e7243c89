"""Code that the service's login has planted in the database never runs with the owner's rights."""

import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from brugerbog import maintenance
from brugerbog.application.refusals.database import ForeignObjects, ReadTablesOfAnother
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION
from brugerbog.projections.projection import read_tables
from tests.entrypoints.cli.cli_runner import DONE, FAILED, run_cli
from tests.infrastructure.database.planted_code import plant, ran_as
from tests.infrastructure.database.roles import drop_roles, login, native, run_script
from tests.postgres import PostgresServer
from tests.stores import create, office, open_store, somebody

ROLES = ("brugerbog_service", "brugerbog_auditor")
SERVICE = {"brugerbog_service", "brugerbog_service_login"}


@dataclass
class Place:
    """A store in a database with roles: the addresses of its owner and of the service; the server's log."""

    owner: str
    service: str
    folder: Path
    log: Callable[[], str]

    def ask(self, statement: str, *, by: str | None = None) -> list[Any]:
        with psycopg.connect(native(by or self.owner), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    @property
    def powerful(self) -> set[str]:
        """The roles as which planted code must never run: the owner, and a superuser."""
        return {str(make_url(self.owner).username), "postgres"}


@pytest.fixture
def place(
    request: pytest.FixtureRequest,
    postgres_server: PostgresServer,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    """A store with a user, made by an owner of either kind, and the roles' script run on it."""
    kind = getattr(request, "param", "plain_role")
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    owner, database = postgres_url, make_url(postgres_url).database or ""
    name = f"owner_{secrets.token_hex(4)}"
    if kind == "plain_role":
        with psycopg.connect(native(postgres_url), autocommit=True) as superuser:
            superuser.execute(f"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'proeve'")
            superuser.execute(f"GRANT pg_checkpoint TO {name}")
            superuser.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                    sql.Identifier(database), sql.Identifier(name)
                )
            )
        owner = make_url(owner).set(username=name, password="proeve").render_as_string(hide_password=False)
    with office(owner, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
    run_script(owner, "postgresql-roles.sql")
    run_script(owner, "postgresql-reporting.sql")
    start = len(postgres_server.log())
    yield Place(
        owner,
        login(owner, "brugerbog_service", acts_as_it=True),
        tmp_path,
        lambda: postgres_server.log()[start:],
    )
    reporting = ["brugerbog_reporting", "brugerbog_reporting_names"]
    drop_roles(postgres_url, [*reporting, *ROLES])
    if kind == "plain_role":
        with psycopg.connect(native(postgres_url), autocommit=True) as superuser:
            superuser.execute(f"REASSIGN OWNED BY {name} TO postgres")
            superuser.execute(sql.SQL("ALTER DATABASE {} OWNER TO postgres").format(sql.Identifier(database)))
            superuser.execute(f"DROP OWNED BY {name}")
            superuser.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize("place", ["plain_role", "superuser"], indirect=True)
def test_no_command_of_the_owner_runs_what_the_service_has_planted(place: Place) -> None:
    user = run_cli("users", "list", "--json", "--store", place.service).document["users"][0]["id"]
    assert run_cli("store", "reporting", "--store", place.service).code == DONE

    assert plant(place.service, in_place=["user_list", "due"]) == ["brugerbog_read", "reporting"]

    before = len(place.log())
    copied = f"sqlite:///{place.folder / 'copy.db'}"
    answers = {
        " ".join(arguments): run_cli(*arguments, "--store", place.owner).code
        for arguments in (
            ("store", "prepare"),
            ("store", "upgrade"),
            ("store", "reporting"),
            ("erase", "--scrub"),
            ("erase",),
            ("users", "list"),
            ("users", "show", user),
            ("users", "edit", user, "--phone", "12345678"),
            ("audit", "verify"),
            ("audit", "replay"),
            ("audit", "checkpoint"),
            ("projections", "status"),
            ("projections", "rebuild", "user_list"),
            ("projections", "verify"),
            ("keys", "status"),
            ("keys", "rotate", "signing"),
            ("keys", "rotate", "index"),
            ("keys", "rotate", "tokens"),
            ("keys", "rotate", "master", "--keep-old"),
            ("worker", "--once"),
            ("worker", "--status"),
            ("doctor",),
        )
    }
    answers["copy"] = run_cli(*("copy", place.owner, copied, "--to-key", str(place.folder / "copy.key"))).code
    run_script(place.owner, "postgresql-roles.sql")

    # As the service it did: VACUUM runs what an index is made of as the owner of the table.
    assert ran_as(place.log()[before:]) == {"brugerbog_service"}
    assert {name for name, code in answers.items() if code == DONE} == {
        *(
            "store prepare",
            "store upgrade",
            "erase --scrub",
            "audit verify",
            "audit checkpoint",
            "copy",
            "doctor",
        ),
        *(
            "keys status",
            "keys rotate signing",
            "keys rotate index",
            "keys rotate tokens",
            "keys rotate master --keep-old",
        ),
    }
    assert {code for code in answers.values() if code != DONE} == {FAILED}
    found = run_cli("doctor", "--json", "--store", place.owner).document["findings"]
    assert "read_tables_elsewhere" in {one["code"] for one in found if one["check"] == "projections"}


def test_a_dump_of_what_is_backed_up_runs_nothing_that_was_planted(
    place: Place, postgres_server: PostgresServer
) -> None:
    plant(place.service)
    program = postgres_server.binaries / "pg_dump"
    if not program.exists():
        pytest.skip("these binaries have no pg_dump")

    dumped = subprocess.run(
        [program, "--exclude-schema=brugerbog_read", "--exclude-schema=reporting*", native(place.owner)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert dumped.returncode == 0, dumped.stderr
    assert "CREATE TABLE public.events" in dumped.stdout
    assert (
        re.findall(r"CREATE (?:FUNCTION|TRIGGER|VIEW|OPERATOR|RULE|POLICY)\b.*planted", dumped.stdout) == []
    )
    assert ran_as(place.log()) & place.powerful == set()


def test_read_tables_lie_in_a_schema_of_the_service_and_it_makes_nothing_elsewhere(place: Place) -> None:
    found = place.ask(
        "SELECT relname, relnamespace::regnamespace::text, relowner::regrole::text FROM pg_class"
        " WHERE relkind = 'r' AND relowner = 'brugerbog_service'::regrole"
    )
    assert found
    assert {(schema, owner) for _, schema, owner in found} == {("brugerbog_read", "brugerbog_service")}
    assert {name for name, _, _ in found} == set(read_tables.tables)
    for schema in ("public", "pg_catalog"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            place.ask(f"CREATE VIEW {schema}.planted AS SELECT 1", by=place.service)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.ask("CREATE SCHEMA planted", by=place.service)
    member = "SELECT pg_has_role(current_user, 'brugerbog_service', 'USAGE') AND NOT rolsuper"
    assert place.ask(f"{member} FROM pg_roles WHERE rolname = current_user") == [(False,)]


def as_before(place: Place) -> None:
    """Bring the store to the form in which the service could make anything beside the log's tables."""
    with psycopg.connect(native(place.owner), autocommit=True) as owner:
        owner.execute("GRANT brugerbog_service TO CURRENT_USER")
        owner.execute("GRANT CREATE ON SCHEMA public TO brugerbog_service")
        for table in read_tables.tables:
            owner.execute(f"ALTER TABLE brugerbog_read.{table} SET SCHEMA public")
        owner.execute("DROP SCHEMA brugerbog_read")
        owner.execute("UPDATE marks SET value = 6 WHERE name = 'schema'")


def test_an_upgrade_moves_the_read_tables_and_closes_the_schema_of_the_log(place: Place) -> None:
    as_before(place)
    assert [step.number for step in maintenance.upgrade(place.owner).steps] == [*range(7, SCHEMA_VERSION + 1)]

    where = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'user_list'"
    assert place.ask(where) == [("brugerbog_read",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.ask("CREATE VIEW public.planted AS SELECT 1", by=place.service)
    with pytest.raises(ReadTablesOfAnother):
        open_store(place.owner, place.folder)
    run_script(place.owner, "postgresql-roles.sql")
    with open_store(place.service, place.folder) as service:
        actor = service.operator()
        create(service, actor, somebody(1))
        service.runner.rebuild("user_list")
        assert len(service.queries.users(actor).users) == 2


def test_the_owner_does_nothing_where_another_role_has_left_something(place: Place) -> None:
    as_before(place)
    for kind, called, more in (
        ("FUNCTION", "planted()", "RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        ("TABLE", "old_head", "(planted int)"),
        ("VIEW", "old_marks", "AS SELECT 1"),
        ("DOMAIN", "planted", "AS text"),
        ("COLLATION", "planted", 'FROM "C"'),
        ("OPERATOR", "===", "(LEFTARG = text, RIGHTARG = text, FUNCTION = starts_with)"),
        ("CONVERSION", "planted", "FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"),
    ):
        place.ask(f"CREATE {kind} {called} {more}", by=place.service)

        with pytest.raises(ForeignObjects) as refused:
            maintenance.upgrade(place.owner)
        assert refused.value.names == called.removesuffix("()")
        answer = run_cli("keys", "status", "--json", "--store", place.owner)
        assert answer.error["code"] == "foreign_objects"

        place.ask(f"DROP {kind} {called} {'(text, text)' if kind == 'OPERATOR' else ''}", by=place.service)
    assert [step.number for step in maintenance.upgrade(place.owner).steps] == [*range(7, SCHEMA_VERSION + 1)]


def test_without_roles_one_login_owns_everything_and_does_all_the_work(
    postgres_url: str, tmp_path: Path
) -> None:
    place = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'user_list'"
    with office(postgres_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        service.runner.rebuild("user_list")
        assert len(service.queries.users(actor).users) == 1
        service.erase(scrub=True)
    with psycopg.connect(native(postgres_url)) as connection:
        assert connection.execute(place).fetchall() == [("brugerbog_read",)]


def test_a_login_that_may_make_no_schema_has_the_read_tables_beside_the_log(
    postgres_url: str, tmp_path: Path
) -> None:
    name = f"guest_{secrets.token_hex(4)}"
    guest = make_url(postgres_url).set(username=name, password="proeve").render_as_string(hide_password=False)
    place = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'user_list'"
    with psycopg.connect(native(postgres_url), autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'proeve'")
        superuser.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
        try:
            with office(guest, tmp_path) as (service, actor):
                create(service, actor, somebody(0))
                service.runner.rebuild("user_list")
                assert len(service.queries.users(actor).users) == 1
            assert superuser.execute(place).fetchall() == [("public",)]
        finally:
            superuser.execute(f"DROP OWNED BY {name}")
            superuser.execute(f"DROP ROLE {name}")


def test_two_stores_in_schemas_of_their_own_share_a_database(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(native(postgres_url), autocommit=True) as superuser:
        superuser.execute('CREATE SCHEMA "Nord"; CREATE SCHEMA syd')
    for number, schema in enumerate(("Nord", "syd"), 1):
        url = make_url(postgres_url).update_query_dict({"options": f'-csearch_path="{schema}"'})
        folder = tmp_path / schema
        folder.mkdir()
        with office(url.render_as_string(hide_password=False), folder) as (service, actor):
            for serial in range(number):
                create(service, actor, somebody(serial))
            service.runner.rebuild("user_list")
            assert len(service.queries.users(actor).users) == number
    with psycopg.connect(native(postgres_url)) as connection:
        found = connection.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'user_list' ORDER BY 1"
        )
        assert found.fetchall() == [("Nord_read",), ("syd_read",)]
