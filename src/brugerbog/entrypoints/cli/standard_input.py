"""Secrets and CPR numbers from a prompt or standard input: arguments are visible to other processes."""

from __future__ import annotations

import sys
from typing import Final

import typer

from brugerbog.entrypoints.cli.values import InvalidUsage

_LONGEST_LINE: Final = 10_000


def prompt_or_read_line(what: str, *, hidden: bool = True) -> str:
    """Prompt on a terminal, else read the next line of standard input; `what` is its Danish name."""
    if sys.stdin is not None and sys.stdin.isatty():
        result: str = typer.prompt(what[0].upper() + what[1:], hide_input=hidden, err=True)
        return result
    return read_line(what)


def read_line(what: str) -> str:
    """Read the next line of standard input."""
    try:
        read = "" if sys.stdin is None else sys.stdin.readline(_LONGEST_LINE).strip()
    except ValueError:
        raise InvalidUsage("Det, der kom på standard input, er ikke tekst i UTF-8.") from None
    if not read:
        raise InvalidUsage(f"Der kom ingen linje med {what} på standard input.")
    return read


def read_cpr_number(*, from_stdin: bool, ask: bool) -> str | None:
    """Read a CPR number from standard input or, with `ask`, prompt on a terminal; None without either."""
    if from_stdin:
        return read_line("CPR-nummer")
    if not ask:
        return None
    if sys.stdin is None or not sys.stdin.isatty():
        raise InvalidUsage("Angiv CPR-nummeret med --cpr-stdin, eller fødselsdatoen med --date-of-birth.")
    return prompt_or_read_line("CPR-nummer")
