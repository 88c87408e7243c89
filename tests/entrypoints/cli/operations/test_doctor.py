"""`brugerbog doctor` finds every planted fault, completes all other checks, and changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from brugerbog.application.diagnostics import findings
from brugerbog.application.diagnostics.checks import NOT_CHECKED, FindingKind
from brugerbog.application.ports.clock import Clock
from brugerbog.diagnostics import check_up
from brugerbog.infrastructure.diagnostics import disk
from brugerbog.infrastructure.diagnostics.connection import connection_finding
from tests.clock import FrozenClock
from tests.entrypoints.cli.cli_runner import DONE, FAILED, run_cli
from tests.entrypoints.cli.operations.doctor_faults import FAULTS, Installation
from tests.entrypoints.cli.store_cli import StoreCli
from tests.infrastructure.migrations.older.stores import make_older
from tests.mail_server import RecordingMailHandler, serving
from tests.postgres import PostgresServer

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


def _environment(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a healthy installation."""
    return {
        "BRUGERBOG_CHECKPOINTS": str(folder / "checkpoints"),
        "BRUGERBOG_OIDC_ISSUER": "https://broker.test",
        "BRUGERBOG_OIDC_CLIENT_ID": "us",
        "BRUGERBOG_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "BRUGERBOG_MAIL_FROM": "mail@firma.test",
        "BRUGERBOG_BASE_URL": "http://localhost:8000",
    }


@pytest.fixture(scope="module")
def mail_server_port() -> Iterator[int]:
    with serving(RecordingMailHandler()) as port:
        yield port


@pytest.fixture(scope="module")
def working_installation(
    prepared_store: StoreCli, mail_server_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The prepared store after a run of the worker, to be copied."""
    folder = tmp_path_factory.mktemp("working") / "installation"
    shutil.copytree(Path(prepared_store.url.removeprefix("sqlite:///")).parent, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(folder, mail_server_port).items():
            patch.setenv(name, value)
        StoreCli(f"sqlite:///{folder / 'store.db'}", {}).run_json("worker", "--once")
    return folder


@pytest.fixture
def healthy(
    working_installation: Path, mail_server_port: int, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """A copy of the working installation, in which every check passes."""
    folder = shutil.copytree(working_installation, own_folder / "installation")
    for name, value in _environment(folder, mail_server_port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**12))
    return Installation(StoreCli(f"sqlite:///{folder / 'store.db'}", {}), folder, monkeypatch)


def test_a_healthy_installation_passes_every_check_and_is_not_changed(healthy: Installation) -> None:
    def bytes_of_all() -> dict[str, str]:
        files = (path for path in healthy.folder.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = bytes_of_all()
    answer = healthy.cli("doctor", "--full", "--json")

    assert (answer.code, answer.document["level"]) == (DONE, "ok"), answer.out
    assert {one["check"] for one in answer.document["findings"]} == CHECKS
    assert bytes_of_all() == before


def test_an_address_with_as_many_digits_as_a_cpr_number_is_not_masked(healthy: Installation) -> None:
    healthy.set(BASE_URL="http://127.0.0.1:8000")
    assert "http://127.0.0.1:8000" in healthy.cli("doctor").out


NOT_PLANTED = {
    *("server_safe", "clock_off", "proof_holds"),
    # Tested on a server below.
    "server_read_only",
    # `connection_finding` is tested directly, without a second machine.
    *("connection_not_encrypted", "connection_not_verified"),
    # Tested with database roles, in tests/infrastructure/database.
    "read_tables_elsewhere",
}


@pytest.mark.parametrize(
    ("fault", "check", "code"),
    FAULTS,
    ids=[f"{fault.__name__.strip('_')}-{code}" for fault, _, code in FAULTS],
)
def test_a_fault_is_found_and_the_other_checks_go_on(
    healthy: Installation, fault: Callable[[Installation], None], check: str, code: str
) -> None:
    fault(healthy)

    found = healthy.finding_codes()

    assert code in found[check]
    assert set(found) >= CHECKS - {"disk"}
    others = {one for name, codes in found.items() if name != check for one in codes}
    assert code == "check_failed" or "check_failed" not in others


def test_every_sign_is_tried_here() -> None:
    known = {one.code: one.level for one in vars(findings).values() if isinstance(one, FindingKind)}
    planted = {code for _, _, code in FAULTS}
    assert {code for code, level in known.items() if level != "ok"} - NOT_PLANTED <= planted


def test_an_older_store_is_reported_with_the_upgrade_command(own_folder: Path) -> None:
    url = f"sqlite:///{own_folder / 'store.db'}"
    make_older("first", url, own_folder)
    answer = run_cli("doctor", "--store", url)
    assert answer.code == FAILED
    assert "brugerbog store upgrade" in answer.out
    assert answer.out.count(NOT_CHECKED.danish) == 1


def test_a_store_that_is_nowhere_fails_as_json_too(own_folder: Path) -> None:
    answer = run_cli("doctor", "--json")
    assert answer.code == FAILED
    assert (answer.document["level"], answer.document["error"]["code"]) == ("fail", "not_well")
    assert "store_empty" in {one["code"] for one in answer.document["findings"]}
    assert list(own_folder.iterdir()) == []


def test_only_the_operator_may_run_the_doctor(cli: StoreCli) -> None:
    assert cli("doctor", "--as", cli.ids["anne"], "--json").error["code"] == "not_allowed"


def test_a_server_is_looked_at_and_its_clock_too(
    postgres_url: str, postgres_server: PostgresServer, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(own_folder / "master.key"))
    run_cli("store", "prepare", "--store", postgres_url)

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
    run_cli("store", "prepare", "--store", postgres_url)

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
