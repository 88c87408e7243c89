"""The script as a shell starts it: closed streams, broken pipes, a terminal."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import time

import pytest

from tests.entrypoints.cli.calling import DONE, FAILED, SCRIPT, USAGE
from tests.entrypoints.cli.office import CPR, Office

CREATE = ["users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test"]
PATIENCE = 30


def shell(office: Office, line: str) -> subprocess.CompletedProcess[str]:
    """A line of shell, in which `brugerbog` is the script on the office's store."""
    environment = {**os.environ, "BRUGERBOG_STORE": office.url}
    script = f'brugerbog() {{ {shlex.quote(str(SCRIPT))} "$@"; }}; set -o pipefail; {line}'
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "Uventet fejl" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("brugerbog users show 11111111-1111-4111-8111-111111111111", FAILED),
        ("brugerbog", USAGE),
    ],
)
def test_the_exit_code_reaches_the_shell(office: Office, line: str, code: int) -> None:
    assert shell(office, line).returncode == code


@pytest.mark.parametrize("line", ["users list | head -1", "users list --json | true"])
def test_a_reader_that_goes_away_is_no_fault(office: Office, line: str) -> None:
    assert shell(office, f"brugerbog {line}").stderr == ""


@pytest.mark.parametrize("line", ["users list >&-", "users list --json >&-"])
def test_a_closed_stdout_is_no_accident(office: Office, line: str) -> None:
    assert shell(office, f"brugerbog {line}").returncode in (DONE, FAILED)


@pytest.mark.parametrize("line", ["users list", "users list --json"])
def test_a_full_disk_is_no_accident(office: Office, line: str) -> None:
    assert shell(office, f"brugerbog {line} > /dev/full").returncode == FAILED


def test_a_closed_stderr_changes_nothing(office: Office) -> None:
    assert shell(office, "brugerbog users list --limit 1 --json 2>&-").returncode == DONE


def test_a_closed_stdin_is_answered(office: Office) -> None:
    assert shell(office, f"brugerbog {shlex.join(CREATE)} <&-").returncode == USAGE


def test_a_cpr_number_comes_from_standard_input(office: Office) -> None:
    office.ask("users", "delete", office.ids["anne"], "--yes")
    done = shell(office, f"echo {CPR} | brugerbog {shlex.join(CREATE)} --cpr-stdin --json")
    assert done.returncode == DONE
    assert CPR not in done.stdout + done.stderr


def test_a_terminal_without_danish_letters_is_answered(office: Office) -> None:
    assert shell(office, "PYTHONIOENCODING=ascii brugerbog users list").returncode == DONE


def test_an_argument_that_is_no_utf8_is_answered(office: Office) -> None:
    done = shell(office, r"brugerbog projections rebuild $'\xff' --json")
    assert done.returncode == USAGE


def test_the_cpr_number_is_asked_for_and_never_shown(office: Office) -> None:
    office.ask("users", "delete", office.ids["anne"], "--yes")
    code, shown = _at_a_terminal(office, CREATE, f"{CPR[:6]}-{CPR[6:]}\n")
    assert code == DONE
    assert "CPR-nummer:" in shown
    assert "A B er oprettet." in shown
    assert CPR[6:] not in shown.replace(office.ask("users", "list", "--search", "B")["users"][0]["id"], "")


def test_giving_up_at_the_prompt_creates_nobody(office: Office) -> None:
    code, shown = _at_a_terminal(office, CREATE, "\x03")
    assert (code, "Fejl: Afbrudt." in shown) == (FAILED, True)


def test_the_progress_of_a_rebuild_does_not_run_into_the_message(office: Office) -> None:
    _, shown = _at_a_terminal(office, ["projections", "rebuild"], "")
    lines = [line.rpartition("\r")[2] for line in shown.replace("\r\n", "\n").splitlines()]
    assert [line for line in lines if "Bygget igen" in line and "hændelser" in line] == []


def _at_a_terminal(office: Office, arguments: list[str], answer: str) -> tuple[int, str]:
    """Exit code and all that a terminal shows; the answer is typed at the prompt."""
    process, controller = pty.fork()
    if process == 0:
        os.execv(SCRIPT, ["brugerbog", *arguments, "--store", office.url])  # noqa: S606
    shown, give_up = b"", time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if not select.select([controller], [], [], 0.1)[0]:
            if answer and b"CPR-nummer:" in shown:
                os.write(controller, answer.encode())
                answer = ""
            continue
        try:
            shown += os.read(controller, 4096)
        except OSError:
            break
    os.close(controller)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode()
