"""Erasing one of many users leaves no trace of six marked fields, and the log still verifies."""

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import Actor
from brugerbog.application.commands.imports.receipt import write_receipt
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.database.schema import log_tables
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from brugerbog.service import Service
from tests.application.activity_reports import activity_report
from tests.clock import NOON
from tests.infrastructure.database.test_vacuum import table_files
from tests.infrastructure.erasure.traces import FACTS, found_in, person
from tests.postgres import PostgresServer
from tests.stores import register, rows


@dataclass
class StoreOnDisk:
    """A store on one engine, with a folder outside it and access to the store's bytes."""

    url: str
    folder: Path
    server: PostgresServer | None

    def open(self) -> Service:
        return brugerbog.open(self.url, master_key_file=self.folder / "outside" / "master.key")

    def bytes_of(self, service: Service) -> dict[str, bytes]:
        if self.server is not None:
            return table_files(self.server, service)
        return {path.name: path.read_bytes() for path in (self.folder / "store").iterdir()}

    def back_up(self) -> None:
        if self.server is None:
            shutil.copytree(self.folder / "store", self.folder / "backup")
        else:
            self.server.copy_database(self.database, "yesterday")

    def restore(self) -> None:
        if self.server is None:
            shutil.rmtree(self.folder / "store")
            shutil.copytree(self.folder / "backup", self.folder / "store")
        else:
            self.server.copy_database("yesterday", self.database)

    @property
    def database(self) -> str:
        return self.url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoreOnDisk:
    monkeypatch.setenv("BRUGERBOG_ERASE_LIST", str(tmp_path / "outside" / "erased"))
    if request.param == "sqlite":
        return StoreOnDisk(f"sqlite:///{tmp_path / 'store' / 'store.db'}", tmp_path, None)
    url: str = request.getfixturevalue("postgres_url")
    return StoreOnDisk(url, tmp_path, request.getfixturevalue("postgres_server"))


@pytest.fixture
def log_output() -> Iterator[StringIO]:
    """Everything that any logger writes during the test."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def import_and_activate(service: Service, actor: Actor, folder: Path, people: int) -> UUID:
    """Import a file of users with the marked one in the middle; activate them and record an activity."""
    service.administration.change_settings(actor, {"use_reference_text": True})
    users = folder / "users.csv"
    write_file(users, people)
    lines = users.read_bytes().decode("cp1252").splitlines()
    fields = (FACTS["first_name"], FACTS["surname"], person().cpr, "", FACTS["email"], FACTS["phone"])
    lines[people // 2] = ";".join(("C;", *map(str, fields), "", FACTS["reference_text"], "3;;;;"))
    users.write_text("\n".join(lines), "utf-8")
    receipt = service.administration.import_users(actor, users)
    with (folder / "receipt.csv").open("w", encoding="utf-8") as out:
        write_receipt(receipt, out)
    users.unlink()
    user_id = next(row.id for row in receipt.outcomes if row.row == people // 2 + 1)
    assert user_id is not None
    service.administration.send_to_activation(actor, user_id)
    service.administration.activate_user(actor, user_id)
    service.administration.record_activities(actor, "nemlogin", [activity_report(user_id, "one", NOON)])
    return user_id


def verified(export: Path, *more: Path | str) -> str:
    ran = subprocess.run(
        [sys.executable, verify.__file__, export, "--json", *more], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    return str(json.loads(ran.stdout)["verdict"])


def test_an_erased_user_is_gone_from_store_exports_logs_and_backups(
    store: StoreOnDisk, log_output: StringIO, *, full: bool
) -> None:
    people, outside = 1000 if full else 30, store.folder / "outside"
    outside.mkdir()
    with store.open() as service:
        actor = register(service)
        user_id = import_and_activate(service, actor, outside, people)
        service.checkpoint_signer.sign(to=CheckpointFolder(outside / "kept"))
        service.queries.export_whole_log(actor, outside / "before")
        assert found_in(store.bytes_of(service))
    store.back_up()

    with store.open() as service:
        service.administration.delete_user(actor, user_id)
        service.erase(scrub=True)
        assert found_in(store.bytes_of(service)) == []
        for table in log_tables.sorted_tables:
            assert found_in({table.name: repr([tuple(row) for row in rows(service, table)]).encode()}) == []
        service.queries.export_whole_log(actor, outside / "after")
        service.queries.export_person(actor, user_id, outside / "person", with_personal_data=True)
        assert service.checkpoint_signer.verify().is_sound

    (kept,) = (outside / "kept").glob("*.checkpoint")
    assert verified(outside / "before", "--key", outside / "kept" / "key.pub") == "sound"
    assert verified(outside / "after", "--key", outside / "kept" / "key.pub", "--since", kept) == "sound"
    assert verified(outside / "person", "--key", outside / "kept" / "key.pub") == "sound"
    left = {str(path): path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    assert (
        found_in(left | {name: name.encode() for name in left} | {"log": log_output.getvalue().encode()})
        == []
    )

    store.restore()
    with store.open() as service:
        service.erase(scrub=True)
        assert found_in(store.bytes_of(service)) == []
        assert user_id not in [user.id for user in service.queries.users(actor).users]
        assert service.checkpoint_signer.verify().is_sound
