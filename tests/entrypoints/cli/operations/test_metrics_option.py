"""`--metrics`: the numbers of real processes, fetched at an address of their own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from socket import create_server
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.entrypoints.cli.store_cli import Office
from tests.entrypoints.cli.operations.test_serve import PROGRAM, answered, free_port, serving, stop

PATIENCE = 90
"""Three processes begin, and one of them twice."""

LIVEZ = {"page": "/livez", "method": "GET", "status": "2xx"}


def fetched(port: int, name: str, **labels: str) -> float | None:
    text = answered(port, "/metrics")
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    found = [one.value for one in samples if one.name == f"brugerbog_{name}" and one.labels == labels]
    return found[0] if found else None


def until(so: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is so
    give_up = time.monotonic() + PATIENCE
    while not (found := so()):
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return found


class Served:
    """The pages of several processes, where we count what we ask."""

    def __init__(self, port: int, folder: Path, parent: int) -> None:
        self.port = port
        self.folder = folder
        self.parent = parent
        self.asked = 0

    def at_work(self, besides: set[int] = frozenset()) -> set[int]:  # type: ignore[assignment]
        """Those who have answered us, once two of them have."""
        answered(self.port, "/livez")
        self.asked += 1
        (files,) = self.folder.glob("brugerbog-metrics-*")
        counting = {int(file.stem.rpartition("_")[2]) for file in files.glob("counter_*.db")}
        found = counting - {self.parent} - besides
        return found if len(found) == 2 else set()


def test_several_processes_are_told_of_as_one_and_lose_nothing_when_one_is_killed(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("BRUGERBOG_LOG_FORMAT", "json")
    port, metrics_port = free_port(), free_port()
    with serving(office.url, port, "--workers", "2", "--metrics", f"127.0.0.1:{metrics_port}") as process:
        served = Served(port, tmp_path, process.pid)
        first, second = until(served.at_work)
        assert fetched(metrics_port, "http_requests_total", **LIVEZ) == served.asked

        os.kill(first, signal.SIGKILL)
        third = until(lambda: served.at_work({first})) - {second}
        assert third
        assert fetched(metrics_port, "http_requests_total", **LIVEZ) == served.asked
        (folder,) = tmp_path.glob("brugerbog-metrics-*")
        living = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}
        assert first not in living
        assert folder.stat().st_mode & 0o077 == 0
        assert until(lambda: fetched(metrics_port, "turns_total", outcome="done"))
        assert fetched(metrics_port, "store_up") == 1

        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/metrics")
        code, said = stop(process)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert sum(line["event"] == "request" for line in lines) >= served.asked
    assert len(said.splitlines()) - len(lines) == 3, "what is said to people"
    assert (code, list(tmp_path.glob("brugerbog-metrics-*"))) == (0, [])


def test_a_worker_tells_of_itself_and_without_asking_nothing_listens(office: Office) -> None:
    port = free_port()
    arguments = [PROGRAM, "worker", "--store", office.url, "--metrics", f"127.0.0.1:{port}"]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    try:
        assert until(lambda: fetched(port, "turns_total", outcome="done"))
    finally:
        code, _ = stop(process)
    assert code == 0


@pytest.mark.parametrize(
    "at", ["9464", "127.0.0.1:", "127.0.0.1:http", ":9464", "127.0.0.1:0", "127.0.0.1:99999"]
)
def test_an_address_that_is_none_is_refused(office: Office, at: str) -> None:
    answer = office("worker", "--metrics", at)
    assert (answer.code, "Angiv en adresse og en port" in answer.err) == (2, True)


def test_an_address_in_use_is_named(office: Office) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        answer = office("worker", "--metrics", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (answer.code, "Der kan ikke lyttes på den adresse" in answer.err) == (2, True)
