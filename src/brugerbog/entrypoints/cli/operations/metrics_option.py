"""The option `--metrics` of long-running commands: an HTTP server of metrics for Prometheus."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.infrastructure.telemetry.composite_observer import OperationListener
    from brugerbog.infrastructure.telemetry.metrics_server import MetricsEndpoint
    from brugerbog.service import Service

At = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        envvar="BRUGERBOG_METRICS",
        show_envvar=True,
        metavar="HOST:PORT",
        help="Serve Prometheus metrics at this address; default: off.",
    ),
]

_HINT: Final = "--metrics"
_UNREADABLE: Final = "Angiv en adresse og en port, fx 127.0.0.1:9464."
_TAKEN: Final = "Der kan ikke lyttes på den adresse; måske er porten i brug. Vælg en anden."
_NOT_INSTALLED: Final = "Målinger er ikke installeret. Installér dem: pip install 'brugerbog[metrics]'"
_MOST: Final = 65_535


@contextmanager
def serve_metrics(at: str | None, *, several: bool = False) -> Iterator[MetricsEndpoint | None]:
    """Serve metrics at the address, if there is one, while this context is open. Raises: InvalidUsage."""
    if not at:
        yield None
        return
    host, port = _read(at)
    if find_spec("prometheus_client") is None:
        raise InvalidUsage(_NOT_INSTALLED, param_hint=_HINT)
    from brugerbog.infrastructure.telemetry.metrics_server import metrics_endpoint  # noqa: PLC0415 - help must be quick

    with ExitStack() as stack:
        try:
            server = stack.enter_context(metrics_endpoint(host, port, several=several))
        except OSError:
            raise InvalidUsage(_TAKEN, param_hint=_HINT) from None
        yield server


def listeners_for(server: MetricsEndpoint | None) -> list[OperationListener]:
    """Return the listeners with which to open the service."""
    return [] if server is None else [server.metrics]


def add_store_metrics(server: MetricsEndpoint | None, service: Service) -> None:
    """Add the metrics of the opened store."""
    if server is not None:
        server.show(service.store_statistics, service.log.backend.connections)


def _read(at: str) -> tuple[str, int]:
    host, _, port = at.strip().rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or not 1 <= int(port) <= _MOST:
        raise InvalidUsage(_UNREADABLE, param_hint=_HINT)
    return host.strip("[]"), int(port)
