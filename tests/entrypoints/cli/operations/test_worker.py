"""Waiting mails, and the worker that sends them and records due events."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from brugerbog.application.commands.user_input import NewUser
from brugerbog.bootstrap import open_service
from tests.clock import FrozenClock
from tests.entrypoints.cli.cli_runner import DONE, FAILED, SCRIPT, UNKNOWN_ID
from tests.entrypoints.cli.outbox_folder import OutboxFolder, address_of
from tests.entrypoints.cli.store_cli import StoreCli

PATIENCE = 30


def test_without_a_transport_mails_wait_with_a_message(cli: StoreCli) -> None:
    answer = cli("worker", "--once")
    assert answer.code == DONE
    assert answer.err.startswith("Mails venter:")
    assert cli.run_json("worker", "--once")["mail"] is None
    assert cli.run_json("mail", "list")["counts"]["waiting"] > 0


def test_a_run_sends_waiting_mails_and_prints_the_outcome(cli: StoreCli, outbox: OutboxFolder) -> None:
    cli.create_user("Carl")
    turn = cli.run_json("worker", "--once")
    assert turn.keys() == {"at", "position", "due", "mail", "left_some"}
    assert turn["mail"].keys() == {"sent", "delayed", "dead", "dropped", "lost_claim", "unreached"}
    assert turn["mail"]["sent"] == 2
    assert outbox.subjects_to(address_of("Carl")) == ["Aktivér dig som bruger i MitID Erhverv"]
    assert stat.S_IMODE(outbox.folder.stat().st_mode) == 0o700
    assert "mails: 0 sendt" in cli("worker", "--once").out


def test_mails_are_listed_by_state(cli: StoreCli, outbox: OutboxFolder) -> None:
    outbox.run_worker()
    listed = cli.run_json("mail", "list")
    assert {one["state"] for one in listed["mails"]} == {"sent"}
    assert listed["counts"] == {"waiting": 0, "claimed": 0, "sent": 1, "dead": 0}
    assert listed["mails"][0].keys() == {
        *("id", "kind", "recipient", "about", "state", "attempts"),
        *("created_at", "next_at", "settled_at", "code"),
    }
    assert cli.run_json("mail", "list", "--state", "waiting")["mails"] == []
    result = cli("mail", "list")
    assert "Aktivering" in result.out
    assert "sendt: 1" in result.err


def test_a_mail_that_waits_can_be_tried_again_and_one_that_was_sent_can_not(
    cli: StoreCli, outbox: OutboxFolder
) -> None:
    mail_id = cli.run_json("mail", "list", "--state", "waiting")["mails"][0]["id"]
    assert cli.run_json("mail", "retry", mail_id) == {"id": mail_id, "state": "waiting"}
    assert "igen" in cli("mail", "retry", mail_id).err
    outbox.run_worker()
    outbox.run_worker()
    sent = cli.run_json("mail", "list", "--state", "sent")["mails"][0]["id"]
    for one in (sent, UNKNOWN_ID):
        assert cli("mail", "retry", one, "--json").error["code"] == "mail_not_waiting"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"BRUGERBOG_OUTBOX": "out"}, "mail_setting_missing"),
        ({"BRUGERBOG_SMTP_URL": "http://x"}, "mail_setting_invalid"),
        ({"BRUGERBOG_OUTBOX": "out", "BRUGERBOG_SMTP_URL": "smtp://localhost"}, "mail_setting_invalid"),
    ],
)
def test_wrong_settings_of_mail_are_named(
    cli: StoreCli, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], code: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    answer = cli("worker", "--once", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, code)
    assert "BRUGERBOG_" in answer.error["message"]


@pytest.mark.parametrize("more", [("--once",), ()])
def test_an_outbox_that_others_can_look_into_is_refused(
    cli: StoreCli, outbox: OutboxFolder, more: tuple[str, ...]
) -> None:
    outbox.folder.mkdir(mode=0o755)
    outbox.folder.chmod(0o755)
    answer = cli("worker", *more, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "outbox_not_private")


def test_the_status_reports_whether_a_worker_is_running(cli: StoreCli) -> None:
    nobody = cli("worker", "--status", "--json")
    assert nobody.code == FAILED
    assert nobody.document.keys() == {"last_turn_at", "at_work", "mail", "error"}
    assert (nobody.document["last_turn_at"], nobody.document["error"]["code"]) == (None, "no_worker")
    assert "brugerbog worker" in cli("worker", "--status").err
    cli.run_json("worker", "--once")
    somebody = cli.run_json("worker", "--status")
    assert (somebody["at_work"], somebody.keys()) == (True, {"last_turn_at", "at_work", "mail"})
    assert "I arbejde" in cli("worker", "--status").out
    time.sleep(3.1)
    assert cli("worker", "--status", "--seconds", "1").code == FAILED


@pytest.fixture
def start(cli: StoreCli, outbox: OutboxFolder) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [SCRIPT, "worker", "--seconds", "1", *arguments, "--store", cli.url],
            env=os.environ | outbox.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(happened: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.1)


def with_an_expired_link(cli: StoreCli) -> str:
    """A user whose link expired some days ago, which no worker has recorded."""
    with open_service(cli.url, clock=FrozenClock(datetime.now(UTC) - timedelta(days=40))) as service:
        new = NewUser(
            first_name="Gammel", surname="Ø", email="old@firma.test", date_of_birth=date(1961, 9, 7)
        )
        return str(service.administration.create_user(service.operator(), new).subject)


def transactions(cli: StoreCli, user_id: str) -> list[str]:
    return [one["transaction"] for one in cli.run_json("users", "history", user_id)["activities"]]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_records_due_events_and_sends_mails_until_a_signal(
    cli: StoreCli,
    outbox: OutboxFolder,
    start: Callable[..., subprocess.Popen[str]],
    signal_number: signal.Signals,
) -> None:
    late = with_an_expired_link(cli)
    assert cli.run_json("users", "show", late)["link_has_expired"]
    worker = start()
    until(lambda: "Aktiveringslink udløbet" in transactions(cli, late))
    until(lambda: cli("worker", "--status").code == DONE)
    cli.create_user("Carl")
    until(lambda: outbox.subjects_to(address_of("Carl")))
    worker.send_signal(signal_number)
    out, err = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, out) == (DONE, "")
    messages = [line for line in err.splitlines() if not line.startswith("time=")]
    assert messages[0].startswith("Arbejder nu og hvert 1. sekund.")
    assert messages[-1] == "Stoppet."
    assert "logger=brugerbog.mail event=mail_sent" in err


def test_a_worker_for_programs_answers_with_one_document(
    cli: StoreCli, start: Callable[..., subprocess.Popen[str]]
) -> None:
    worker = start("--json")
    until(lambda: cli("worker", "--status").code == DONE)
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == DONE
    assert [line for line in err.splitlines() if not line.startswith("time=")] == []
    assert out.startswith('{"stopped_at":"')


def test_an_expired_link_is_shown_in_the_list(cli: StoreCli) -> None:
    with_an_expired_link(cli)
    assert "Afventer aktivering · Link udløbet" in cli("users", "list").out
