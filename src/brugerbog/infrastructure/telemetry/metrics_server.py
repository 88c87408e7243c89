"""Serves the numbers of one process, or of several together, at an address of their own."""

from __future__ import annotations

import os
import struct
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import CollectorRegistry, Metric

    from brugerbog.infrastructure.database.connections import ConnectionsInUse
    from brugerbog.infrastructure.telemetry.metrics import Metrics
    from brugerbog.infrastructure.telemetry.store_statistics import StoreStatistics

_IN_FILES: Final = "PROMETHEUS_MULTIPROC_DIR"
"""What the library looks at, once and when it is loaded, to know whether numbers are kept in files that
outlive their process. So nothing here loads it too early; nor where it isn't installed.
"""

_READS: Final = 3


class Scraped:
    """What is served: the numbers of `metrics`, and of the store once it is known."""

    def __init__(self, registry: CollectorRegistry, metrics: Metrics, folder: Path | None) -> None:
        self.metrics = metrics
        self.folder = folder
        self._registry = registry

    def show(self, read: Callable[[], StoreStatistics], in_use: ConnectionsInUse) -> None:
        """Tell of an opened store too."""
        from brugerbog.infrastructure.telemetry.store_gauges import StoreGauges  # noqa: PLC0415 - see `_IN_FILES`

        self.metrics.look_at(in_use)
        self._registry.register(StoreGauges(read))


@contextmanager
def scraped(host: str, port: int, *, several: bool) -> Iterator[Scraped]:
    """Serve numbers until the end; `several` processes keep theirs in a folder that only this user reads.

    Raises: OSError, when the address can't be had.
    """
    if not several:
        yield from _serving(host, port, None)
        return
    with tempfile.TemporaryDirectory(prefix="brugerbog-metrics-") as folder:
        yield from _serving(host, port, Path(folder))


def metrics_in(folder: Path) -> Metrics:
    """The numbers of this process, one of several; what it has counted stays when it dies."""
    os.environ[_IN_FILES] = str(folder)
    from brugerbog.infrastructure.telemetry.metrics import Metrics  # noqa: PLC0415 - see `_IN_FILES`

    return Metrics(None)


def _serving(host: str, port: int, folder: Path | None) -> Iterator[Scraped]:
    metrics = None if folder is None else metrics_in(folder)
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - see `_IN_FILES`

    from brugerbog.infrastructure.telemetry.metrics import Metrics  # noqa: PLC0415 - as above

    registry = CollectorRegistry(auto_describe=False)
    if folder is not None:
        registry.register(_OfAll(folder))
    server, thread = start_http_server(port, host, registry)
    try:
        yield Scraped(registry, metrics or Metrics(registry), folder)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _OfAll:
    """The numbers of all processes that there are and, but for gauges, that there were."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        from prometheus_client import multiprocess  # noqa: PLC0415 - as above

        files: Any = multiprocess
        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not _lives(pid):
                with suppress(FileNotFoundError):
                    files.mark_process_dead(pid, str(self._folder))
        for _ in range(_READS):
            # A process that is just beginning has a file with nothing in it yet.
            with suppress(struct.error, FileNotFoundError):
                return list(files.MultiProcessCollector(None, str(self._folder)).collect())
        return []


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
