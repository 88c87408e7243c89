"""`brugerbog serve`: the web pages and APIs, from one process or several."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.operations import metrics_option
from brugerbog.entrypoints.cli.output import print_message
from brugerbog.entrypoints.cli.stop_signals import stop_on_signal
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from brugerbog.infrastructure.telemetry.composite_observer import OperationListener
    from brugerbog.service import Service

_PORT_TAKEN: Final = "Der kan ikke lyttes på den adresse; måske er porten i brug. Vælg en anden med --port."
_NOT_INSTALLED: Final = "Siderne er ikke installeret. Installér dem: pip install 'brugerbog[web]'"
_PLAIN: Final = "Designsystemet mangler, så siderne vises med et enkelt udseende. Hent det: make assets"
_NO_MAIL: Final = "Mails venter: angiv en mailserver (BRUGERBOG_SMTP_URL) eller en mappe (BRUGERBOG_OUTBOX)."
_WORKER_APART: Final = "Det, der forfalder, og mails klares af en worker. Start en: brugerbog worker"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "serve")(serve)


def serve(
    context: CliContext,
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="The number of processes.")] = 1,
    metrics_at: metrics_option.At = None,
) -> None:
    """Serve the web pages until stopped. On a SQLite store, the worker runs in the same process."""
    require_web_pages()
    from brugerbog.entrypoints.server import serving  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.telemetry.log_output import configure_logging  # noqa: PLC0415 - as above

    context.require_operator()
    with (
        stop_on_signal() as stop,
        metrics_option.serve_metrics(metrics_at, several=workers > 1) as server,
        _open_service(context, metrics_option.listeners_for(server)) as service,
    ):
        settings = serving.settings_for(host, port)
        try:
            listening = serving.listen(host, port)
        except OSError:
            raise InvalidUsage(_PORT_TAKEN, param_hint="--port") from None
        configure_logging(level=logging.INFO)
        metrics_option.add_store_metrics(server, service)
        _print_startup(service, settings.base_url)
        if service.is_embedded:
            service.scheduler.start()
        if workers == 1:
            app = serving.application_with_broker(service, settings)
            serving.serve(app, settings, listening, stop)
        else:
            with listening:
                factory = serving.ApplicationFactory(
                    context.store, host, port, server.folder if server else None
                )
                serving.serve_with_processes(factory, settings, listening, workers, stop)
    print_message("Stoppet.")


def require_web_pages() -> None:
    """Raise InvalidUsage if the package was installed without the web pages."""
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise InvalidUsage(_NOT_INSTALLED)


def _open_service(context: CliContext, watchers: list[OperationListener]) -> Service:
    from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

    return open_service(context.store, create=False, catches_up=False, watchers=watchers)


def _print_startup(service: Service, address: str) -> None:
    from brugerbog.entrypoints.server import serving  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.settings import mail_settings  # noqa: PLC0415 - as above

    print_message(f"Siderne vises på {address}. Stop med Ctrl+C.")
    if not serving.has_design_system():
        print_message(_PLAIN)
    if service.is_embedded and mail_settings() is None:
        print_message(_NO_MAIL)
    if not service.is_embedded:
        print_message(_WORKER_APART)
