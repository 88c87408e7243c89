"""An HTTP endpoint with the metrics of one process, or of several together."""

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

_MULTIPROCESS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the library, read once on its import, for values in files that outlive their process.

So nothing here imports the library too early; nor where it isn't installed.
"""

_READS: Final = 3


class MetricsEndpoint:
    """The metrics being served: those of `metrics`, and of the store once it is open."""

    def __init__(self, registry: CollectorRegistry, metrics: Metrics, folder: Path | None) -> None:
        self.metrics = metrics
        self.folder = folder
        self._registry = registry

    def show(self, read: Callable[[], StoreStatistics], in_use: ConnectionsInUse) -> None:
        """Serve the metrics of an opened store too."""
        from brugerbog.infrastructure.telemetry.store_gauges import StoreGauges  # noqa: PLC0415 - see `_MULTIPROCESS_VARIABLE`

        self.metrics.observe_connections(in_use)
        self._registry.register(StoreGauges(read))


@contextmanager
def metrics_endpoint(host: str, port: int, *, several: bool) -> Iterator[MetricsEndpoint]:
    """Serve metrics until the end of the block.

    `several` processes keep theirs in a folder that only this account reads. Raises: OSError, when the
    address isn't available.
    """
    if not several:
        yield from _serving(host, port, None)
        return
    with tempfile.TemporaryDirectory(prefix="brugerbog-metrics-") as folder:
        yield from _serving(host, port, Path(folder))


def metrics_in_folder(folder: Path) -> Metrics:
    """The metrics of this process, one of several; its counts stay when it ends."""
    os.environ[_MULTIPROCESS_VARIABLE] = str(folder)
    from brugerbog.infrastructure.telemetry.metrics import Metrics  # noqa: PLC0415 - see `_MULTIPROCESS_VARIABLE`

    return Metrics(None)


def _serving(host: str, port: int, folder: Path | None) -> Iterator[MetricsEndpoint]:
    metrics = None if folder is None else metrics_in_folder(folder)
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - see `_MULTIPROCESS_VARIABLE`

    from brugerbog.infrastructure.telemetry.metrics import Metrics  # noqa: PLC0415 - as above

    registry = CollectorRegistry(auto_describe=False)
    if folder is not None:
        registry.register(_MultiProcessMetrics(folder))
    server, thread = start_http_server(port, host, registry)
    try:
        yield MetricsEndpoint(registry, metrics or Metrics(registry), folder)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _MultiProcessMetrics:
    """The metrics of all processes, running and ended; gauges of running ones only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        from prometheus_client import multiprocess  # noqa: PLC0415 - as above

        files: Any = multiprocess
        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not _is_alive(pid):
                with suppress(FileNotFoundError):
                    files.mark_process_dead(pid, str(self._folder))
        for _ in range(_READS):
            # A process that is just starting has an empty file.
            with suppress(struct.error, FileNotFoundError):
                return list(files.MultiProcessCollector(None, str(self._folder)).collect())
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
