"""`brugerbog worker`: background work, once or repeatedly, and the status of the worker."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.operations import metrics_option
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table
from brugerbog.entrypoints.cli.stop_signals import stop_on_signal
from brugerbog.entrypoints.cli.values import InvalidUsage
from brugerbog.entrypoints.presentation.words import MAIL_STATES, danish_time, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.background.worker import WorkerRun
    from brugerbog.service import Service

_FAILED: Final = 1
_MISSED_RUNS: Final = 3
_MAILS_WAIT: Final = (
    "Mails venter: angiv en mailserver (BRUGERBOG_SMTP_URL) eller en mappe (BRUGERBOG_OUTBOX)."
)
_NO_WORKER: Final = "Ingen worker er i arbejde. Start en: brugerbog worker"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "worker")(worker)


def worker(
    context: CliContext,
    *,
    once: Annotated[bool, typer.Option("--once", help="Run once and stop.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show whether a worker is running; exit code 1 if not.")
    ] = False,
    seconds: Annotated[
        int, typer.Option(min=1, max=86_400, help="Interval between runs, or expected by --status.")
    ] = 10,
    metrics_at: metrics_option.At = None,
) -> None:
    """Record due events and send mails: now and every few seconds, until stopped."""
    if once and status:
        raise InvalidUsage("Vælg enten --once eller --status.")
    if once or status:
        with context.as_operator() as service:
            if status:
                _print_status(context, service, seconds)
            else:
                _print_run(context, service.worker.run_once())
        return
    context.require_operator()
    with (
        metrics_option.serve_metrics(metrics_at) as server,
        context.as_operator(watchers=metrics_option.listeners_for(server)) as service,
    ):
        metrics_option.add_store_metrics(server, service)
        _run_until_stopped(context, service, seconds)


def _print_run(context: CliContext, run: WorkerRun) -> None:
    if run.alarm is not None:
        raise run.alarm
    if context.as_json:
        document = {"at": run.at, "position": run.position, "due": run.due, "mail": run.mail}
        print_json(document | {"left_some": run.has_more_mails})
        return
    summary = f"Læst til position {run.position} · {run.due} forfaldne ting registreret"
    if run.mail is None:
        print_data(summary)
        print_message(_MAILS_WAIT)
        return
    mail = run.mail
    print_data(
        f"{summary} · mails: {mail.sent} sendt, {mail.delayed} udsat, {mail.dead} opgivet, "
        f"{mail.dropped} bortfaldet"
    )
    if run.has_more_mails:
        print_message("Flere mails venter. Tag en tur til.")
    if mail.unreached:
        print_message("Mailserveren kan ikke nås lige nu. Mails forsøges sendt igen senere.")


def _run_until_stopped(context: CliContext, service: Service, seconds: int) -> None:
    """Run repeatedly until a stop signal; the current run is completed."""
    from brugerbog.infrastructure.background.scheduler import WorkerScheduler  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.telemetry.log_output import configure_logging  # noqa: PLC0415 - as above

    configure_logging(level=logging.INFO)

    # A run may take longer than the interval; apscheduler would log that as a warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    with stop_on_signal() as stop:
        # The first run is made here: a wrong setting ends the command instead of being logged forever.
        run = service.worker.run_once()
        context.print_message(f"Arbejder nu og hvert {seconds}. sekund. Stop med Ctrl+C.")
        if run.mail is None:
            context.print_message(_MAILS_WAIT)
        scheduler = WorkerScheduler(service.worker, seconds)
        if not stop.is_set():
            scheduler.start()
            stop.wait()
            scheduler.stop()
    if context.as_json:
        print_json({"stopped_at": service.queries.now()})
    context.print_message("Stoppet.")


def _print_status(context: CliContext, service: Service, seconds: int) -> None:
    now = service.queries.now()
    last = service.heartbeat.last(now)
    is_working = last is not None and (now - last).total_seconds() <= _MISSED_RUNS * seconds
    counts = _all_mails(service)
    if context.as_json:
        document: dict[str, Any] = {"last_turn_at": last, "at_work": is_working, "mail": counts}
        if not is_working:
            document["error"] = {"code": "no_worker", "message": _NO_WORKER}
        print_json(document)
    else:
        rows = [
            ("Seneste tur", danish_time(last) if last else "aldrig"),
            ("I arbejde", yes_or_no(is_working)),
        ]
        rows += [(f"Mails: {MAIL_STATES[state]}", str(many)) for state, many in counts.items()]
        print_data(table(("Hvad", "Værdi"), rows))
        if not is_working:
            print_message(f"Fejl: {_NO_WORKER}")
    if not is_working:
        raise typer.Exit(_FAILED)


def _all_mails(service: Service) -> Mapping[str, int]:
    """Count the mails of all organisations in each state."""
    from brugerbog.application.actors import operator  # noqa: PLC0415 - help must be quick

    counts = Counter[str]()
    for organisation_id in service.log.organisation_ids():
        counts.update({str(state): many for state, many in
                       service.queries.mail_counts(operator(organisation_id)).items()})  # fmt: skip
    return {state: counts[state] for state in MAIL_STATES}
