"""The program `brugerbog`: the command line, with the demo added.

The demo imports the entry points, so no entry point imports the demo; this module composes the two.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from brugerbog.demo.command import add_to
from brugerbog.entrypoints.cli import main as cli

if TYPE_CHECKING:
    from typing import Any, NoReturn


@cache
def commands() -> Any:  # noqa: ANN401 - typer's copy of a click command
    """Build all commands, the demo included."""
    add_to(cli.app, run)
    return cli.commands()


def run(arguments: list[str]) -> int:
    """Run one call, and return its exit code."""
    commands()
    return cli.run(arguments)


def main() -> NoReturn:
    """Run one call, and exit with its exit code."""
    commands()
    cli.main()


if __name__ == "__main__":
    main()
