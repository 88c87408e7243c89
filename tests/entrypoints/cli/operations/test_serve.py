"""`brugerbog serve` as a process: it answers, and stops on a signal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from tempfile import NamedTemporaryFile
from urllib.request import urlopen

import pytest

from tests.entrypoints.cli.cli_runner import run_cli
from tests.entrypoints.cli.store_cli import StoreCli

BROKER = {"BRUGERBOG_OIDC_ISSUER": "http://127.0.0.1:9", "BRUGERBOG_OIDC_CLIENT_ID": "brugerbog"}
PROGRAM = Path(sys.executable).parent / "brugerbog"
PATIENCE = 30


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def serving(store: str, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    # Into a file: a pipe that nobody empties is full after some hundred log lines, and then stops the server.
    with NamedTemporaryFile("w") as lines, Path(lines.name).open() as read:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--store", store, "--port", str(port), *options],
            env=os.environ | BROKER,
            stderr=lines,
            text=True,
        )
        process.stderr = read
        try:
            yield process
        finally:
            if process.poll() is None:
                # It sees to it that those whom it has started end too.
                process.terminate()
            process.wait(PATIENCE)


def answered(port: int, path: str = "/log-ind") -> str:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Stop a process; return its exit code and its output, from a file or a pipe."""
    process.send_signal(signal.SIGTERM)
    lines = process.stderr
    if lines is None or not lines.seekable():
        _, output = process.communicate(timeout=PATIENCE)
        return process.returncode, output
    process.wait(PATIENCE)
    lines.seek(0)
    return process.returncode, lines.read()


def test_it_serves_until_a_signal(cli: StoreCli) -> None:
    port = free_port()
    with serving(cli.url, port) as process:
        assert "Log ind i MitID Erhverv" in answered(port)
        code, output = stop(process)
    assert code == 0
    assert f"Siderne vises på http://127.0.0.1:{port}" in output
    assert "page=/log-ind" in output
    assert output.rstrip().endswith("Stoppet.")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_on_a_sqlite_store_the_workers_work_is_done_too(cli: StoreCli, processes: str) -> None:
    port = free_port()
    with serving(cli.url, port, "--workers", processes) as process:
        answered(port)
        give_up = time.monotonic() + PATIENCE
        while cli("worker", "--status", quiet=True).code and time.monotonic() < give_up:
            time.sleep(0.2)
        assert cli("worker", "--status").code == 0
        assert '"store":{"status":"pass"}' in answered(port, "/readyz")
        code, output = stop(process)
    assert code == 0
    assert "brugerbog worker" not in output
    assert output.rstrip().endswith("Stoppet.")


def test_several_processes_stop_on_a_signal_during_startup(cli: StoreCli) -> None:
    with serving(cli.url, free_port(), "--workers", "2") as process:
        assert process.stderr is not None
        give_up = time.monotonic() + PATIENCE
        while not (first := process.stderr.readline()) and time.monotonic() < give_up:
            time.sleep(0.01)
        code, output = stop(process)
    assert "Siderne vises" in first
    assert code == 0
    assert output.rstrip().endswith("Stoppet.")


def test_several_processes_share_a_database(postgres_url: str, own_folder: Path) -> None:
    os.environ["BRUGERBOG_MASTER_KEY_FILE"] = str(own_folder / "master.key")
    try:
        run_cli("organisation", "register", "--cvr", "90000001", "--name", "Firma", "--store", postgres_url)
        port = free_port()
        with serving(postgres_url, port, "--workers", "2") as process:
            assert "Log ind i MitID Erhverv" in answered(port)
            code, output = stop(process)
    finally:
        del os.environ["BRUGERBOG_MASTER_KEY_FILE"]
    assert code == 0
    assert "brugerbog worker" in output


def test_a_port_in_use_is_named(cli: StoreCli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BROKER.items():
        monkeypatch.setenv(name, value)
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = cli("serve", "--port", str(port))
    assert answer.code == 2
    assert "Vælg en anden med --port" in answer.err


def test_without_a_broker_it_refuses_to_start_with_a_message(cli: StoreCli) -> None:
    answer = cli("serve")
    assert answer.code == 1
    assert "BRUGERBOG_OIDC_ISSUER" in answer.err


def test_pages_that_others_reach_need_their_address(cli: StoreCli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BROKER.items():
        monkeypatch.setenv(name, value)
    answer = cli("serve", "--host", "0.0.0.0")  # noqa: S104 - it isn't listened at
    assert answer.code == 1
    assert "BRUGERBOG_BASE_URL" in answer.err
