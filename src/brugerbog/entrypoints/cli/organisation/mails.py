"""`brugerbog mail`: the state of the organisation's mails, and retrying one."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.choices import MailState
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.values import parse_id
from brugerbog.entrypoints.presentation.words import MAIL_STATES, danish_time

app = typer.Typer(help="List mails by state, and retry one.", no_args_is_help=True)

_KINDS: Final = {
    "activation": "Aktivering",
    "activation_resent": "Aktivering, gensendt",
    "means_assigned": "Identifikationsmidler",
    "role_given": "Rolle givet",
    "role_taken": "Rolle frataget",
    "anonymity_asked": "Anmodning om anonymitet",
    "anonymity_declined": "Svar om anonymitet",
    "cpr_limit_met": "Mange CPR-numre set",
    "code_voided": "Kode spærret",
}


@subcommand(app, "list")
def list_mails(
    context: CliContext,
    *,
    state: Annotated[MailState | None, typer.Option(help="Only mails in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most mails of each state.")] = 100,
) -> None:
    """List mails by state (waiting, claimed, sent, dead), oldest first."""
    from brugerbog.application.mail import outbox  # noqa: PLC0415 - help must be quick

    states = [outbox.MailState(state.value)] if state else list(outbox.MailState)
    with context.as_actor() as (service, actor):
        mails = [one for each in states for one in service.queries.mails(actor, each, limit=limit)]
        counts = service.queries.mail_counts(actor)
    if context.as_json:
        print_json({"mails": mails, "counts": counts})
        return
    rows = (
        (
            one.id,
            _KINDS.get(one.kind, one.kind),
            MAIL_STATES[one.state],
            danish_time(one.created_at),
            one.attempts,
            one.code,
            one.recipient,
        )
        for one in mails
    )
    print_data(table(("UUID", "Mail", "Tilstand", "Bestilt", "Forsøg", "Kode", "Til bruger"), rows))
    context.print_message(", ".join(f"{MAIL_STATES[one]}: {many}" for one, many in counts.items()))


@subcommand(app, "retry")
def retry(
    context: CliContext,
    mail_id: Annotated[UUID, typer.Argument(parser=parse_id, metavar="ID", help="The mail's UUID.")],
) -> None:
    """Retry a mail that failed or waits, starting over now."""
    with context.as_actor() as (service, actor):
        service.queries.retry_mail(actor, mail_id)
    if context.as_json:
        print_json({"id": mail_id, "state": "waiting"})
    else:
        context.print_message("Mailen bliver forsøgt sendt igen ved workerens næste tur.")
