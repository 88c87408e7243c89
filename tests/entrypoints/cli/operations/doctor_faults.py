"""Faults planted in an installation, each with the check and the code by which the doctor finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pysqlite3.dbapi2 as driver
import pytest

from brugerbog.application.ports.clock import Clock
from brugerbog.diagnostics import check_up
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.master_key import new_master_key
from brugerbog.infrastructure.database import sqlite
from brugerbog.infrastructure.diagnostics import disk, pages
from brugerbog.infrastructure.erasure.erase_list import NoEraseList
from brugerbog.infrastructure.system import SystemClock
from tests.clock import FrozenClock
from tests.entrypoints.cli.store_cli import StoreCli
from tests.mail_server import free_port

LONG_AGO = 1_000_000
FAR_AHEAD = 250_000_000_000_000_000


class Installation:
    """An installation's folder and environment, in which faults are planted."""

    def __init__(self, cli: StoreCli, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.cli = cli
        self.folder = folder
        self.patch = patch
        self.key = folder / "store.master.key"
        self.clock: Clock = SystemClock()

    def finding_codes(self, *, full: bool = False) -> dict[str, set[str]]:
        """Return the codes of the findings, by check."""
        codes: dict[str, set[str]] = {}
        for check, finding in check_up(self.cli.url, full=full, clock=self.clock):
            codes.setdefault(check, set()).add(finding.code)
        return codes

    def change(self, statement: str, kind: str = "") -> None:
        connection = driver.connect(str(self.folder / f"store{kind}.db"))
        connection.execute(statement)
        connection.commit()
        connection.close()

    def set(self, **environment: object) -> None:
        for name, value in environment.items():
            self.patch.setenv(f"BRUGERBOG_{name}", str(value))


def _key_for_others(installation: Installation) -> None:
    installation.key.chmod(0o644)


def _another_key(installation: Installation) -> None:
    KeyFile(installation.key).write([new_master_key()])


def _a_role_written_by_hand(installation: Installation) -> None:
    installation.change("UPDATE event_macs SET mac = zeroblob(32)")


def _no_key(installation: Installation) -> None:
    installation.key.unlink()


def _two_keys_named(installation: Installation) -> None:
    installation.set(MASTER_KEY="x", MASTER_KEY_FILE=installation.key)


def _keys_gone(installation: Installation) -> None:
    (installation.folder / "store.keys.db").unlink()


def _a_second_master(installation: Installation) -> None:
    installation.change("INSERT INTO master_keys (id) VALUES (x'0011223344556677')", ".keys")


def _no_signing_key(installation: Installation) -> None:
    installation.change("DELETE FROM installation_keys WHERE name = 'signing'", ".keys")


def _garbage(installation: Installation) -> None:
    (installation.folder / "store.db").write_bytes(b"no database at all" * 1000)


def _empty(installation: Installation) -> None:
    (installation.folder / "store.db").write_bytes(b"")


def _a_table_gone(installation: Installation) -> None:
    installation.change("DROP TABLE link_tokens")


def _newer(installation: Installation) -> None:
    installation.change("UPDATE marks SET value = 99 WHERE name = 'schema'")


def _a_copy(installation: Installation) -> None:
    installation.change("UPDATE head SET format = 0")


def _a_guard_gone(installation: Installation) -> None:
    installation.change("DROP TRIGGER events_no_update")


def _readable(installation: Installation) -> None:
    (installation.folder / "store.db").chmod(0o640)


def _an_old_sqlite(installation: Installation) -> None:
    installation.patch.setattr(sqlite, "SAFE_VERSION", (99, 0, 0))


def _no_address(installation: Installation) -> None:
    installation.cli.url = "mysql://somewhere"


def _a_clock_behind(installation: Installation) -> None:
    installation.clock = FrozenClock(datetime.now(UTC) - timedelta(days=1))


def _a_clock_ahead(installation: Installation) -> None:
    installation.clock = FrozenClock(datetime.now(UTC) + timedelta(days=60))


def _a_projection_stopped(installation: Installation) -> None:
    installation.change(
        "UPDATE positions SET state = 'failed', failed_at = 3 WHERE name = 'imported'", ".read"
    )


def _a_projection_at_work(installation: Installation) -> None:
    installation.change("UPDATE positions SET state = 'rebuilding' WHERE name = 'imported'", ".read")


def _another_version(installation: Installation) -> None:
    installation.change("UPDATE positions SET version = 0 WHERE name = 'due'", ".read")


def _far_behind(installation: Installation) -> None:
    installation.change("UPDATE positions SET position = -1000 WHERE name = 'imported'", ".read")


def _behind_for_long(installation: Installation) -> None:
    installation.change("UPDATE positions SET position = position - 1 WHERE name = 'imported'", ".read")
    installation.clock = FrozenClock(datetime.now(UTC) + timedelta(minutes=6))


def _tables_of_another_log(installation: Installation) -> None:
    installation.change("UPDATE followed_log SET recorded_at = recorded_at + 1", ".read")


def _no_read_tables(installation: Installation) -> None:
    (installation.folder / "store.read.db").unlink()


def _no_worker_ever(installation: Installation) -> None:
    installation.change("DELETE FROM heartbeats", ".read")


def _a_worker_long_ago(installation: Installation) -> None:
    installation.change(f"UPDATE heartbeats SET beat_at = {LONG_AGO}", ".read")


def _a_worker_from_the_future(installation: Installation) -> None:
    installation.change(f"UPDATE heartbeats SET beat_at = {FAR_AHEAD}", ".read")


def _half_erased(installation: Installation) -> None:
    installation.change("INSERT INTO erasures VALUES (zeroblob(16), 1)")


def _a_mail_that_waits(installation: Installation) -> None:
    installation.change(f"UPDATE mail_intents SET state = 'waiting', next_at = {LONG_AGO}")


def _a_mail_given_up(installation: Installation) -> None:
    installation.change("UPDATE mail_intents SET state = 'dead'")


def _no_mail(installation: Installation) -> None:
    installation.patch.delenv("BRUGERBOG_SMTP_URL")


def _a_server_that_is_down(installation: Installation) -> None:
    installation.set(SMTP_URL=f"smtp://127.0.0.1:{free_port()}")


def _a_mail_address_wrong(installation: Installation) -> None:
    installation.set(MAIL_FROM="nobody")


def _an_outbox(installation: Installation) -> None:
    _no_mail(installation)
    installation.set(OUTBOX=installation.folder / "outbox")


def _an_open_outbox(installation: Installation) -> None:
    _an_outbox(installation)
    (installation.folder / "outbox").mkdir(mode=0o755)


def _a_checkpoint_forged(installation: Installation) -> None:
    installation.change("DROP TRIGGER checkpoints_no_update")
    installation.change("UPDATE checkpoints SET note = x'00'")


def _an_event_changed_since(installation: Installation) -> None:
    installation.cli.create_user("Ny")
    installation.change("DROP TRIGGER events_no_update")
    installation.change("UPDATE events SET topic = 'user.imported' WHERE position = (SELECT size FROM head)")


def _no_checkpoint(installation: Installation) -> None:
    installation.change("DROP TRIGGER checkpoints_no_delete")
    installation.change("DELETE FROM checkpoints")


def _an_old_checkpoint(installation: Installation) -> None:
    installation.cli.create_user("Ny")
    installation.change("DROP TRIGGER checkpoints_no_update")
    installation.change(f"UPDATE checkpoints SET made_at = {LONG_AGO}")


def _a_checkpoint_from_the_future(installation: Installation) -> None:
    installation.change("DROP TRIGGER checkpoints_no_update")
    installation.change(f"UPDATE checkpoints SET made_at = {FAR_AHEAD}")


def _checkpoints_inside(installation: Installation) -> None:
    installation.patch.delenv("BRUGERBOG_CHECKPOINTS")


def _checkpoints_nowhere(installation: Installation) -> None:
    installation.set(CHECKPOINTS="/proc/1/nowhere")


def _a_shorter_list(installation: Installation) -> None:
    installation.change("INSERT OR REPLACE INTO marks VALUES ('erase_list', 370)")


def _a_list_cut_off(installation: Installation) -> None:
    with (installation.folder / "store.erased").open("ab") as file:
        file.write(b"0" * 20)


def _an_older_file_of_keys(installation: Installation) -> None:
    installation.change("DELETE FROM user_keys WHERE made_at = (SELECT max(made_at) FROM user_keys)", ".keys")


def _no_list(installation: Installation) -> None:
    (installation.folder / "store.erased").unlink()


def _the_list_of_another(installation: Installation) -> None:
    (installation.folder / "store.erased").write_text(f"{uuid4()}\n")


def _a_list_in_a_closed_folder(installation: Installation) -> None:
    installation.patch.setattr(disk, "_can_write", lambda _: False)


def _a_log_put_back(installation: Installation) -> None:
    installation.change("INSERT INTO marks VALUES ('put_back_at', 5)")


def _a_list_of_something_else(installation: Installation) -> None:
    (installation.folder / "store.erased").write_text("x" * 37)


def _a_key_in_the_environment(installation: Installation) -> None:
    installation.set(MASTER_KEY=installation.key.read_text().strip())
    installation.change("DELETE FROM marks WHERE name = 'erase_list'")
    installation.patch.setattr("brugerbog.infrastructure.wiring.erase_list_of", lambda *_: NoEraseList())


def _a_disk_nearly_full(installation: Installation) -> None:
    installation.patch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000_000))


def _a_full_disk(installation: Installation) -> None:
    installation.patch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))


def _no_broker(installation: Installation) -> None:
    installation.patch.delenv("BRUGERBOG_OIDC_ISSUER")


def _half_a_broker(installation: Installation) -> None:
    installation.patch.delenv("BRUGERBOG_OIDC_CLIENT_ID")


def _no_pages(installation: Installation) -> None:
    installation.patch.setattr(pages, "find_spec", lambda _: None)


def _a_client_that_expires(installation: Installation) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    installation.cli.run_json("clients", "create", "--name", "Løn", "--role", "reader", "--expires", tomorrow)


def _a_setting_wrong(installation: Installation) -> None:
    installation.set(ALLOW_FICTITIOUS_CVR="perhaps")


def _a_check_that_breaks(installation: Installation) -> None:
    installation.patch.setattr("brugerbog.diagnostics.pages", lambda: 1 / 0)


FAULTS: list[tuple[Callable[[Installation], None], str, str]] = [
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
