"""A store of an earlier version is brought to this one, and its log stays as it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pysqlite3.dbapi2 as driver
import pytest
from sqlalchemy import inspect, make_url

from brugerbog import maintenance
from brugerbog.application.refusals.database import StoreNeedsOwner
from brugerbog.application.refusals.erase_list import EraseListMissing
from brugerbog.application.refusals.keys import MasterKeyWrong
from brugerbog.application.refusals.requests import CprInUse
from brugerbog.application.refusals.store import StoreIncomplete, StoreOutdated, StoreTooNew
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.master_key import new_master_key
from brugerbog.infrastructure.database.backend import Backend
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION
from brugerbog.infrastructure.migrations import MIGRATIONS
from brugerbog.infrastructure.wiring import open_backend
from tests.infrastructure.migrations.older.stores import FORMS, IDA_CPR, log_of, make_older
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import at_once, create, open_store, somebody

GUARDS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
}


@pytest.fixture(autouse=True)
def key_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))


def event_schema(backend: Backend) -> dict[str, Any]:
    """Everything that makes up the tables, as the database tells it, in no order."""
    found: dict[str, Any] = {}
    for engine in (backend.log, backend.keys):
        told = inspect(engine)
        for table in told.get_table_names():
            columns, indexes = told.get_columns(table), told.get_indexes(table)
            found[table] = (
                sorted((one["name"], str(one["type"]), one["nullable"], one["default"]) for one in columns),
                told.get_pk_constraint(table)["constrained_columns"],
                sorted((one["name"], one["column_names"], one["unique"]) for one in indexes),
                [(one["constrained_columns"], one["referred_table"]) for one in told.get_foreign_keys(table)],
            )
        with engine.connect() as connection:
            guards = connection.exec_driver_sql(GUARDS[engine.dialect.name])
            found |= {f"guard {name}": by for name, by in guards}
    return found


@pytest.mark.parametrize("form", FORMS)
def test_a_store_of_an_earlier_version_is_refused_and_then_brought_up(
    form: str, tmp_path: Path, store_url: str
) -> None:
    make_older(form, store_url, tmp_path)
    backend, _ = open_backend(store_url)
    logged = log_of(backend)
    with pytest.raises(StoreOutdated):
        open_store(store_url, tmp_path)

    upgraded = maintenance.upgrade(store_url)

    assert (upgraded.before, upgraded.schema) == (FORMS[form], SCHEMA_VERSION)
    assert [step.number for step in upgraded.steps] == list(range(FORMS[form] + 1, SCHEMA_VERSION + 1))
    assert log_of(backend) == logged
    backend.close()
    with open_store(store_url, tmp_path) as service:
        actor = service.operator()
        page = service.queries.users(actor)
        assert [user.first_name for user in page.users] == ["Bo", "Ida"]
        with pytest.raises(CprInUse):
            create(service, actor, somebody(0, cpr=IDA_CPR))
        service.keys.rotate_index()
        with pytest.raises(CprInUse):
            create(service, actor, somebody(0, cpr=IDA_CPR))
        create(service, actor, somebody(7))
        assert service.worker.run_once().alarm is None
        assert service.checkpoint_signer.verify().damage is None
        assert_log_is_sound(service)
    assert maintenance.upgrade(store_url).steps == []


def test_an_upgraded_store_has_the_tables_of_a_new_one(tmp_path: Path, store_url: str) -> None:
    make_older("first", store_url, tmp_path)
    maintenance.upgrade(store_url)
    backend, _ = open_backend(store_url)
    upgraded = event_schema(backend)
    if backend.has_single_database:
        with backend.log.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    backend.close()

    (tmp_path / "new").mkdir()
    anew = store_url if backend.has_single_database else f"sqlite:///{tmp_path / 'new' / 'store.db'}"
    open_store(anew, tmp_path).close()

    backend, _ = open_backend(anew)
    made = {name: form for name, form in event_schema(backend).items() if name in upgraded or "guard" in name}
    assert upgraded == made
    backend.close()


def test_steps_are_numbered_up_to_the_form_of_today() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, SCHEMA_VERSION + 1))


def test_two_upgrades_at_once_take_each_step_once(tmp_path: Path, store_url: str) -> None:
    make_older("first", store_url, tmp_path)

    taken = at_once(2, lambda _: maintenance.upgrade(store_url).steps)

    assert sorted(step.number for steps in taken for step in steps) == [*range(1, SCHEMA_VERSION + 1)]


def test_without_the_right_master_key_no_key_is_touched(tmp_path: Path, store_url: str) -> None:
    make_older("second", store_url, tmp_path)
    own = (tmp_path / "master.key").read_bytes()
    KeyFile(tmp_path / "master.key").write([new_master_key()])
    with pytest.raises(MasterKeyWrong):
        maintenance.upgrade(store_url)

    (tmp_path / "master.key").write_bytes(own)
    assert [step.number for step in maintenance.upgrade(store_url).steps] == [*range(3, SCHEMA_VERSION + 1)]


@pytest.fixture
def spoilt(tmp_path: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A store of today, its address, and a way to change it behind its back."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    open_store(url, tmp_path).close()
    connection = driver.connect(str(tmp_path / "store.db"), isolation_level=None)
    yield url, connection.execute
    connection.close()


def test_a_store_made_before_forms_had_numbers_is_known_by_its_tables(tmp_path: Path, spoilt: Any) -> None:  # noqa: ANN401
    url, change = spoilt
    change("DELETE FROM marks WHERE name = 'schema'")
    change("DROP INDEX one_holder_per_account")
    change("ALTER TABLE claims DROP COLUMN account")
    change("DROP TABLE event_macs")
    change("ALTER TABLE head DROP COLUMN token_key")
    for table in ("link_tokens", "activation_codes"):
        change(f"ALTER TABLE {table} DROP COLUMN mac")
    with pytest.raises(StoreOutdated):
        open_store(url, tmp_path)
    assert [step.number for step in maintenance.upgrade(url).steps] == list(range(4, SCHEMA_VERSION + 1))
    open_store(url, tmp_path).close()


def test_a_store_of_a_later_version_is_refused_and_left_alone(tmp_path: Path, spoilt: Any) -> None:  # noqa: ANN401
    url, change = spoilt
    change(f"UPDATE marks SET value = {SCHEMA_VERSION + 1} WHERE name = 'schema'")
    for deed in (lambda: open_store(url, tmp_path), lambda: maintenance.upgrade(url)):
        with pytest.raises(StoreTooNew) as refused:
            deed()
        assert (refused.value.schema, refused.value.known) == (SCHEMA_VERSION + 1, SCHEMA_VERSION)


def test_a_store_that_has_lost_a_table_is_distinguished_from_an_older_one(
    tmp_path: Path,
    spoilt: Any,  # noqa: ANN401
) -> None:
    url, change = spoilt
    change("DROP TABLE mail_intents")
    for deed in (lambda: open_store(url, tmp_path), lambda: maintenance.upgrade(url)):
        with pytest.raises(StoreIncomplete) as refused:
            deed()
        assert refused.value.tables == "mail_intents"


def test_only_the_owner_of_a_database_makes_and_upgrades_a_store(tmp_path: Path, postgres_url: str) -> None:
    make_older("second", postgres_url, tmp_path)
    guest = make_url(postgres_url).set(username=f"guest_{uuid4().hex}", password="guest")
    url = guest.render_as_string(hide_password=False)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {guest.username} LOGIN PASSWORD 'guest'")
        owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {guest.username}")
        try:
            with pytest.raises(StoreNeedsOwner):
                maintenance.upgrade(url)
            owner.execute("DROP TABLE head")
            with pytest.raises(StoreNeedsOwner):
                maintenance.prepare(url)
        finally:
            owner.execute(f"DROP OWNED BY {guest.username}")
            owner.execute(f"DROP ROLE {guest.username}")


def test_a_backup_of_an_earlier_version_is_restored_and_then_brought_up(tmp_path: Path) -> None:
    make_older("first", f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    maintenance.back_up(tmp_path / "backup", f"sqlite:///{tmp_path / 'store.db'}")
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    with pytest.raises(EraseListMissing):
        maintenance.restore(tmp_path / "backup", url)
    assert maintenance.restore(tmp_path / "backup", url, nobody_erased_since=True).head.size == 6
    maintenance.upgrade(url)
    with open_store(url, tmp_path) as service:
        assert len(service.queries.users(service.operator()).users) == 2
