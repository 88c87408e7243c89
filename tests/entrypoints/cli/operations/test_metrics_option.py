"""`--metrics`: the metrics of real processes, fetched from their own address."""

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

from tests.entrypoints.cli.operations.test_serve import PROGRAM, answered, free_port, serving, stop
from tests.entrypoints.cli.store_cli import StoreCli

PATIENCE = 90
"""Seconds; three processes start, one of them twice."""

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
    """The pages of several processes, with a count of our requests."""

    def __init__(self, port: int, folder: Path, parent: int) -> None:
        self.port = port
        self.folder = folder
        self.parent = parent
        self.request_count = 0

    def at_work(self, besides: set[int] = frozenset()) -> set[int]:  # type: ignore[assignment]
        """Return the processes that have answered, after at least two have."""
        answered(self.port, "/livez")
        self.request_count += 1
        (files,) = self.folder.glob("brugerbog-metrics-*")
        counting = {int(file.stem.rpartition("_")[2]) for file in files.glob("counter_*.db")}
        found = counting - {self.parent} - besides
        return found if len(found) == 2 else set()


def test_metrics_of_several_processes_are_summed_and_survive_a_killed_process(
    cli: StoreCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("BRUGERBOG_LOG_FORMAT", "json")
    port, metrics_port = free_port(), free_port()
    with serving(cli.url, port, "--workers", "2", "--metrics", f"127.0.0.1:{metrics_port}") as process:
        served = Served(port, tmp_path, process.pid)
        first, second = until(served.at_work)
        assert fetched(metrics_port, "http_requests_total", **LIVEZ) == served.request_count

        os.kill(first, signal.SIGKILL)
        third = until(lambda: served.at_work({first})) - {second}
        assert third
        assert fetched(metrics_port, "http_requests_total", **LIVEZ) == served.request_count
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
    assert sum(line["event"] == "request" for line in lines) >= served.request_count
    assert len(said.splitlines()) - len(lines) == 3, "what is said to people"
    assert (code, list(tmp_path.glob("brugerbog-metrics-*"))) == (0, [])


def test_a_worker_serves_metrics_only_with_the_option(cli: StoreCli) -> None:
    port = free_port()
    arguments = [PROGRAM, "worker", "--store", cli.url, "--metrics", f"127.0.0.1:{port}"]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    try:
        assert until(lambda: fetched(port, "turns_total", outcome="done"))
    finally:
        code, _ = stop(process)
    assert code == 0


@pytest.mark.parametrize(
    "at", ["9464", "127.0.0.1:", "127.0.0.1:http", ":9464", "127.0.0.1:0", "127.0.0.1:99999"]
)
def test_an_address_that_is_none_is_refused(cli: StoreCli, at: str) -> None:
    answer = cli("worker", "--metrics", at)
    assert (answer.code, "Angiv en adresse og en port" in answer.err) == (2, True)


def test_an_address_in_use_is_named(cli: StoreCli) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        answer = cli("worker", "--metrics", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (answer.code, "Der kan ikke lyttes på den adresse" in answer.err) == (2, True)
