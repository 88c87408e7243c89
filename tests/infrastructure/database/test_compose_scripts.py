"""The scripts of compose.yaml, in its order, on a real server: no login of the services is a superuser."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from brugerbog import maintenance
from tests.infrastructure.database.roles import DEPLOY, drop_roles, native
from tests.postgres import PostgresServer
from tests.stores import create, open_store, register, somebody

PSQL = shutil.which("psql")


@pytest.fixture
def superuser(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """The address of the superuser, on a server that is as it was before when the test is over."""
    if PSQL is None:
        pytest.skip("there is no psql here")
    for login in ("owner", "service"):
        (tmp_path / f"{login}_password").write_text(f"{login}-proeve\n")
    postgres_server.start()
    url = postgres_server.url("postgres")
    yield url
    drop_roles(make_url(url).set(database="brugerbog").render_as_string(hide_password=False), [])
    with psycopg.connect(native(url), autocommit=True) as connection:
        connection.execute("DROP DATABASE brugerbog WITH (FORCE)")
        for role in ("brugerbog", "brugerbog_service", "brugerbog_auditor", "brugerbog_owner"):
            connection.execute(f"DROP ROLE {role}")


def run(url: str, folder: Path, *scripts: str) -> None:
    assert PSQL is not None
    files = [f"--file={DEPLOY / script}" for script in scripts]
    done = subprocess.run(
        [PSQL, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *files, native(url)],
        env={
            "OWNER_PASSWORD_FILE": str(folder / "owner_password"),
            "SERVICE_PASSWORD_FILE": str(folder / "service_password"),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_scripts_of_compose_make_a_store_that_the_service_works_on(
    superuser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))

    def login(name: str, password: str) -> str:
        address = make_url(superuser).set(username=name, password=password, database="brugerbog")
        return address.render_as_string(hide_password=False)

    owner, service = login("brugerbog_owner", "owner-proeve"), login("brugerbog", "service-proeve")
    for _ in ("made", "upgraded"):
        run(superuser, tmp_path, "postgresql-owner.sql")
        maintenance.prepare(owner)
        run(owner, tmp_path, "postgresql-roles.sql", "postgresql-login.sql")

    with open_store(service, tmp_path, create=False) as opened:
        actor = register(opened)
        create(opened, actor, somebody(0))
        assert len(opened.queries.users(actor).users) == 1
    with psycopg.connect(native(superuser)) as connection:
        powers = "SELECT rolname FROM pg_roles WHERE rolsuper AND rolname LIKE 'brugerbog%'"
        assert connection.execute(powers).fetchall() == []
