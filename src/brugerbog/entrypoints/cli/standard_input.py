"""Reads secrets and CPR numbers from a prompt or standard input: arguments are visible to other processes."""

from __future__ import annotations

import sys
from typing import Final

import typer

from brugerbog.entrypoints.cli.values import InvalidUsage

_LONGEST_LINE: Final = 10_000


def prompt_or_read_line(danish_name: str, *, hidden: bool = True) -> str:
    """Return the answer to a prompt on a terminal, else the next line of standard input.

    `danish_name` names the value in the prompt and in the error. Raises: InvalidUsage.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        result: str = typer.prompt(danish_name[0].upper() + danish_name[1:], hide_input=hidden, err=True)
        return result
    return read_line(danish_name)


def read_line(danish_name: str) -> str:
    """Return the next line of standard input, stripped. Raises: InvalidUsage, if the line is empty."""
    try:
        line = "" if sys.stdin is None else sys.stdin.readline(_LONGEST_LINE).strip()
    except ValueError:
        raise InvalidUsage("Det, der kom på standard input, er ikke tekst i UTF-8.") from None
    if not line:
        raise InvalidUsage(f"Der kom ingen linje med {danish_name} på standard input.")
    return line


def read_cpr_number(*, from_stdin: bool, ask: bool) -> str | None:
    """Read a CPR number from standard input or, with `ask`, from a prompt; return None with neither.

    Raises: InvalidUsage, if the prompt has no terminal.
    """
    if from_stdin:
        return read_line("CPR-nummer")
    if not ask:
        return None
    if sys.stdin is None or not sys.stdin.isatty():
        raise InvalidUsage("Angiv CPR-nummeret med --cpr-stdin, eller fødselsdatoen med --date-of-birth.")
    return prompt_or_read_line("CPR-nummer")
