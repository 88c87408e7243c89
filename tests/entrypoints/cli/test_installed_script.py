"""The installed script in a shell: closed streams, broken pipes, a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from tests.entrypoints.cli.cli_runner import DONE, FAILED, SCRIPT, USAGE
from tests.entrypoints.cli.outbox_folder import OutboxFolder, address_of
from tests.entrypoints.cli.store_cli import CPR, StoreCli, csv_file
from tests.entrypoints.cli.users.test_activation import pretend
from tests.people import made_up_cpr

CREATE = ["users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test"]
PATIENCE = 30


def shell(cli: StoreCli, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, in which `brugerbog` is the script on the test's store."""
    environment = {**os.environ, "BRUGERBOG_STORE": cli.url}
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
def test_the_exit_code_reaches_the_shell(cli: StoreCli, line: str, code: int) -> None:
    assert shell(cli, line).returncode == code


@pytest.mark.parametrize("line", ["users list | head -1", "users list --json | true"])
def test_a_closed_pipe_is_no_error(cli: StoreCli, line: str) -> None:
    assert shell(cli, f"brugerbog {line}").stderr == ""


@pytest.mark.parametrize("line", ["users list >&-", "users list --json >&-"])
def test_a_closed_stdout_is_no_accident(cli: StoreCli, line: str) -> None:
    assert shell(cli, f"brugerbog {line}").returncode in (DONE, FAILED)


@pytest.mark.parametrize("line", ["users list", "users list --json"])
def test_a_full_disk_is_no_accident(cli: StoreCli, line: str) -> None:
    assert shell(cli, f"brugerbog {line} > /dev/full").returncode == FAILED


def test_a_closed_stderr_changes_nothing(cli: StoreCli) -> None:
    assert shell(cli, "brugerbog users list --limit 1 --json 2>&-").returncode == DONE


def test_a_closed_stdin_is_answered(cli: StoreCli) -> None:
    assert shell(cli, f"brugerbog {shlex.join(CREATE)} <&-").returncode == USAGE


def test_a_cpr_number_comes_from_standard_input(cli: StoreCli) -> None:
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    done = shell(cli, f"echo {CPR} | brugerbog {shlex.join(CREATE)} --cpr-stdin --json")
    assert done.returncode == DONE
    assert CPR not in done.stdout + done.stderr


def test_a_terminal_without_danish_letters_is_answered(cli: StoreCli) -> None:
    assert shell(cli, "PYTHONIOENCODING=ascii brugerbog users list").returncode == DONE


def test_an_argument_that_is_no_utf8_is_answered(cli: StoreCli) -> None:
    done = shell(cli, r"brugerbog projections rebuild $'\xff' --json")
    assert done.returncode == USAGE


def test_the_cpr_number_is_prompted_for_and_never_shown(cli: StoreCli) -> None:
    cli.run_json("users", "delete", cli.ids["anne"], "--yes")
    code, output = _at_a_terminal(cli, CREATE, {b"CPR-nummer:": f"{CPR[:6]}-{CPR[6:]}\n"})
    assert code == DONE
    assert "CPR-nummer:" in output
    assert "A B er oprettet." in output
    assert CPR[6:] not in output.replace(cli.run_json("users", "list", "--search", "B")["users"][0]["id"], "")


def test_interrupting_the_prompt_creates_no_user(cli: StoreCli) -> None:
    code, output = _at_a_terminal(cli, CREATE, {b"CPR-nummer:": "\x03"})
    assert (code, "Fejl: Afbrudt." in output) == (FAILED, True)


def test_the_progress_of_a_rebuild_does_not_run_into_the_message(cli: StoreCli) -> None:
    _, output = _at_a_terminal(cli, ["projections", "rebuild"], {})
    lines = [line.rpartition("\r")[2] for line in output.replace("\r\n", "\n").splitlines()]
    assert [line for line in lines if "Bygget igen" in line and "hændelser" in line] == []


@pytest.mark.usefixtures("production_code_hashes")
def test_a_link_and_a_code_are_prompted_for_and_never_shown(cli: StoreCli, outbox: OutboxFolder) -> None:
    user = cli.create_user("Carl")
    link = outbox.link_to(address_of("Carl"))
    pretend(cli, link)
    arguments = ["self-service", "enter-code"]
    typed = {b"Link:": f"{link}\n", b"Aktiveringskode:": f"{user['code']}\n"}
    code, output = _at_a_terminal(cli, arguments, typed)
    assert (code, "Koden er godkendt." in output) == (DONE, True)
    assert link not in output
    assert user["code"] not in output


def test_the_progress_of_a_sending_does_not_run_into_the_summary(cli: StoreCli, own_folder: Path) -> None:
    rows = [f"C;;Nr{n};Sen;{made_up_cpr(date(1970, 5, 4), n)};;n{n}@firma.test;;;;3;;;;" for n in range(3)]
    cli.run_json("import", csv_file(own_folder / "a.csv", *rows))
    _, output = _at_a_terminal(cli, ["users", "send-many-to-activation", "--all"], {})
    assert any(line.startswith("Sendt til aktivering: 4 brugere") for line in _lines(output))


def _lines(output: str) -> list[str]:
    """Return the lines of a terminal, without overwritten text and control sequences."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    return [line.rpartition("\r")[2] for line in plain.replace("\r\n", "\n").splitlines()]


def _at_a_terminal(cli: StoreCli, arguments: list[str], typed: dict[bytes, str]) -> tuple[int, str]:
    """Return the exit code and the terminal's text; each prompt gets its given answer."""
    waiting = dict(typed)
    process, controller = pty.fork()
    if process == 0:
        # A test run in the background may inherit an ignored SIGINT.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(SCRIPT, ["brugerbog", *arguments, "--store", cli.url])  # noqa: S606
    output, give_up = b"", time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if not select.select([controller], [], [], 0.1)[0]:
            for prompt in [one for one in waiting if one in output]:
                os.write(controller, waiting.pop(prompt).encode())
            continue
        try:
            output += os.read(controller, 4096)
        except OSError:
            break
    os.close(controller)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), output.decode()
