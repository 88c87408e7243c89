"""`brugerbog worker`: the work that nobody asks for, once or until it is stopped, and whether it is done."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from brugerbog.entrypoints.cli.context import Call, subcommand
from brugerbog.entrypoints.cli.operations import metrics_option
from brugerbog.entrypoints.cli.output import print_json, say, table, write
from brugerbog.entrypoints.cli.stop_signals import told_to_stop
from brugerbog.entrypoints.cli.values import Misuse
from brugerbog.entrypoints.presentation.words import MAIL_STATES, danish_time, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.background.worker import WorkerRun
    from brugerbog.service import Service

_FAILED: Final = 1
_MISSED_TURNS: Final = 3
_MAILS_WAIT: Final = (
    "Mails venter: angiv en mailserver (BRUGERBOG_SMTP_URL) eller en mappe (BRUGERBOG_OUTBOX)."
)
_NOBODY_WORKS: Final = "Ingen worker er i arbejde. Start en: brugerbog worker"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    subcommand(app, "worker")(worker)


def worker(
    call: Call,
    *,
    once: Annotated[bool, typer.Option("--once", help="Take one turn and stop.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Tell whether anybody is at work; exits with 1 if not.")
    ] = False,
    seconds: Annotated[
        int, typer.Option(min=1, max=86_400, help="How often to take a turn, or how often one is expected.")
    ] = 10,
    metrics_at: metrics_option.At = None,
) -> None:
    """Record what falls due and send mails: now and every few seconds, until stopped."""
    if once and status:
        raise Misuse("Vælg enten --once eller --status.")
    if once or status:
        with call.operating() as service:
            if status:
                _tell_status(call, service, seconds)
            else:
                _tell_turn(call, service.worker.run_once())
        return
    call.must_operate()
    with (
        metrics_option.measured(metrics_at) as shown,
        call.operating(watchers=metrics_option.watchers_of(shown)) as service,
    ):
        metrics_option.show(shown, service)
        _work(call, service, seconds)


def _tell_turn(call: Call, turn: WorkerRun) -> None:
    if turn.alarm is not None:
        raise turn.alarm
    if call.as_json:
        document = {"at": turn.at, "position": turn.position, "due": turn.due, "mail": turn.mail}
        print_json(document | {"left_some": turn.left_some})
        return
    told = f"Læst til position {turn.position} · {turn.due} forfaldne ting registreret"
    if turn.mail is None:
        write(told)
        say(_MAILS_WAIT)
        return
    mail = turn.mail
    write(
        f"{told} · mails: {mail.sent} sendt, {mail.delayed} udsat, {mail.dead} opgivet, "
        f"{mail.dropped} bortfaldet"
    )
    if turn.left_some:
        say("Flere mails venter. Tag en tur til.")
    if mail.unreached:
        say("Mailserveren kan ikke nås lige nu. Mails forsøges sendt igen senere.")


def _work(call: Call, service: Service, seconds: int) -> None:
    """Take turns until somebody says stop; the turn that is being taken comes to its end."""
    from brugerbog.infrastructure.background.scheduler import WorkerScheduler  # noqa: PLC0415 - help must be quick
    from brugerbog.infrastructure.telemetry.log_output import configure_logging  # noqa: PLC0415 - as above

    configure_logging(level=logging.INFO)

    # That a turn takes longer than the time between two is no fault.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    with told_to_stop() as stop:
        # The first turn is taken here, so that what is set wrong is answered instead of logged for ever.
        turn = service.worker.run_once()
        call.say(f"Arbejder nu og hvert {seconds}. sekund. Stop med Ctrl+C.")
        if turn.mail is None:
            call.say(_MAILS_WAIT)
        clock = WorkerScheduler(service.worker, seconds)
        if not stop.is_set():
            clock.start()
            stop.wait()
            clock.stop()
    if call.as_json:
        print_json({"stopped_at": service.queries.now()})
    call.say("Stoppet.")


def _tell_status(call: Call, service: Service, seconds: int) -> None:
    now = service.queries.now()
    last = service.heartbeat.last(now)
    at_work = last is not None and (now - last).total_seconds() <= _MISSED_TURNS * seconds
    counts = _all_mails(service)
    if call.as_json:
        document: dict[str, Any] = {"last_turn_at": last, "at_work": at_work, "mail": counts}
        if not at_work:
            document["error"] = {"code": "no_worker", "message": _NOBODY_WORKS}
        print_json(document)
    else:
        rows = [("Seneste tur", danish_time(last) if last else "aldrig"), ("I arbejde", yes_or_no(at_work))]
        rows += [(f"Mails: {MAIL_STATES[state]}", str(many)) for state, many in counts.items()]
        write(table(("Hvad", "Værdi"), rows))
        if not at_work:
            say(f"Fejl: {_NOBODY_WORKS}")
    if not at_work:
        raise typer.Exit(_FAILED)


def _all_mails(service: Service) -> Mapping[str, int]:
    """How many mails there are in each state, in all organisations."""
    from brugerbog.application.actors import operator  # noqa: PLC0415 - help must be quick

    counts = Counter[str]()
    for organisation_id in service.log.organisation_ids():
        counts.update({str(state): many for state, many in
                       service.queries.mail_counts(operator(organisation_id)).items()})  # fmt: skip
    return {state: counts[state] for state in MAIL_STATES}
