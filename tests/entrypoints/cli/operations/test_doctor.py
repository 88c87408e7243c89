"""`brugerbog doctor` finds each fault that is really there, goes to the end, and changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pysqlite3.dbapi2 as driver
import pytest

from brugerbog.application.diagnostics import findings
from brugerbog.application.diagnostics.checks import NOT_CHECKED, FindingKind
from brugerbog.application.ports.clock import Clock
from brugerbog.diagnostics import check_up
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.master_key import new_master_key
from brugerbog.infrastructure.database import sqlite
from brugerbog.infrastructure.diagnostics import disk, pages
from brugerbog.infrastructure.diagnostics.connection import connection_finding
from brugerbog.infrastructure.erasure.erase_list import NoEraseList
from brugerbog.infrastructure.system import SystemClock
from tests.clock import FrozenClock
from tests.entrypoints.cli.cli_runner import DONE, FAILED, call
from tests.entrypoints.cli.store_cli import Office
from tests.infrastructure.migrations.older.stores import make_older
from tests.mail_server import RecordingMailHandler, free_port, serving
from tests.postgres import PostgresServer

LONG_AGO = 1_000_000
FAR_AHEAD = 250_000_000_000_000_000
CHECKS = {
    *(
        "versions",
        "store",
        "keys",
        "organisations",
        "clients",
        "clock",
        "projections",
        "worker",
        "due",
        "erasures",
        "erase_list",
    ),
    *("proof", "checkpoints", "disk", "mail_server", "mails", "pages"),
}


class Place:
    """The office's folder and its environment, in which faults are planted."""

    def __init__(self, office: Office, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.office = office
        self.folder = folder
        self.patch = patch
        self.key = folder / "office.master.key"
        self.clock: Clock = SystemClock()

    def found(self, *, full: bool = False) -> dict[str, set[str]]:
        """The codes of what is found, by what was looked at."""
        codes: dict[str, set[str]] = {}
        for check, finding in check_up(self.office.url, full=full, clock=self.clock):
            codes.setdefault(check, set()).add(finding.code)
        return codes

    def change(self, statement: str, kind: str = "") -> None:
        connection = driver.connect(str(self.folder / f"office{kind}.db"))
        connection.execute(statement)
        connection.commit()
        connection.close()

    def set(self, **environment: object) -> None:
        for name, value in environment.items():
            self.patch.setenv(f"BRUGERBOG_{name}", str(value))


def _well(folder: Path, port: int) -> dict[str, str]:
    """All that this office needs in the environment."""
    return {
        "BRUGERBOG_CHECKPOINTS": str(folder / "checkpoints"),
        "BRUGERBOG_OIDC_ISSUER": "https://broker.test",
        "BRUGERBOG_OIDC_CLIENT_ID": "us",
        "BRUGERBOG_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "BRUGERBOG_MAIL_FROM": "mail@firma.test",
        "BRUGERBOG_BASE_URL": "http://localhost:8000",
    }


@pytest.fixture(scope="module")
def post_office() -> Iterator[int]:
    with serving(RecordingMailHandler()) as port:
        yield port


@pytest.fixture(scope="module")
def at_work(furnished: Office, post_office: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The furnished office after a worker's turn, to be copied."""
    folder = tmp_path_factory.mktemp("at_work") / "office"
    shutil.copytree(Path(furnished.url.removeprefix("sqlite:///")).parent, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _well(folder, post_office).items():
            patch.setenv(name, value)
        Office(f"sqlite:///{folder / 'office.db'}", {}).ask("worker", "--once")
    return folder


@pytest.fixture
def well(at_work: Path, post_office: int, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An office with everything that it should have."""
    folder = shutil.copytree(at_work, own_folder / "office")
    for name, value in _well(folder, post_office).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**12))
    return Place(Office(f"sqlite:///{folder / 'office.db'}", {}), folder, monkeypatch)


def test_where_all_is_well_it_says_so_and_changes_nothing(well: Place) -> None:
    def bytes_of_all() -> dict[str, str]:
        files = (path for path in well.folder.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = bytes_of_all()
    answer = well.office("doctor", "--full", "--json")

    assert (answer.code, answer.document["level"]) == (DONE, "ok"), answer.out
    assert {one["check"] for one in answer.document["findings"]} == CHECKS
    assert bytes_of_all() == before


def test_an_address_is_told_whole_though_it_has_as_many_digits_as_a_cpr_number(well: Place) -> None:
    well.set(BASE_URL="http://127.0.0.1:8000")
    assert "http://127.0.0.1:8000" in well.office("doctor").out


def _key_for_others(place: Place) -> None:
    place.key.chmod(0o644)


def _another_key(place: Place) -> None:
    KeyFile(place.key).write([new_master_key()])


def _a_role_written_by_hand(place: Place) -> None:
    place.change("UPDATE event_macs SET mac = zeroblob(32)")


def _no_key(place: Place) -> None:
    place.key.unlink()


def _two_keys_named(place: Place) -> None:
    place.set(MASTER_KEY="x", MASTER_KEY_FILE=place.key)


def _keys_gone(place: Place) -> None:
    (place.folder / "office.keys.db").unlink()


def _a_second_master(place: Place) -> None:
    place.change("INSERT INTO master_keys (id) VALUES (x'0011223344556677')", ".keys")


def _no_signing_key(place: Place) -> None:
    place.change("DELETE FROM installation_keys WHERE name = 'signing'", ".keys")


def _garbage(place: Place) -> None:
    (place.folder / "office.db").write_bytes(b"no database at all" * 1000)


def _empty(place: Place) -> None:
    (place.folder / "office.db").write_bytes(b"")


def _a_table_gone(place: Place) -> None:
    place.change("DROP TABLE link_tokens")


def _newer(place: Place) -> None:
    place.change("UPDATE marks SET value = 99 WHERE name = 'schema'")


def _a_copy(place: Place) -> None:
    place.change("UPDATE head SET format = 0")


def _a_guard_gone(place: Place) -> None:
    place.change("DROP TRIGGER events_no_update")


def _readable(place: Place) -> None:
    (place.folder / "office.db").chmod(0o640)


def _an_old_sqlite(place: Place) -> None:
    place.patch.setattr(sqlite, "SAFE_VERSION", (99, 0, 0))


def _no_address(place: Place) -> None:
    place.office.url = "mysql://somewhere"


def _a_clock_behind(place: Place) -> None:
    place.clock = FrozenClock(datetime.now(UTC) - timedelta(days=1))


def _a_clock_ahead(place: Place) -> None:
    place.clock = FrozenClock(datetime.now(UTC) + timedelta(days=60))


def _a_projection_stopped(place: Place) -> None:
    place.change("UPDATE positions SET state = 'failed', failed_at = 3 WHERE name = 'imported'", ".read")


def _a_projection_at_work(place: Place) -> None:
    place.change("UPDATE positions SET state = 'rebuilding' WHERE name = 'imported'", ".read")


def _another_version(place: Place) -> None:
    place.change("UPDATE positions SET version = 0 WHERE name = 'due'", ".read")


def _far_behind(place: Place) -> None:
    place.change("UPDATE positions SET position = -1000 WHERE name = 'imported'", ".read")


def _behind_for_long(place: Place) -> None:
    place.change("UPDATE positions SET position = position - 1 WHERE name = 'imported'", ".read")
    place.clock = FrozenClock(datetime.now(UTC) + timedelta(minutes=6))


def _tables_of_another_log(place: Place) -> None:
    place.change("UPDATE followed_log SET recorded_at = recorded_at + 1", ".read")


def _no_read_tables(place: Place) -> None:
    (place.folder / "office.read.db").unlink()


def _no_worker_ever(place: Place) -> None:
    place.change("DELETE FROM heartbeats", ".read")


def _a_worker_long_ago(place: Place) -> None:
    place.change(f"UPDATE heartbeats SET beat_at = {LONG_AGO}", ".read")


def _a_worker_from_the_future(place: Place) -> None:
    place.change(f"UPDATE heartbeats SET beat_at = {FAR_AHEAD}", ".read")


def _half_erased(place: Place) -> None:
    place.change("INSERT INTO erasures VALUES (zeroblob(16), 1)")


def _a_mail_that_waits(place: Place) -> None:
    place.change(f"UPDATE mail_intents SET state = 'waiting', next_at = {LONG_AGO}")


def _a_mail_given_up(place: Place) -> None:
    place.change("UPDATE mail_intents SET state = 'dead'")


def _no_mail(place: Place) -> None:
    place.patch.delenv("BRUGERBOG_SMTP_URL")


def _a_server_that_is_down(place: Place) -> None:
    place.set(SMTP_URL=f"smtp://127.0.0.1:{free_port()}")


def _a_mail_address_wrong(place: Place) -> None:
    place.set(MAIL_FROM="nobody")


def _an_outbox(place: Place) -> None:
    _no_mail(place)
    place.set(OUTBOX=place.folder / "outbox")


def _an_open_outbox(place: Place) -> None:
    _an_outbox(place)
    (place.folder / "outbox").mkdir(mode=0o755)


def _a_checkpoint_forged(place: Place) -> None:
    place.change("DROP TRIGGER checkpoints_no_update")
    place.change("UPDATE checkpoints SET note = x'00'")


def _an_event_changed_since(place: Place) -> None:
    place.office.create("Ny")
    place.change("DROP TRIGGER events_no_update")
    place.change("UPDATE events SET topic = 'user.imported' WHERE position = (SELECT size FROM head)")


def _no_checkpoint(place: Place) -> None:
    place.change("DROP TRIGGER checkpoints_no_delete")
    place.change("DELETE FROM checkpoints")


def _an_old_checkpoint(place: Place) -> None:
    place.office.create("Ny")
    place.change("DROP TRIGGER checkpoints_no_update")
    place.change(f"UPDATE checkpoints SET made_at = {LONG_AGO}")


def _a_checkpoint_from_the_future(place: Place) -> None:
    place.change("DROP TRIGGER checkpoints_no_update")
    place.change(f"UPDATE checkpoints SET made_at = {FAR_AHEAD}")


def _checkpoints_inside(place: Place) -> None:
    place.patch.delenv("BRUGERBOG_CHECKPOINTS")


def _checkpoints_nowhere(place: Place) -> None:
    place.set(CHECKPOINTS="/proc/1/nowhere")


def _a_shorter_list(place: Place) -> None:
    place.change("INSERT OR REPLACE INTO marks VALUES ('erase_list', 370)")


def _a_list_cut_off(place: Place) -> None:
    with (place.folder / "office.erased").open("ab") as file:
        file.write(b"0" * 20)


def _an_older_file_of_keys(place: Place) -> None:
    place.change("DELETE FROM user_keys WHERE made_at = (SELECT max(made_at) FROM user_keys)", ".keys")


def _no_list(place: Place) -> None:
    (place.folder / "office.erased").unlink()


def _the_list_of_another(place: Place) -> None:
    (place.folder / "office.erased").write_text(f"{uuid4()}\n")


def _a_list_in_a_closed_folder(place: Place) -> None:
    place.patch.setattr(disk, "_can_write", lambda _: False)


def _a_log_put_back(place: Place) -> None:
    place.change("INSERT INTO marks VALUES ('put_back_at', 5)")


def _a_list_of_something_else(place: Place) -> None:
    (place.folder / "office.erased").write_text("x" * 37)


def _a_key_in_the_environment(place: Place) -> None:
    place.set(MASTER_KEY=place.key.read_text().strip())
    place.change("DELETE FROM marks WHERE name = 'erase_list'")
    place.patch.setattr("brugerbog.infrastructure.wiring.erase_list_of", lambda *_: NoEraseList())


def _a_disk_nearly_full(place: Place) -> None:
    place.patch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000_000))


def _a_full_disk(place: Place) -> None:
    place.patch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))


def _no_broker(place: Place) -> None:
    place.patch.delenv("BRUGERBOG_OIDC_ISSUER")


def _half_a_broker(place: Place) -> None:
    place.patch.delenv("BRUGERBOG_OIDC_CLIENT_ID")


def _no_pages(place: Place) -> None:
    place.patch.setattr(pages, "find_spec", lambda _: None)


def _a_client_that_expires(place: Place) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    place.office.ask("clients", "create", "--name", "Løn", "--role", "reader", "--expires", tomorrow)


def _a_setting_wrong(place: Place) -> None:
    place.set(ALLOW_FICTITIOUS_CVR="perhaps")


def _a_check_that_breaks(place: Place) -> None:
    place.patch.setattr("brugerbog.diagnostics.pages", lambda: 1 / 0)


FAULTS: list[tuple[Callable[[Place], None], str, str]] = [
    (_key_for_others, "keys", "master_key_not_private"),
    (_another_key, "keys", "master_key_wrong"),
    (_no_key, "keys", "master_key_missing"),
    (_two_keys_named, "keys", "master_key_named_twice"),
    (_an_older_file_of_keys, "keys", "keys_outdated"),
    (_a_second_master, "keys", "rotation_unfinished"),
    (_a_role_written_by_hand, "organisations", "organisation_forged"),
    (_no_signing_key, "keys", "signing_key_missing"),
    (_keys_gone, "store", "keys_missing"),
    (_garbage, "store", "store_out_of_reach"),
    (_empty, "store", "store_empty"),
    (_a_table_gone, "store", "store_incomplete"),
    (_newer, "store", "store_too_new"),
    (_a_copy, "store", "store_being_copied"),
    (_a_guard_gone, "store", "guards_gone"),
    (_readable, "store", "store_not_private"),
    (_an_old_sqlite, "versions", "sqlite_too_old"),
    (_no_address, "versions", "store_url_invalid"),
    (_a_clock_behind, "clock", "log_ahead"),
    (_a_clock_ahead, "due", "overdue"),
    (_a_projection_stopped, "projections", "projection_stopped"),
    (_a_projection_at_work, "projections", "projection_rebuilding"),
    (_another_version, "projections", "projections_outdated"),
    (_far_behind, "projections", "projections_behind"),
    (_behind_for_long, "projections", "projections_behind"),
    (_tables_of_another_log, "projections", "read_tables_of_another_log"),
    (_no_read_tables, "projections", "read_tables_gone"),
    (_no_worker_ever, "worker", "worker_never"),
    (_a_worker_long_ago, "worker", "worker_silent"),
    (_a_worker_from_the_future, "worker", "worker_ahead"),
    (_a_worker_from_the_future, "worker", "worker_never"),
    (_half_erased, "erasures", "erasures_pending"),
    (_a_client_that_expires, "clients", "clients_expire_soon"),
    (_a_mail_that_waits, "mails", "mails_wait"),
    (_a_mail_given_up, "mails", "mails_given_up"),
    (_no_mail, "mail_server", "mail_not_set"),
    (_a_server_that_is_down, "mail_server", "mail_server_silent"),
    (_a_mail_address_wrong, "mail_server", "mail_setting_invalid"),
    (_an_outbox, "mail_server", "mail_into_folder"),
    (_an_open_outbox, "mail_server", "outbox_not_private"),
    (_a_checkpoint_forged, "proof", "checkpoint_forged"),
    (_an_event_changed_since, "proof", "log_damaged"),
    (_no_checkpoint, "proof", "no_checkpoint"),
    (_an_old_checkpoint, "proof", "checkpoint_old"),
    (_a_checkpoint_from_the_future, "proof", "checkpoint_ahead"),
    (_checkpoints_inside, "checkpoints", "checkpoints_inside"),
    (_checkpoints_nowhere, "checkpoints", "checkpoints_not_writable"),
    (_a_shorter_list, "erase_list", "erase_list_short"),
    (_a_list_cut_off, "erase_list", "erase_list_cut_off"),
    (_no_list, "erase_list", "erase_list_missing"),
    (_the_list_of_another, "erase_list", "erase_list_foreign"),
    (_a_list_of_something_else, "erase_list", "erase_list_unreadable"),
    (_a_list_in_a_closed_folder, "erase_list", "erase_list_not_writable"),
    (_a_log_put_back, "erase_list", "log_put_back"),
    (_a_key_in_the_environment, "erase_list", "erase_list_nowhere"),
    (_a_disk_nearly_full, "disk", "disk_nearly_full"),
    (_a_full_disk, "disk", "disk_full"),
    (_no_broker, "pages", "pages_not_set"),
    (_half_a_broker, "pages", "web_setting_missing"),
    (_no_pages, "pages", "pages_not_installed"),
    (_a_setting_wrong, "settings", "environment_invalid"),
    (_a_check_that_breaks, "pages", "check_failed"),
]
NOBODY_PLANTS = {
    *("server_safe", "clock_off", "proof_holds"),
    # Tried on a server, below.
    "server_read_only",
    # What is to be said of a connection is tried without a second machine.
    *("connection_not_encrypted", "connection_not_verified"),
    # What the owner is told is tried where there are roles.
    "read_tables_elsewhere",
}


@pytest.mark.parametrize(
    ("fault", "check", "code"),
    FAULTS,
    ids=[f"{fault.__name__.strip('_')}-{code}" for fault, _, code in FAULTS],
)
def test_a_fault_is_found_and_the_other_checks_go_on(
    well: Place, fault: Callable[[Place], None], check: str, code: str
) -> None:
    fault(well)

    found = well.found()

    assert code in found[check]
    assert set(found) >= CHECKS - {"disk"}
    others = {one for name, codes in found.items() if name != check for one in codes}
    assert code == "check_failed" or "check_failed" not in others


def test_every_sign_is_tried_here() -> None:
    known = {one.code: one.level for one in vars(findings).values() if isinstance(one, FindingKind)}
    planted = {code for _, _, code in FAULTS}
    assert {code for code, level in known.items() if level != "ok"} - NOBODY_PLANTS <= planted


def test_an_older_store_is_told_how_to_be_brought_up(own_folder: Path) -> None:
    url = f"sqlite:///{own_folder / 'store.db'}"
    make_older("first", url, own_folder)
    answer = call("doctor", "--store", url)
    assert answer.code == FAILED
    assert "brugerbog store upgrade" in answer.out
    assert answer.out.count(NOT_CHECKED.danish) == 1


def test_a_store_that_is_nowhere_fails_as_json_too(own_folder: Path) -> None:
    answer = call("doctor", "--json")
    assert answer.code == FAILED
    assert (answer.document["level"], answer.document["error"]["code"]) == ("fail", "not_well")
    assert "store_empty" in {one["code"] for one in answer.document["findings"]}
    assert list(own_folder.iterdir()) == []


def test_nobody_but_the_operator_is_told(office: Office) -> None:
    assert office("doctor", "--as", office.ids["anne"], "--json").error["code"] == "not_allowed"


def test_a_server_is_looked_at_and_its_clock_too(
    postgres_url: str, postgres_server: PostgresServer, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "master.key"))
    call("store", "prepare", "--store", postgres_url)

    def found(clock: Clock | None = None) -> dict[str, Any]:
        return dict(check_up(postgres_url, clock=clock))

    assert found()["versions"].code == "server_safe"
    assert found()["connection"].code == "connection_local"
    off = found(FrozenClock(datetime.now(UTC) + timedelta(minutes=1)))["clock"]
    assert off.code == "clock_off"
    assert 55 <= off.facts["seconds"] <= 65
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as owner:
        owner.execute("ALTER TABLE events DISABLE TRIGGER ALL")
    assert found()["store"].facts == {"tables": "events"}
    postgres_server.stop()
    assert found()["versions"].code == "store_out_of_reach"


def test_a_server_that_takes_no_writing_is_found(
    postgres_url: str, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "master.key"))
    call("store", "prepare", "--store", postgres_url)

    with monkeypatch.context() as patch:
        patch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
        found = {(check, finding.code) for check, finding in check_up(postgres_url)}

    assert ("versions", "server_read_only") in found


@pytest.mark.parametrize(
    ("host", "mode", "encrypted", "code"),
    [
        ("/run/postgresql", "prefer", False, "connection_local"),
        ("127.0.0.1", "prefer", False, "connection_local"),
        ("::1", "prefer", False, "connection_local"),
        ("localhost", "prefer", False, "connection_local"),
        ("db.test", "prefer", False, "connection_not_encrypted"),
        ("10.0.0.5", "disable", False, "connection_not_encrypted"),
        ("10.0.0.5", "prefer", True, "connection_not_verified"),
        ("db.test", "require", True, "connection_not_verified"),
        ("db.test", "verify-full", True, "connection_encrypted"),
    ],
)
def test_a_connection_over_the_network_is_to_be_encrypted_and_verified(
    host: str, mode: str, *, encrypted: bool, code: str
) -> None:
    # ASVS 5.0, 12.3.1 and 12.3.2
    assert connection_finding(host, mode, encrypted=encrypted).code == code
