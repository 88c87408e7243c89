"""Mails that wait, and the worker that sends them and records what falls due."""

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
from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, SCRIPT
from tests.entrypoints.cli.store_cli import Office
from tests.entrypoints.cli.outbox_folder import Post, address_of

PATIENCE = 30


def test_without_a_way_to_send_mails_wait_and_that_is_said(office: Office) -> None:
    answer = office("worker", "--once")
    assert answer.code == DONE
    assert answer.err.startswith("Mails venter:")
    assert office.ask("worker", "--once")["mail"] is None
    assert office.ask("mail", "list")["counts"]["waiting"] > 0


def test_a_turn_sends_what_waits_and_tells_what_it_came_to(office: Office, post: Post) -> None:
    office.create("Carl")
    turn = office.ask("worker", "--once")
    assert turn.keys() == {"at", "position", "due", "mail", "left_some"}
    assert turn["mail"].keys() == {"sent", "delayed", "dead", "dropped", "lost_claim", "unreached"}
    assert turn["mail"]["sent"] == 2
    assert post.subjects_to(address_of("Carl")) == ["Aktivér dig som bruger i MitID Erhverv"]
    assert stat.S_IMODE(post.folder.stat().st_mode) == 0o700
    assert "mails: 0 sendt" in office("worker", "--once").out


def test_mails_are_listed_by_state(office: Office, post: Post) -> None:
    post.deliver()
    listed = office.ask("mail", "list")
    assert {one["state"] for one in listed["mails"]} == {"sent"}
    assert listed["counts"] == {"waiting": 0, "claimed": 0, "sent": 1, "dead": 0}
    assert listed["mails"][0].keys() == {
        *("id", "kind", "recipient", "about", "state", "attempts"),
        *("created_at", "next_at", "settled_at", "code"),
    }
    assert office.ask("mail", "list", "--state", "waiting")["mails"] == []
    shown = office("mail", "list")
    assert "Aktivering" in shown.out
    assert "sendt: 1" in shown.err


def test_a_mail_that_waits_can_be_tried_again_and_one_that_was_sent_can_not(
    office: Office, post: Post
) -> None:
    mail_id = office.ask("mail", "list", "--state", "waiting")["mails"][0]["id"]
    assert office.ask("mail", "retry", mail_id) == {"id": mail_id, "state": "waiting"}
    assert "igen" in office("mail", "retry", mail_id).err
    post.deliver()
    post.deliver()
    sent = office.ask("mail", "list", "--state", "sent")["mails"][0]["id"]
    for one in (sent, NOBODY):
        assert office("mail", "retry", one, "--json").error["code"] == "mail_not_waiting"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"BRUGERBOG_OUTBOX": "out"}, "mail_setting_missing"),
        ({"BRUGERBOG_SMTP_URL": "http://x"}, "mail_setting_invalid"),
        ({"BRUGERBOG_OUTBOX": "out", "BRUGERBOG_SMTP_URL": "smtp://localhost"}, "mail_setting_invalid"),
    ],
)
def test_wrong_settings_of_mail_are_named(
    office: Office, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], code: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    answer = office("worker", "--once", "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, code)
    assert "BRUGERBOG_" in answer.error["message"]


@pytest.mark.parametrize("more", [("--once",), ()])
def test_an_outbox_that_others_can_look_into_is_refused(
    office: Office, post: Post, more: tuple[str, ...]
) -> None:
    post.folder.mkdir(mode=0o755)
    post.folder.chmod(0o755)
    answer = office("worker", *more, "--json")
    assert (answer.code, answer.error["code"]) == (FAILED, "outbox_not_private")


def test_whether_anybody_is_at_work_is_told(office: Office) -> None:
    nobody = office("worker", "--status", "--json")
    assert nobody.code == FAILED
    assert nobody.document.keys() == {"last_turn_at", "at_work", "mail", "error"}
    assert (nobody.document["last_turn_at"], nobody.document["error"]["code"]) == (None, "no_worker")
    assert "brugerbog worker" in office("worker", "--status").err
    office.ask("worker", "--once")
    somebody = office.ask("worker", "--status")
    assert (somebody["at_work"], somebody.keys()) == (True, {"last_turn_at", "at_work", "mail"})
    assert "I arbejde" in office("worker", "--status").out
    time.sleep(3.1)
    assert office("worker", "--status", "--seconds", "1").code == FAILED


@pytest.fixture
def start(office: Office, post: Post) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [SCRIPT, "worker", "--seconds", "1", *arguments, "--store", office.url],
            env=os.environ | post.settings,
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


def with_an_expired_link(office: Office) -> str:
    """A user whose link expired some days ago, with nobody at work to record it."""
    with open_service(office.url, clock=FrozenClock(datetime.now(UTC) - timedelta(days=40))) as service:
        new = NewUser(
            first_name="Gammel", surname="Ø", email="old@firma.test", date_of_birth=date(1961, 9, 7)
        )
        return str(service.administration.create_user(service.operator(), new).subject)


def transactions(office: Office, user_id: str) -> list[str]:
    return [one["transaction"] for one in office.ask("users", "history", user_id)["activities"]]


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_does_what_falls_due_and_sends_until_it_is_told_to_stop(
    office: Office,
    post: Post,
    start: Callable[..., subprocess.Popen[str]],
    asked: signal.Signals,
) -> None:
    late = with_an_expired_link(office)
    assert office.ask("users", "show", late)["link_has_expired"]
    worker = start()
    until(lambda: "Aktiveringslink udløbet" in transactions(office, late))
    until(lambda: office("worker", "--status").code == DONE)
    office.create("Carl")
    until(lambda: post.subjects_to(address_of("Carl")))
    worker.send_signal(asked)
    out, err = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, out) == (DONE, "")
    told = [line for line in err.splitlines() if not line.startswith("time=")]
    assert told[0].startswith("Arbejder nu og hvert 1. sekund.")
    assert told[-1] == "Stoppet."
    assert "logger=brugerbog.mail event=mail_sent" in err


def test_a_worker_for_programs_answers_with_one_document(
    office: Office, start: Callable[..., subprocess.Popen[str]]
) -> None:
    worker = start("--json")
    until(lambda: office("worker", "--status").code == DONE)
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == DONE
    assert [line for line in err.splitlines() if not line.startswith("time=")] == []
    assert out.startswith('{"stopped_at":"')


def test_an_expired_link_is_told_in_the_list(office: Office) -> None:
    with_an_expired_link(office)
    assert "Afventer aktivering · Link udløbet" in office("users", "list").out
