"""`brugerbog audit log`, `at`, `diff` and `replay`: the audit log, past states and differences."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.audit.integrity import add_to
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json
from brugerbog.entrypoints.cli.time_options import From, To
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_id, parse_instant
from brugerbog.entrypoints.presentation.days import begin, end
from brugerbog.entrypoints.presentation.spreadsheets import spreadsheet

app = typer.Typer(help="Read the audit log and past states, and verify the log.", no_args_is_help=True)

Instant = Annotated[
    datetime, typer.Argument(parser=parse_instant, metavar="INSTANT", help="ISO 8601 with offset.")
]


@subcommand(app, "log")
def log(
    context: CliContext,
    *,
    user: Annotated[
        UUID | None, typer.Option(parser=parse_id, metavar="ID", help="The subject: a user's UUID.")
    ] = None,
    actor: Annotated[
        UUID | None, typer.Option(parser=parse_id, metavar="ID", help="The actor: a user's UUID.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="One kind of event, such as `user.created`.")] = None,
    since: From = None,
    until: To = None,
    correlation_id: Annotated[
        UUID | None, typer.Option(parser=parse_id, metavar="UUID", help="Events of one larger operation.")
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(help="Beginnings of words of a name, an e-mail or the Danish kind of event."),
    ] = None,
    with_activities: Annotated[
        bool, typer.Option("--with-activities", help="Include activities reported by services.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries per page.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="The key of the next page.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for a Danish spreadsheet.")] = False,
) -> None:
    """Show the audit log, newest first; the reading is recorded."""
    from brugerbog.application.queries.audit.search import AuditLogQuery  # noqa: PLC0415 - help must be quick
    from brugerbog.entrypoints.cli.audit.tables import HEADINGS, log_rows, log_table  # noqa: PLC0415 - as above

    if as_csv and context.as_json:
        raise InvalidUsage("Vælg enten --csv eller --json.")
    question = AuditLogQuery(
        about=user,
        by=actor,
        kind=kind,
        since=begin(since),
        until=end(until),
        correlation_id=correlation_id,
        words=words,
        with_activities=with_activities,
        limit=limit,
        after=after,
    )
    with context.as_actor() as (service, reader):
        page = service.queries.audit_log(reader, question)
    if context.as_json:
        print_json(page)
        return
    if as_csv:
        sys.stdout.buffer.write(spreadsheet(HEADINGS, log_rows(page.entries)))
    else:
        print_data(log_table(page.entries))
    if not page.entries:
        context.print_message("Ingen hændelser fundet.")
    if page.next:
        context.print_message(f"Der er flere: --after {page.next}")


@subcommand(app, "at")
def at(context: CliContext, instant: Instant) -> None:
    """Show the state of the organisation at an instant; with --json including all users."""
    from brugerbog.entrypoints.cli.audit.tables import state_tables  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, reader):
        state = service.queries.state_at(reader, instant, everybody=context.as_json)
    if context.as_json:
        print_json(state)
    else:
        print_data(*state_tables(state))


@subcommand(app, "diff")
def diff(context: CliContext, earlier: Instant, later: Instant) -> None:
    """Show the differences between two instants: users who came or left, and changed attributes."""
    from brugerbog.entrypoints.cli.audit.tables import difference_table  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, reader):
        difference = service.queries.difference(reader, earlier, later)
    if context.as_json:
        print_json(difference)
    else:
        print_data(difference_table(difference))


@subcommand(app, "replay")
def replay(context: CliContext) -> None:
    """Rebuild every read table from the log and compare; exit code 1 if any differs."""
    from brugerbog.entrypoints.cli.operations.projection_comparison import (  # noqa: PLC0415 - help must be quick
        compare_all_tables,
        print_comparisons,
    )

    with context.as_operator() as service:
        found = compare_all_tables(service)
    print_comparisons(context, found, speed=True)


add_to(app)
