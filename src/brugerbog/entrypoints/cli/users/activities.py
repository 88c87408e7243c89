"""`brugerbog activities record`: users' activities as services report them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import uuid5

import typer

from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table
from brugerbog.entrypoints.cli.users.activity_lines import LineError, errors_of, read_lines
from brugerbog.entrypoints.cli.values import InvalidUsage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from brugerbog.application.commands.activities import ActivityOutcome
    from brugerbog.application.commands.activity_report import ActivityReport

    Line = tuple[int, ActivityReport | list[LineError]]

app = typer.Typer(help="Record users' activities at services.", no_args_is_help=True)

_BATCH_SIZE: Final = 1000
_SOME_REFUSED: Final = 3
_MOST_SHOWN: Final = 50


@dataclass(slots=True)
class ActivitiesSummary:
    """The outcome of all lines; `errors` are the reasons of refused lines, in order."""

    lines: int = 0
    recorded: int = 0
    already_recorded: int = 0
    refused: int = 0
    errors: list[LineError] = field(default_factory=list)

    def enter(self, lines: Sequence[Line], outcomes: Sequence[ActivityOutcome]) -> None:
        """Count a batch; there is an outcome for each line that could be read."""
        self.lines += len(lines)
        remaining = iter(outcomes)
        for number, read in lines:
            errors = read if isinstance(read, list) else None
            if errors is None:
                outcome = next(remaining)
                self.recorded += outcome.outcome == "recorded"
                self.already_recorded += outcome.outcome == "already_recorded"
                errors = errors_of(number, outcome.refusal) if outcome.refusal else []
            self.refused += bool(errors)
            self.errors += errors


@subcommand(app, "record")
def record(
    context: CliContext,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="One JSON object a line; - for standard input.")
    ],
    *,
    reporter: Annotated[str, typer.Option(metavar="NAME", help="A short, constant name of the reporter.")],
) -> None:
    """Record activities, each once; exit code 3 if at least one line was refused."""
    receipt = ActivitiesSummary()
    with context.as_actor() as (service, actor), _open_input(file) as source:
        lines = read_lines(source)
        batch, step = list(islice(lines, _BATCH_SIZE)), 0
        while batch or step == 0:
            reports = [read for _, read in batch if not isinstance(read, list)]
            command_id = context.command_id and uuid5(context.command_id, str(step))
            made = service.administration.record_activities(actor, reporter, reports, command_id=command_id)
            receipt.enter(batch, made.outcomes)
            batch, step = list(islice(lines, _BATCH_SIZE)), step + 1
    if context.as_json:
        print_json(receipt)
    else:
        _print(receipt)
    if receipt.refused:
        raise typer.Exit(_SOME_REFUSED)


@contextmanager
def _open_input(file: Path) -> Iterator[BinaryIO]:
    from brugerbog.application.commands.imports.file_refusals import (  # noqa: PLC0415 - help must be quick
        FileUnreadable,
    )

    if str(file) == "-":
        if sys.stdin is None:
            raise InvalidUsage("Der er intet standard input at læse fra.")
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except (OSError, ValueError):
        raise FileUnreadable from None
    with source:
        yield source


def _print(receipt: ActivitiesSummary) -> None:
    print_data(
        f"Kvittering: {receipt.lines} linjer · {receipt.recorded} registreret · "
        f"{receipt.already_recorded} allerede registreret · {receipt.refused} afvist"
    )
    if receipt.errors:
        rows = [(one.line, one.field, one.message) for one in receipt.errors[:_MOST_SHOWN]]
        print_data(table(("Linje", "Felt", "Hvorfor, og hvad der skal gøres"), rows))
    if len(receipt.errors) > _MOST_SHOWN:
        print_message(f"… og {len(receipt.errors) - _MOST_SHOWN} fejl mere. Få dem alle med --json.")
